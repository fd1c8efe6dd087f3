import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'mongodb';
import { ObjectId } from 'mongodb';
import { RawValue } from '../../../lib/bson/raw-value.js';
import { isCowError } from '../../../lib/errors/index.js';
import { entityMapOf } from '../../../lib/mapping/index.js';
import { Connection } from '../../../lib/unit-of-work/connection.js';
import type { EntityStore } from '../../../lib/unit-of-work/entity-store.js';
import { planScope } from '../../../lib/unit-of-work/flush-conductor.js';
import { flush, runInNew } from '../../../lib/unit-of-work/lifecycle.js';
import { requireScope } from '../../../lib/unit-of-work/context.js';
import { planEntity, type PlannedWrite } from '../../../lib/unit-of-work/changes.js';
import type { Managed } from '../../../lib/unit-of-work/managed.js';
import { sampled, type Proof, type ProofOptions } from '../proof.js';
import { storedDocument } from './documents.js';
import { describe, difference, readEverything, sameElements, shapeOfPrototypes } from './looks.js';
import { tooLong } from './minimal.js';
import { apply, mutation, type Mutation } from './mutations.js';
import { Collated, Guarded, Unguarded, Versioned, randomSubject, type SubjectFields } from './subject.js';
import { among, hold, lostOf, type StoredName } from './undeclared.js';

interface Case {
  readonly document: Document;
  readonly first: readonly Mutation[];
  readonly second: readonly Mutation[];
  /** Guarded, versioned, unguarded, in a collated collection, or of a random class. */
  readonly kind: number;
  readonly schema: readonly number[];
}

const oneCase: fc.Arbitrary<Case> = fc.record({
  document: storedDocument,
  first: fc.array(mutation, { maxLength: 6 }),
  second: fc.array(mutation, { maxLength: 3 }),
  kind: fc.nat(4),
  schema: fc.array(fc.nat(6), { minLength: 26, maxLength: 26 }),
});

/** Flushes of several documents go through one transaction; those of one through filters. */
const GROUPS = [1, 1, 1, 8, 25];

/** Loads, mutates and flushes random documents twice, and compares what the server then holds with the entities. */
export const tracking: Proof = {
  name: 'tracking',
  about: 'any mutation is found, and the commands sent bring the document to what the entity shows',
  runs: 100_000,
  async run(options) {
    const prover = new Prover(options);
    await prover.prepare();
    let done = 0;
    let groups = 0;
    let group: Case[] = [];
    for (const one of sampled(oneCase, options.seed, options.runs)) {
      group.push(one);
      if (group.length < GROUPS[groups % GROUPS.length]! && done + group.length < options.runs) continue;
      await prover.prove(group, done);
      done += group.length;
      groups++;
      group = [];
      options.progress(done);
    }
    if (prover.figures().written < options.runs / 2) {
      prover.fail(0, undefined, `a run that hardly writes proves nothing: ${prover.figures().written} writes`);
    }
    return prover.figures();
  },
};

class Prover {
  private readonly stores: EntityStore[];
  private readonly connection: Connection;
  private readonly db;
  private failures = 0;
  private refused = 0;
  private written = 0;
  private reverted = 0;
  private readonly pristine = shapeOfPrototypes();

  constructor(private readonly options: ProofOptions) {
    this.db = options.client.db(options.database);
    this.connection = new Connection('default', options.client, this.db, {
      atomicity: 'transaction',
      flushTimeoutMS: 20_000,
      validate: false,
    });
    this.stores = [Guarded, Versioned, Unguarded, Collated].map((type) => this.connection.store(entityMapOf(type)));
  }

  /** The collection that compares strings without regard to case. */
  async prepare(): Promise<void> {
    await this.db.createCollection('collated', { collation: { locale: 'en', strength: 2 } });
  }

