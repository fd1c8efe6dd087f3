import { valueOf } from '../report/targets.mjs';

/** How often a case may be measured before it counts as too slow: a loaded machine has bad moments. */
export const ATTEMPTS = 3;

/**
 * @typedef {object} Check
 * @property {string} case
 * @property {'cpu' | 'bytes'} metric
 * @property {string} against a participant, or of ours the name of another case
 * @property {number} recorded the value when the floor was set
 * @property {number} floor the least that it may be
 */

/**
 * Measures until a check holds, or no attempt is left.
 *
 * @param {Check} check
 * @param {(name: string) => Promise<any>} measure measures a case, again each time
 * @returns {Promise<{ check: Check, values: number[], holds: boolean }>} the value of each attempt
 */
export async function judge(check, measure) {
  const values = [];
  while (values.length < ATTEMPTS) {
    const results = [await measure(check.case)];
    if (results[0].figures[check.against] === undefined) results.push(await measure(check.against));
    const value = valueOf(check, results);
    if (value === undefined) throw new Error(`${check.case}: nothing to compare with: ${check.against}`);
    values.push(value);
    if (value >= check.floor) return { check, values, holds: true };
  }
  return { check, values, holds: false };
}

/** Part of the recorded value that must stay. */
const KEPT = 0.75;
/** A "must" is held from here on: nearer to it, noise alone would break it. */
const ROOM = 1.25;

/**
 * @param {number} recorded
 * @param {number} must
 * @param {boolean} isGrowth ours at one size against ours at another: more than 1 is chance
 */
export function floorOf(recorded, must, isGrowth) {
  const kept = (isGrowth ? Math.min(recorded, must / KEPT) : recorded) * KEPT;
  return Number((recorded >= must * ROOM ? Math.max(kept, must) : kept).toPrecision(3));
}
