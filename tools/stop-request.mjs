import { constants } from 'node:os';

// Ctrl-C in a terminal comes twice, from the terminal and from npm, which passes on what it gets.
const SAME_REQUEST_MS = 1_000;

/**
 * Tells a request to stop from a second, impatient one.
 *
 * @param {{ first: (signal: NodeJS.Signals, exitCode: number) => void, again: () => void }} listeners
 */
export function onStopRequest({ first, again }) {
  /** @type {number | undefined} */
  let firstAt;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        first(signal, 128 + constants.signals[signal]);
      } else if (performance.now() - firstAt > SAME_REQUEST_MS) again();
    });
  }
}
