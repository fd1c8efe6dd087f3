/**
 * Numbers that look random and are the same in every run.
 *
 * @param {number} seed
 * @returns {() => number} from 0 to below 1
 */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * @param {() => number} random
 * @param {number} length
 */
export function textOf(random, length) {
  let text = '';
  for (let at = 0; at < length; at++) text += LETTERS[Math.floor(random() * LETTERS.length)];
  return text;
}

/**
 * @param {() => number} random
 * @param {number} from
 * @param {number} to
 */
export function numberOf(random, from, to) {
  return from + Math.floor(random() * (to - from));
}
