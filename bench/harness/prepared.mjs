/**
 * A case in the hands of one participant: its documents are stored, its operation is made and can be run.
 */
export class Prepared {
  /**
   * @param {import('./case.mjs').Case} one
   * @param {any} world
   * @param {string} participant
   * @param {number} size
   */
  static async open(one, world, participant, size) {
    const at = { size, bson: world.bson, seeded: {} };
    if (one.seed !== undefined) at.seeded = one.seed(at);
    if (world.db !== undefined) await seed(world.db, at.seeded, one.indexes ?? []);
    const made = await one.run[participant](world, at);
    return new Prepared(one, world, at, typeof made === 'function' ? { run: made } : made);
  }

  /** @private */
  constructor(one, world, at, steps) {
    this.one = one;
    this.world = world;
    this.at = at;
    this.steps = steps;
  }

  /** Runs once, measured. */
  async once() {
    const { before, run, after } = this.steps;
    const given = await before?.();
    const cpu = process.cpuUsage();
    const start = performance.now();
    const promised = run(given);
    const answer = isPromise(promised) ? await promised : promised;
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    await after?.(answer);
    // It has measured itself, and does nothing but compute: its time is its CPU.
    if (answer?.elapsed !== undefined) return { wall: answer.elapsed, cpu: answer.elapsed, answer, isOwn: true };
    return { wall, cpu: (user + system) / 1000, answer };
  }

  /** Runs it, and throws unless it has done what was asked for. */
  async verify() {
    if (this.steps.check !== undefined) return this.steps.check();
    const { answer } = await this.once();
    const { expected, verify } = this.one;
    if (expected !== undefined) {
      const [wanted, got] = [JSON.stringify(expected(this.at)), JSON.stringify(answer?.value ?? answer)];
      if (wanted !== got) throw new Error(`${this.one.name}: it answers ${got}, not ${wanted}`);
    }
    await verify?.(this.world.db, this.at, answer);
    await this.steps.release?.();
    if (this.one.forgets) for (const name of Object.keys(this.at.seeded)) this.at.seeded[name] = [];
  }

  async close() {
    await this.steps.close?.();
    if (this.world.db === undefined) return;
    for (const name of Object.keys(this.at.seeded)) await emptied(this.world.db, name);
  }
}

const isPromise = (value) => typeof value?.then === 'function';

/** A collection without documents and indexes, that is there: to make one costs more than what is measured. */
async function emptied(db, name) {
  await db.dropCollection(name);
  await db.createCollection(name);
}

/** Stores documents, in parts: a message has a limit. */
async function seed(db, collections, indexes) {
  for (const [name, documents] of Object.entries(collections)) {
    await emptied(db, name);
    const part = name === 'large' ? 5 : 5_000;
    for (let from = 0; from < documents.length; from += part) {
      await db.collection(name).insertMany(documents.slice(from, from + part));
    }
  }
  for (const [name, key] of indexes) await db.collection(name).createIndex(key);
}