  /** Where the document of a case goes, and as what. */
  private place(one: Case): { store: EntityStore; document: Document & { _id: unknown } } {
    const id = new ObjectId();
    const known = this.stores[one.kind];
    if (known === undefined) {
      const { type, stored } = randomSubject(one.schema);
      const renamed = Object.entries(one.document).map(([name, value]) => [stored(name), value as unknown]);
      return {
        store: this.connection.store(entityMapOf(type)),
        document: { _id: id, ...(Object.fromEntries(renamed) as Document) },
      };
    }
    if (known.map.version !== undefined) return { store: known, document: { _id: id, version: 1, ...one.document } };
    return { store: known, document: { _id: one.kind === 3 ? `Id ${id.toHexString()}` : id, ...one.document } };
  }

  figures() {
    return { failures: this.failures, refused: this.refused, written: this.written, reverted: this.reverted };
  }

  async prove(cases: readonly Case[], first: number): Promise<void> {
    const loaded: { store: EntityStore; id: unknown; one: Case; index: number }[] = [];
    for (const [offset, one] of cases.entries()) {
      const { store, document } = this.place(one);
      await store.collection.insertOne(document as Document, { ignoreUndefined: true });
      loaded.push({ store, id: document._id, one, index: first + offset });
    }
    await runInNew({ flush: 'manual' }, async () => {
      const scope = requireScope('proof');
      const subjects: { managed: Managed; index: number; one: Case; before: Buffer }[] = [];
      for (const { store, id, one, index } of loaded) {
        const before = await this.read(store, id);
        const managed = scope.materialise(store, Buffer.from(before));
        readEverything(managed.entity);
        this.expect(managed.changed().length === 0, index, one, 'reading dirtied');
        subjects.push({ managed, index, one, before });
      }
      this.expect(planScope(scope).length === 0, first, cases[0]!, 'reading would write');
      const handedOut = subjects.map(({ managed }) => heldOf(managed)); // what is assigned later never had any
      for (const phase of ['first', 'second'] as const) {
        const held = subjects.map(({ managed }, at) => among(heldOf(managed), handedOut[at]!));
        for (const { managed, one, index } of subjects) {
          if (index % 3 === 0) this.undo(managed, index, one, phase);
          this.mutate(managed, index, one, one[phase]);
        }
        try {
          const planned = planScope(scope);
          this.written += planned.length;
          for (const one of planned) this.measure(one, subjects);
          await flush(scope);
        } catch (error) {
          // Values that cannot be stored are refused before anything is sent; all else is a defect.
          if (isCowError(error, 'InvalidValue') || isCowError(error, 'UnsafeInteger')) {
            this.refused++;
            for (const { managed, before, index, one } of phase === 'first' ? subjects : []) {
              this.expect(
                (await this.read(managed.store, managed.id)).equals(before),
                index,
                one,
                'refused, yet written',
              );
            }
            return;
          }
          this.fail(
            first,
            cases[0],
            `flush threw in phase ${phase}: ${String((error as Error).stack)} ${String((error as Error).cause)}`,
          );
          return;
        }
        const shown = subjects.map(({ managed }) => ({ ...managed.entity }) as SubjectFields);
        for (const { managed, index, one, before } of subjects) await this.compare(managed, index, one, before, phase);
        for (const [at, { managed, index, one }] of subjects.entries()) {
          const lost = lostOf(held[at]!, shown[at]!, bytesOf(managed), storedNames(managed));
          this.expect(lost === undefined, index, one, () => `${phase}: undeclared ${lost} is lost`);
        }
        const [again] = planScope(scope);
        const sent = () => `a second flush would send ${describe(again?.write)}`;
        this.expect(again === undefined, first, cases[0]!, sent);
      }
    });
    this.expect(
      isDeepStrictEqual(shapeOfPrototypes(), this.pristine),
      first,
      cases[0]!,
      'Object.prototype was changed',
    );
  }

  private mutate(managed: Managed, index: number, one: Case, mutations: readonly Mutation[]): void {
    for (const each of mutations) {
      try {
        apply(each, managed.entity as SubjectFields);
      } catch (error) {
        this.fail(index, one, `a mutation threw: ${String(error)}`);
      }
    }
  }

