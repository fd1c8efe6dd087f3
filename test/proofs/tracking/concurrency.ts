import fc from 'fast-check';
import { inspect } from 'node:util';
import { ObjectId, type Document } from 'mongodb';
import { RawValue } from '../../../lib/bson/raw-value.js';
import { isCowError } from '../../../lib/errors/index.js';
import { entityMapOf } from '../../../lib/mapping/index.js';
import { Connection } from '../../../lib/unit-of-work/connection.js';
import { requireScope } from '../../../lib/unit-of-work/context.js';
import type { EntityStore } from '../../../lib/unit-of-work/entity-store.js';
import { planScope } from '../../../lib/unit-of-work/flush-conductor.js';
import { flush, runInNew } from '../../../lib/unit-of-work/lifecycle.js';
import { sampled, type Proof, type ProofOptions } from '../proof.js';
import { storedDocument } from './documents.js';
import { apply, mutation, type Mutation } from './mutations.js';
import { Guarded, Versioned, type SubjectFields } from './subject.js';
import { judge, unitsOf, type Units } from './units.js';

interface Case {
  readonly document: Document;
  readonly ours: readonly Mutation[];
  readonly theirs: readonly Mutation[];
  readonly isVersioned: boolean;
  /** Beside a write to another document, so that the guards are compared in a transaction. */
  readonly isTransaction: boolean;
}

const oneCase: fc.Arbitrary<Case> = fc.record({
  document: storedDocument,
  ours: fc.array(mutation, { minLength: 1, maxLength: 3 }),
  theirs: fc.array(mutation, { minLength: 1, maxLength: 3 }),
  isVersioned: fc.nat(9).map((n) => n === 0),
  isTransaction: fc.boolean(),
});

/** Two clients change one document: either both survive or the second is told; never a silent loss. */
export const concurrency: Proof = {
  name: 'concurrency',
  about: 'a foreign write between load and flush: both survive, or the flush conflicts; no conflict without a reason',
  runs: 50_000,
  async run(options) {
    const prover = new Prover(options);
    let index = 0;
    for (const one of sampled(oneCase, options.seed, options.runs)) {
      await prover.prove(one, index);
      options.progress(++index);
    }
    const { both, conflicts } = prover.figures;
    // A run in which the two clients hardly ever met would prove nothing.
    if (Math.min(both, conflicts) < options.runs / 20) {
      options.report(`only ${both} runs where both survived and ${conflicts} conflicts`);
      prover.figures.failures++;
    }
    return prover.figures;
  },
};

class Prover {
  readonly figures = { failures: 0, both: 0, conflicts: 0, skipped: 0 };
  private readonly guarded: EntityStore;
  private readonly versioned: EntityStore;

  constructor(private readonly options: ProofOptions) {
    const db = options.client.db(options.database);
    const settings = { atomicity: 'transaction', flushTimeoutMS: 20_000, validate: false } as const;
    const connection = new Connection('default', options.client, db, settings);
    this.guarded = connection.store(entityMapOf(Guarded));
    this.versioned = connection.store(entityMapOf(Versioned));
  }

  async prove(one: Case, index: number): Promise<void> {
    const store = one.isVersioned ? this.versioned : this.guarded;
    const id = new ObjectId();
    await store.collection.insertOne({ _id: id, ...(one.isVersioned ? { version: 1 } : {}), ...one.document });
    const read = async () =>
      Buffer.from((await store.collection.findOne({ _id: id } as Document, { raw: true })) as unknown as Buffer);
    const base = await read();
    const companion = new ObjectId();
    await store.collection.insertOne({ _id: companion, text: 'x' });

    await runInNew({ flush: 'manual' }, async () => {
      const scope = requireScope('proof');
      const ours = scope.materialise(store, base);
      for (const each of one.ours) apply(each, ours.entity as SubjectFields);
      let plan;
      try {
        plan = planScope(scope)[0];
      } catch (error) {
        if (!isCowError(error)) throw error;
      }
      if (plan?.after === undefined || !(await this.mutateElsewhere(store, base, one.theirs))) {
        this.figures.skipped++;
        return;
      }
      const foreign = await read();
      if (one.isTransaction) {
        const other = scope.materialise(
          store,
          Buffer.from(
            (await store.collection.findOne({ _id: companion } as Document, { raw: true })) as unknown as Buffer,
          ),
        );
        (other.entity as SubjectFields).text = 'y';
      }
      let conflict: unknown;
      try {
        await flush(scope);
      } catch (error) {
        conflict = error;
      }
      const result = await read();
      const verdict = judge(
        ...(unitsOf([base, foreign, plan.after.bytes, result]) as [Units, Units, Units, Units]),
        conflict === undefined ? 'success' : isCowError(conflict, 'ConcurrentModification') ? 'conflict' : 'other',
        one.isVersioned,
      );
      if (conflict === undefined) this.figures.both++;
      else this.figures.conflicts++;
      if (verdict === undefined) return;
      this.figures.failures++;
      const show = (bytes: Buffer) => inspect(RawValue.ofDocument(bytes), { depth: 9, breakLength: 200 });
      this.options.report(
        `seed ${this.options.seed}, case ${index}: ${verdict} ${conflict instanceof Error ? conflict.message : ''}\n` +
          `base ${show(base)}\ntheirs ${show(foreign)}\nours ${show(plan.after.bytes)}\nresult ${show(result)}\n` +
          `changes ${inspect(plan.write, { depth: 4 }).slice(0, 10)} ${inspect('changes' in plan.write ? [plan.write.changes, plan.write.guards] : [], { depth: 6 })}`,
      );
    });
  }

  /** The foreign client: another unit of work that loads, changes and flushes before ours does. */
  private async mutateElsewhere(store: EntityStore, base: Buffer, mutations: readonly Mutation[]): Promise<boolean> {
    return runInNew({ flush: 'manual' }, async () => {
      const scope = requireScope('proof');
      const theirs = scope.materialise(store, base);
      for (const each of mutations) apply(each, theirs.entity as SubjectFields);
      try {
        if (planScope(scope).length === 0) return false;
        await flush(scope);
        return true;
      } catch (error) {
        if (isCowError(error)) return false;
        throw error;
      }
    });
  }
}
