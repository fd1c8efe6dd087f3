import { median } from './statistics.mjs';

/**
 * One sample: the operation is run until the shortest time is over, at least once. The heap is collected before, and not
 * measured; what is collected meanwhile counts, on whichever thread: it is part of the price.
 *
 * @param {import('./prepared.mjs').Prepared} prepared
 * @param {{ minimum: number, times: number }} how
 * @returns {Promise<{ wall: number, cpu: number }>} ms for one operation
 */
export async function sample(prepared, { minimum, times }) {
  globalThis.gc?.();
  const runs = [];
  const end = performance.now() + 5 * minimum;
  let wall = 0;
  do {
    const run = await prepared.once();
    runs.push(run);
    wall += run.wall;
  } while (wall < minimum && performance.now() < end);
  // What has measured itself is too short for the scheduler not to show: its middle run counts, else the mean.
  const middle = runs[0].isOwn ? median : mean;
  return {
    wall: middle(runs.map((run) => run.wall)) / times,
    cpu: middle(runs.map((run) => run.cpu)) / times,
  };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The memory that the answer of a run holds, heap and buffers, after collection.
 *
 * @param {import('./prepared.mjs').Prepared} prepared
 * @param {number} count how many things the answer holds: the figure is of one
 */
export async function held(prepared, count) {
  const { db } = prepared.world;
  const before = await settled(db);
  const { answer } = await prepared.once();
  const after = await settled(db);
  if (answer === undefined) throw new Error('the run must answer what is to be held');
  await prepared.steps.release?.();
  return { bytes: (after - before) / count };
}

/** Memory in use. A connection keeps its last reply: it gets a small one before. */
async function settled(db) {
  await db?.command({ ping: 1 });
  let used = Infinity;
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    used = Math.min(used, heapUsed + external);
  }
  return used;
}
