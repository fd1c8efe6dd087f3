/**
 * Runs something often, and answers how long one takes, in ms: for calls that are too short to be measured one by one
 * from outside, and need a preparation each that is not to be measured.
 *
 * @template T
 * @param {number} count
 * @param {(at: number) => T} prepare
 * @param {(prepared: T) => unknown} run
 * @param {(prepared: T) => unknown} [after]
 * @returns {{ elapsed: number }}
 */
export function clocked(count, prepare, run, after = () => undefined) {
  let elapsed = 0;
  for (let at = 0; at < count; at++) {
    const prepared = prepare(at);
    const start = performance.now();
    run(prepared);
    elapsed += performance.now() - start - READING;
    after(prepared);
  }
  return { elapsed: Math.max(elapsed, 0) };
}

/** What reading the clock takes by itself. */
const READING = (() => {
  let least = Infinity;
  for (let round = 0; round < 50; round++) {
    const start = performance.now();
    let last = start;
    for (let at = 0; at < 1000; at++) last = performance.now();
    least = Math.min(least, (last - start) / 1000);
  }
  return least;
})();
