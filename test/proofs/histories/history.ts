import { isDeepStrictEqual } from 'node:util';
import { ObjectId } from 'mongodb';
import { isCowError } from '../../../lib/errors/index.js';
import { entityMapOf, type ClassType } from '../../../lib/mapping/index.js';
import { Repository } from '../../../lib/repository/index.js';
import type { Connection } from '../../../lib/unit-of-work/connection.js';
import { Lifecycle } from '../../../lib/unit-of-work/lifecycle.js';
import { UnitOfWork } from '../../../lib/unit-of-work/index.js';
import { ModelUnit, type Doc, type Result, type State } from './model.js';
import { change, type Change } from './moves.js';
import type { Fields } from './subject.js';

/** One thing that a unit of work does. */
export interface Move {
  readonly unit: number;
  readonly document: number;
  readonly kind: number;
  readonly pick: number;
}

const DOCUMENTS = 3;

/** A unit of work of the library, and its twin in the model. */
interface Pair {
  readonly lifecycle: Lifecycle;
  readonly model: ModelUnit;
  readonly name: string;
}

/** Plays one history: on the server through the library, and in the model. */
export class History {
  readonly figures = { flushes: 0, successes: 0, conflicts: 0, duplicates: 0, together: 0 };
  readonly log: string[] = [];
  private readonly unitOfWork = new UnitOfWork();
  private readonly repository: Repository<Fields>;
  private readonly collection;
  private readonly isVersioned: boolean;
  private readonly ids = new Map<string, ObjectId>();
  private readonly state: State = new Map();
  private readonly pairs: Pair[];

  constructor(
    connection: Connection,
    type: ClassType,
    units: number,
    private readonly number: number,
  ) {
    const store = connection.store(entityMapOf(type));
    this.repository = new Repository<Fields>(store);
    this.collection = store.collection;
    this.isVersioned = store.map.version !== undefined;
    this.pairs = Array.from({ length: units }, (_, index) => ({
      lifecycle: new Lifecycle({ flush: 'manual' }),
      model: new ModelUnit(),
      name: `u${index}`,
    }));
  }

  async play(moves: readonly Move[], together: number): Promise<void> {
    for (let index = 0; index < DOCUMENTS; index++) {
      const doc = this.fresh(`${this.number}-${index}`);
      this.state.set(`d${index}`, doc);
      this.ids.set(`d${index}`, new ObjectId());
    }
    await this.collection.insertMany(
      [...this.state].map(([name, doc]) => ({ _id: this.ids.get(name)!, ...structuredClone(doc) })),
    );
    for (const each of moves) {
      const pair = this.pairs[each.unit % this.pairs.length]!;
      if (each.kind < 22) await this.flush(pair);
      else await pair.lifecycle.enter(() => this.act(pair, each));
    }
    if (together > 1) await this.flushTogether(this.pairs.slice(0, together));
    for (const pair of this.pairs) await this.flush(pair);
    await this.compareDatabase();
    for (const { lifecycle } of this.pairs) lifecycle.close();
  }

  private fresh(code: string): Doc {
    const lines = [
      { sku: 'x', qty: 1, note: '' },
      { sku: 'y', qty: 1, note: '' },
    ];
    const doc: Doc = {
      text: 'a',
      num: 0,
      code,
      place: { city: 'a', zip: 'a' },
      views: 0,
      best: 0,
      labels: ['p'],
      tags: ['t'],
      lines,
    };
    return this.isVersioned ? { ...doc, version: 1 } : doc;
  }

  /** Changes one document, in both. */
  private async act({ model, name: unit }: Pair, { document, kind, pick }: Move): Promise<void> {
    if (kind < 27) {
      const name = `${unit}n${this.ids.size}`;
      const id = new ObjectId();
      this.ids.set(name, id);
      const doc = { ...this.fresh(this.code(pick)), text: unit };
      const { version: _, ...data } = structuredClone(doc);
      this.repository.create({ id, ...data });
      model.copies.set(name, { base: undefined, now: doc, expected: new Set() });
      this.log.push(`${unit} creates ${name} ${doc.code}`);
      return;
    }
    const names = [...this.ids.keys()];
    const name = names[document % Math.min(names.length, DOCUMENTS + 2)]!;
    let copy = model.copies.get(name);
    const entity = await this.repository.findById(this.ids.get(name)!);
    if (copy === undefined) {
      const base = this.state.get(name);
      if ((base === undefined) !== (entity === null))
        throw new Error(`${unit} finds ${name}: ${entity === null ? 'null' : 'something'}`);
      if (base === undefined) return;
      copy = { base: structuredClone(base), now: structuredClone(base), expected: new Set() };
      model.copies.set(name, copy);
    }
    if (entity === null || copy.now === undefined) {
      if ((entity === null) !== (copy.now === undefined)) throw new Error(`${unit} and its model disagree on ${name}`);
      return;
    }
    if (kind < 31) {
      this.repository.remove(entity);
      if (copy.base === undefined) model.copies.delete(name);
      else copy.now = undefined;
      this.log.push(`${unit} removes ${name}`);
    } else if (kind < 37) {
      if (copy.base === undefined) return;
      const field = pick % 2 === 0 ? 'text' : 'num';
      this.unitOfWork.expectUnchanged(entity, field);
      copy.expected.add(field);
      this.log.push(`${unit} expects ${name}.${field}`);
    } else {
      const what: Change = change(copy.base, copy.now, kind, pick, this.code(pick));
      what.to(entity);
      what.to(copy.now);
      this.log.push(`${unit} ${name}: ${what.text}`);
    }
  }

