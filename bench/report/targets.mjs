/**
 * What is to be shown. A value says how many times less ours takes (or holds) than what it is compared with: `must` is
 * held by the guard where it is reached, `aim` is the record to beat.
 *
 * @typedef {object} Target
 * @property {string} work
 * @property {string} case
 * @property {'wall' | 'cpu' | 'bytes'} metric
 * @property {string} against a participant, or of ours the name of another case
 * @property {number} must
 * @property {number} [aim]
 * @property {boolean} [asPart] shown as the part that ours is of the other
 */

/** @returns {Target[]} */
function targets(work, name, metric, rows, options = {}) {
  return rows.map(([against, must, aim]) => ({ work, case: name, metric, against, must, aim, ...options }));
}

const part = (value) => 1 / value;

/** @type {Target[]} */
export const TARGETS = [
  ...targets('find 10,000 orders, read 2 fields, wall', 'find-two-fields', 'wall', [
    ['driver', 4, 8],
    ['lean', 4, 8],
    ['mongoose', 9, 17],
    ['mikro-orm', 12, 23],
  ]),
  ...targets('the same, client CPU', 'find-two-fields', 'cpu', [
    ['driver', 7, 12],
    ['mongoose', 15, 25],
    ['mikro-orm', 20, 35],
  ]),
  ...targets('read all fields, tracked', 'find-all-fields', 'cpu', [
    ['driver', 2.5, 4],
    ['mongoose', 6, 10],
  ]),
  ...targets('read-only lane, all fields', 'find-readonly', 'cpu', [
    ['driver', 3, 4],
    ['lean', 3, 4],
  ]),
  ...targets('orders to an HTTP JSON body', 'http-list', 'cpu', [['driver', 3, 4]]),
  ...targets(
    'bytes held per loaded entity, untouched',
    'held-untouched',
    'bytes',
    [
      ['driver', part(0.55), part(0.5)],
      ['driver-copy', part(0.35), part(0.3)],
      ['mongoose', part(0.25), part(0.2)],
      ['mikro-orm', part(0.2), part(0.15)],
    ],
    { asPart: true },
  ),
  ...targets('load 1,000, change one field each, flush', 'request-change-1000', 'wall', [
    ['driver', 1.25, 2],
    ['mongoose', 3.5, 6],
    ['mikro-orm', 6, 12],
  ]),
  ...targets('bulk update: 1,000 distinct one-field updates by id', 'update-by-id', 'wall', [
    ['mongoose', 2.4, 4],
    ['mikro-orm', 2.4, 4],
  ]),
  ...targets('indexed find: 100 matches of 10,000, read 2 fields', 'find-indexed', 'wall', [
    ['mongoose', 2, 4],
    ['mikro-orm', 2, 4],
  ]),
  ...targets('insert 1,000', 'insert-records', 'wall', [
    ['driver', 1, 1.4],
    ['mongoose', 8, 25],
    ['mikro-orm', 8, 15],
  ]),
  ...targets('the same, plain records, unvalidated against validated', 'insert-validation', 'cpu', [
    ['cow-validated', 2, 3],
  ]),
  ...targets('100 findById in one tick', 'request-same-tick', 'wall', [['driver', 5, 15]]),
  ...[
    ['odm-small-create', 'flat: create small'],
    ['odm-small-update', 'flat: update small'],
    ['odm-small-find', 'flat: find small'],
    ['odm-foreign-find', 'flat: find by foreign key'],
    ['odm-large-create', 'flat: create large'],
    ['odm-large-update', 'flat: update large'],
    ['odm-nested-create', 'nested: create'],
    ['odm-nested-update', 'nested: update'],
    ['odm-nested-find', 'nested: find by nested field'],
    ['odm-nested-find-array', 'nested: find in nested array'],
  ].flatMap(([name, work]) =>
    targets(`ODM benchmark, ${work}`, name, 'wall', [
      ['driver', 0.95, 1],
      ['mongoose', 1, 1],
      ['mikro-orm', 1, 1],
      ['typeorm', 1, 1],
    ]),
  ),
  ...targets('tracker init, 50 fields', 'tracker-init-50', 'cpu', [['structured-clone', 100, 500]]),
  ...targets('track 5 changes, 50 fields', 'tracker-change-50', 'cpu', [['structured-clone', 15, 50]]),
  ...targets('roll back, 50 fields', 'tracker-rollback-50', 'cpu', [['structured-clone', 104, 300]]),
  ...targets('init, 200 fields', 'tracker-init-200', 'cpu', [['structured-clone', 1_997, 5_000]]),
  ...targets('is modified, 100 fields', 'tracker-modified-100', 'cpu', [['structured-clone', 10, 1_000]]),
  ...targets(
    'memory to track 2 changed of 100 fields',
    'tracker-held-100',
    'bytes',
    [['structured-clone', part(0.02), part(0.01)]],
    { asPart: true },
  ),
  ...targets(
    'memory of an object and its tracker, 1 changed of 1,000 fields',
    'tracker-held-1000',
    'bytes',
    [['structured-clone', part(0.5), part(0.45)]],
    { asPart: true },
  ),
  ...targets('fork(), nothing handed out', 'fork-1000', 'cpu', [['copy', 5_000, 18_000]]),
  ...targets('the same, 100,000 entities against 10', 'fork-100000', 'cpu', [['fork-10', part(1.5)]]),
  ...targets('union, neither side changed', 'union-unchanged-1000', 'cpu', [['copy', 5_000]]),
  ...targets('the same, 100,000 entities against 10', 'union-unchanged-100000', 'cpu', [
    ['union-unchanged-10', part(1.5)],
  ]),
  ...targets('union, one side changed', 'union-one-side-1000', 'cpu', [['copy', 5_000]]),
  ...targets('the same, 100,000 entities against 10', 'union-one-side-100000', 'cpu', [
    ['union-one-side-10', part(1.5)],
  ]),
  ...targets('first write to an entity after a fork', 'first-write-1000', 'cpu', [['copy', 100, 900]]),
  ...targets('the same, 100,000 entities against 10', 'first-write-100000', 'cpu', [['first-write-10', part(1.5)]]),
  ...targets('the same, 200 fields against 10', 'first-write-200-fields', 'cpu', [
    ['first-write-10-fields', part(1.5)],
  ]),
  ...targets('a fork with 100 containers handed out', 'fork-100-containers', 'cpu', [['copy', 9, 9]]),
  ...targets('union of 100 changed on both sides', 'union-100-both', 'cpu', [['copy', 9, 9]]),
  ...targets('fork, 10 writes, 100 reads at 10,000 entities', 'fork-what-if', 'cpu', [['copy', 200]]),
  ...targets('union of 100 changed of 100,000', 'union-100-of-100000', 'cpu', [['copy', 100]]),
  ...targets('read through 100 layers against 1', 'fork-read-100', 'cpu', [['fork-read-1', part(2)]]),
];

/**
 * The value of a target in a result; undefined where it was not measured.
 *
 * @param {Pick<Target, 'case' | 'metric' | 'against'>} target
 * @param {readonly any[]} results
 * @returns {number | undefined}
 */
export function valueOf({ case: name, metric, against }, results) {
  const own = results.find((result) => result.name === name)?.figures;
  const other = own?.[against] ?? results.find((result) => result.name === against)?.figures.cow;
  const [ours, theirs] = [own?.cow?.[metric]?.median, other?.[metric]?.median];
  return ours === undefined || theirs === undefined ? undefined : theirs / ours;
}
