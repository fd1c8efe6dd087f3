/**
 * What a case is. Each is a file in `cases/<group>/`, which exports one or, for growth, a list of them.
 *
 * @typedef {object} Case
 * @property {string} name unique: what `--only` takes, and the key in results and floors
 * @property {string} group the folder that it is in
 * @property {boolean} [isAlone] must even the guard measure it in new processes? Given by its group
 * @property {string} title what is done, in words
 * @property {number} [size] how many documents, entities or operations it is about; given to everything as `size`
 * @property {number} [brief] the size for the guard. Default: `size`
 * @property {number} [tiny] the size for tests of correctness. Default: the smaller of `size` and 20
 * @property {'time' | 'bytes' | 'http'} [kind] what is measured. Default: `'time'`
 * @property {number | ((size: number) => number)} [times] how many operations one run makes: figures are of one. Default: 1
 * @property {number} [bytes] bytes of documents that one run processes for each of its `size` operations: for MB/s
 * @property {number} [rounds] at most so many: for what takes long, and varies little
 * @property {number} [minimum] shortest sample, in ms: runs are repeated. Default: 120
 * @property {{ connections: number, amount: number }} [load] for `'http'`: how many requests a sample makes
 * @property {(at: At) => Record<string, object[]>} [seed] the documents to store before, by collection
 * @property {boolean} [forgets] are the stored documents let go of before it is measured? Each collection of garbage goes
 *   through all that is in memory: what the benchmark keeps there would be paid for by whoever is measured
 * @property {readonly Index[]} [indexes] to be made before
 * @property {Partial<Record<string, (world: any, at: At) => Operation | Promise<Operation>>>} run by participant
 * @property {(at: At) => unknown} [expected] what a run must answer
 * @property {(db: any, at: At, answer: any) => Promise<unknown>} [verify] looks into the database after a run; throws
 *
 * @typedef {object} At where it runs
 * @property {number} size
 * @property {any} bson the classes of the participant's driver
 * @property {Record<string, any[]>} seeded the documents that are stored
 *
 * @typedef {[collection: string, key: object]} Index
 *
 * @typedef {(() => unknown) | Steps} Operation
 *
 * @typedef {object} Steps an operation with more than what is measured
 * @property {() => unknown} [before] not measured, before each run
 * @property {(prepared: any) => unknown} run what is measured
 * @property {(answer: any) => unknown} [after] not measured, after each run
 * @property {() => unknown} [release] for `'bytes'`: lets go of what the run's answer holds
 * @property {() => unknown} [close] at the end
 *
 * A run of nanoseconds measures itself, and answers `{ elapsed, value? }`, in ms.
 *
 * An operation of `kind: 'http'` is `{ url, requests, check, close }`: a server that listens, what it is asked for, and a
 * request that throws when its answer is not right.
 */

/** @param {Case} one */
export const timesOf = (one, size) => (typeof one.times === 'function' ? one.times(size) : (one.times ?? 1));

/** Sizes by purpose. @param {Case} one @param {'full' | 'brief' | 'tiny'} purpose */
export function sizeFor(one, purpose) {
  const { size = 1, brief = size, tiny = Math.min(size, 20) } = one;
  return { full: size, brief, tiny }[purpose];
}