  /** Mutates and then assigns what was there, equal and never the same: net, nothing. */
  private undo(managed: Managed, index: number, one: Case, phase: 'first' | 'second'): void {
    const original = managed.store.codec.decodeInstance(bytesOf(managed)) as Record<string, unknown>;
    const shown = new Set(Object.keys(managed.entity));
    this.mutate(managed, index, one, one[phase]);
    const entity = managed.entity as Record<string, unknown>;
    for (const { property } of managed.store.map.fields) {
      if (property === 'id' || property === 'version') continue;
      if (shown.has(property)) entity[property] = original[property];
      else Reflect.deleteProperty(entity, property);
    }
    const planned = planEntity(managed, new Date()); // of others, changed already, one may be such as cannot be stored
    this.reverted++;
    this.expect(
      planned === undefined,
      index,
      one,
      () => `${phase}: reverted, and would be sent: ${describe(planned?.write)}`,
    );
    managed.rollback(); // in place: objects that were handed out are what they were
  }

  /** No command is longer than it has to be, guards left out. */
  private measure(
    { managed, write }: PlannedWrite,
    subjects: readonly { managed: Managed; index: number; one: Case }[],
  ) {
    if (write.kind !== 'update') return;
    const [before, after] = [write.base, write.next].map((bytes) => RawValue.ofDocument(bytes).fields());
    const { index, one } = subjects.find((subject) => subject.managed === managed)!;
    const { map } = managed.store;
    const changed = [...new Set([...before!.keys(), ...after!.keys()])].filter((name) => {
      if (name === map.version?.stored) return false;
      const [was, is] = [before!.get(name), after!.get(name)];
      return was === undefined || is === undefined || !was.sameBytes(is);
    });
    this.expect(changed.length > 0, index, one, 'what is sent changes nothing');
    if (managed.store.isCollated) return; // no operator that compares may be used
    const found = tooLong(managed.store.map, before!, after!, write.changes);
    this.expect(found === undefined, index, one, () => found ?? '');
  }

  private async compare(managed: Managed, index: number, one: Case, before: Buffer, phase: string): Promise<void> {
    const now = await this.read(managed.store, managed.id);
    const base = (managed.base as { bytes: Buffer }).bytes;
    this.expect(
      now.equals(base),
      index,
      one,
      () => `${phase}: the base is not what the server holds\n${difference(base, now)}`,
    );
    const { codec } = managed.store;
    const stored = codec.decodeInstance(now) as Record<string, unknown>;
    for (const field of codec.map.fields) {
      const shown = (managed.entity as Record<string, unknown>)[field.property];
      // A deleted field with a default is absent in both; only a new read shows the default again.
      if (shown === undefined && managed.base?.raw(field) === undefined) continue;
      const same =
        field.merge === 'set'
          ? sameElements(stored[field.property], shown)
          : codec.equals(field, stored[field.property], shown);
      this.expect(
        same,
        index,
        one,
        () => `${phase}: ${field.property} shows ${describe(shown)}, stored ${describe(stored[field.property])}`,
      );
    }
    for (const [name, was] of RawValue.ofDocument(before).fields()) {
      if (codec.map.byStored.has(name)) continue;
      const is = RawValue.ofDocument(now).fields().get(name);
      this.expect(is !== undefined && was.sameBytes(is), index, one, `${phase}: undeclared ${name} changed`);
    }
  }

  private async read(store: EntityStore, id: unknown): Promise<Buffer> {
    const bytes = (await store.collection.findOne({ _id: id } as Document, { raw: true })) as unknown as Buffer;
    return Buffer.from(bytes);
  }

  private expect(condition: boolean, index: number, one: Case, text: string | (() => string)): void {
    if (!condition) this.fail(index, one, typeof text === 'string' ? text : text());
  }

  fail(index: number, one: Case | undefined, text: string): void {
    this.failures++;
    this.options.report(`seed ${this.options.seed}, case ${index}: ${text}\n${describe(one)}`);
  }
}

function bytesOf(managed: Managed): Buffer {
  return managed.base!.bytes;
}

function storedNames({ store }: Managed): StoredName {
  return (property) => store.map.byProperty.get(property)?.stored;
}

function heldOf(managed: Managed) {
  return hold(managed.entity as SubjectFields, bytesOf(managed), storedNames(managed));
}
