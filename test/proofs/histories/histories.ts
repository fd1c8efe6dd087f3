import fc from 'fast-check';
import { entityMapOf } from '../../../lib/mapping/index.js';
import { Connection } from '../../../lib/unit-of-work/connection.js';
import { sampled, type Proof } from '../proof.js';
import { History, type Move } from './history.js';
import { ByFields, ByVersion } from './subject.js';

const move: fc.Arbitrary<Move> = fc.record({
  unit: fc.nat(1_000),
  document: fc.nat(1_000),
  kind: fc.nat(99),
  pick: fc.nat(1_000),
});

/** Without bias: small numbers would mean few kinds of moves, all of one unit of work. */
const history = fc.noBias(
  fc.record({
    units: fc.integer({ min: 2, max: 8 }),
    isVersioned: fc.boolean(),
    moves: fc.array(move, { minLength: 15, maxLength: 60 }),
    /** How many of the last flushes are sent at the same time. */
    together: fc.integer({ min: 0, max: 4 }),
  }),
);

/** Random histories of several units of work, against a model that has no server. */
export const histories: Proof = {
  name: 'histories',
  about:
    'random histories of 2-8 units of work against a model of compare-and-set registers: no loss, no false success, no conflict without a reason',
  runs: 10_000,
  short: 600,
  async run(options) {
    const { client, database } = options;
    const settings = { atomicity: 'transaction', flushTimeoutMS: 60_000, validate: false } as const;
    const connection = new Connection('default', client, client.db(database), settings);
    for (const type of [ByFields, ByVersion]) {
      await connection.store(entityMapOf(type)).collection.createIndex({ code: 1 }, { unique: true });
    }
    const figures = { failures: 0, histories: 0, flushes: 0, successes: 0, conflicts: 0, duplicates: 0, together: 0 };
    let done = 0;
    for (const one of sampled(history, options.seed, options.runs)) {
      const played = new History(connection, one.isVersioned ? ByVersion : ByFields, one.units, done);
      try {
        await played.play(one.moves, one.together);
      } catch (error) {
        figures.failures++;
        options.report(
          `seed ${options.seed}, history ${done}: ${String((error as Error).stack)}\n${played.log.join('\n')}`,
        );
      }
      figures.histories++;
      for (const key of ['flushes', 'successes', 'conflicts', 'duplicates', 'together'] as const)
        figures[key] += played.figures[key];
      options.progress(++done);
      if (figures.failures > 10) break;
    }
    if (figures.conflicts < options.runs / 10 || figures.successes < options.runs) {
      figures.failures++;
      options.report(`histories that hardly meet prove nothing: ${JSON.stringify(figures)}`);
    }
    return figures;
  },
};
