import { setTimeout as sleep } from 'node:timers/promises';

/** Within the time that a test has, so that a failing one ends, and its worker with it. */
const PATIENCE_MS = 20_000;

/** Waits until something holds. @throws when it does not in time */
export async function until(holds: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Still not so after ${patienceMs} ms: ${String(holds)}`);
    await sleep(5);
  }
}