  /** Few of them, so that documents compete for one. */
  private code(pick: number): string {
    return `${this.number}-${pick % (DOCUMENTS + 3)}`;
  }

  private async flush(pair: Pair): Promise<void> {
    const steps = pair.model.plan();
    const expected = ModelUnit.commit(steps, this.state);
    const result = await this.send(pair, steps.length === 0);
    pair.model.settle(steps, expected);
    this.log.push(`${pair.name} flushes: ${result}`);
    if (!ModelUnit.explains(result, expected, steps, this.state))
      throw new Error(`${pair.name}: ${result}, and the model says ${expected}`);
  }

  private async send({ lifecycle }: Pair, isEmpty: boolean): Promise<Result> {
    return lifecycle.enter(async () => {
      try {
        if (this.unitOfWork.isModified() === isEmpty) throw new Error(`isModified() is ${!isEmpty ? 'false' : 'true'}`);
        await this.unitOfWork.flush();
        if (!isEmpty) this.count('successes');
        return isEmpty ? 'nothing' : 'success';
      } catch (error) {
        const result = isCowError(error, 'ConcurrentModification')
          ? 'conflict'
          : isCowError(error, 'DuplicateKey')
            ? 'duplicate'
            : undefined;
        if (result === undefined) throw error;
        this.unitOfWork.rollback();
        this.count(result === 'conflict' ? 'conflicts' : 'duplicates');
        return result;
      }
    });
  }

  private count(key: 'successes' | 'conflicts' | 'duplicates'): void {
    this.figures.flushes++;
    this.figures[key]++;
  }

  /** Flushes at the same time: there must be an order in which the model gives the same results and the same documents. */
  private async flushTogether(pairs: readonly Pair[]): Promise<void> {
    const plans = pairs.map(({ model }) => model.plan());
    const results = await Promise.all(pairs.map((pair, index) => this.send(pair, plans[index]!.length === 0)));
    this.figures.together++;
    this.log.push(`together: ${pairs.map(({ name }, index) => `${name} ${results[index]}`).join(', ')}`);
    const stored = await this.stored();
    for (const order of orders(pairs.map((_, index) => index))) {
      const state: State = new Map([...this.state].map(([name, doc]) => [name, structuredClone(doc)]));
      const isSame = order.every((index) => {
        const expected = ModelUnit.commit(plans[index]!, state);
        return ModelUnit.explains(results[index]!, expected, plans[index]!, state); // a refused one left the state alone
      });
      if (!isSame || !isDeepStrictEqual(comparable(state), stored)) continue;
      this.state.clear();
      for (const [name, doc] of state) this.state.set(name, doc);
      for (const [index, { model }] of pairs.entries()) model.settle(plans[index]!, results[index]!);
      return;
    }
    throw new Error(`no order explains ${results.join()}`);
  }

  private async compareDatabase(): Promise<void> {
    const [expected, stored] = [comparable(this.state), await this.stored()];
    if (isDeepStrictEqual(expected, stored)) return;
    throw new Error(`the database holds ${JSON.stringify(stored)}, and the model says ${JSON.stringify(expected)}`);
  }

  private async stored(): Promise<unknown> {
    const names = new Map([...this.ids].map(([name, id]) => [id.toHexString(), name]));
    const documents = await this.collection.find({ _id: { $in: [...this.ids.values()] } }).toArray();
    return comparable(
      new Map(documents.map(({ _id, ...doc }) => [names.get(_id.toHexString())!, doc as unknown as Doc])),
    );
  }
}

/** Without the order of what has none. */
function comparable(state: State): unknown {
  const names = [...state.keys()].sort();
  return names.map((name) => {
    const doc = structuredClone(state.get(name)!);
    return [name, Object.entries({ ...doc, labels: [...doc.labels].sort() }).sort(([a], [b]) => (a < b ? -1 : 1))];
  });
}

function* orders(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) yield [];
  for (const [at, item] of items.entries()) {
    for (const rest of orders(items.filter((_, index) => index !== at))) yield [item, ...rest];
  }
}
