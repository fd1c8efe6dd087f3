import { inspect, isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ObjectId } from 'mongodb';
import { snapshot } from '../../../lib/tracking/entity-state.js';
import { entitiesOf } from '../../../lib/unit-of-work/found.js';
import { IdentityMap } from '../../../lib/unit-of-work/identity-map.js';
import { Managed } from '../../../lib/unit-of-work/managed.js';
import { stateOf } from '../../../lib/unit-of-work/state-of.js';
import { SEED, check } from '../../support/property.js';
import { batchOf, load, loadList, Order, ORDER_ID, orderData, orderDocument } from './subjects.js';

type Any = Record<string | symbol, unknown>;

const FIELDS = [...Object.keys(orderData()), 'note'];
const KEYS = [...FIELDS, 'lines', 'buyer', 'extra', 'hidden', 'toString', 'toJSON', 'constructor', '__proto__', 'then'];

/** What can be done to an entity; each answers something comparable. */
const OPERATIONS: Record<string, (entity: Any, key: string, value: unknown) => unknown> = {
  get: (entity, key) => (typeof entity[key] === 'function' ? 'function' : entity[key]),
  'get again': (entity, key) => entity[key] === entity[key],
  'get of an heir': (entity, key) => typeof (Object.create(entity) as Any)[key],
  set: (entity, key, value) => Reflect.set(entity, key === 'id' ? 'count' : key, value),
  has: (entity, key) => key in entity,
  own: (entity, key) => Object.hasOwn(entity, key),
  delete: (entity, key) => Reflect.deleteProperty(entity, key === 'id' ? 'note' : key),
  // What is frozen keeps its keys in the order of its first reads.
  keys: (entity) => (Object.isExtensible(entity) ? Object.keys(entity) : Object.keys(entity).sort()),
  describe: (entity, key) => Object.getOwnPropertyDescriptor(entity, key)?.configurable,
  define: (entity, key, value) => Reflect.defineProperty(entity, key === 'id' ? 'note' : key, { value }),
  fix: (entity, key) => Reflect.defineProperty(entity, key === 'id' ? 'note' : key, { writable: false }),
  pin: (entity, key) => Reflect.defineProperty(entity, key === 'id' ? 'note' : key, { configurable: false }),
  add: (entity, key, value) =>
    Reflect.defineProperty(entity, `${key}2`, { value, writable: true, enumerable: true, configurable: true }),
  spread: (entity) => ({ ...entity }),
  prototype: (entity) => Object.getPrototypeOf(entity) === Order.prototype && entity instanceof Order,
  'set prototype': (entity, key) => Reflect.setPrototypeOf(entity, key === 'id' ? null : Order.prototype),
  seal: (entity) => Object.isSealed(Object.seal(entity)),
  freeze: (entity) => Object.isFrozen(Object.freeze(entity)),
  extensible: (entity) => Object.isExtensible(entity),
  json: (entity) => JSON.parse(JSON.stringify(entity)) as unknown,
  inspect: (entity) => inspect(entity, { sorted: true }),
  snapshot: (entity) => isDeepStrictEqual(Object.keys(snapshot(entity)).sort(), Object.keys(entity).sort()),
  'change inside': (entity) => (entity.tags as string[] | undefined)?.push('more'),
  'roll back': (entity) => {
    stateOf(entity).rollback();
  },
  changes: (entity) => stateOf(entity).changeSet(),
  tag: (entity) => Object.prototype.toString.call(entity),
};

/** What an operation answers, or which error it throws. */
function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return [(error as Error).constructor.name, (error as { code?: unknown }).code];
  }
}

const documentOf = (id: ObjectId, more: object = {}) => ({ ...orderDocument(), _id: id, ...more });

describe(`an entity of a list (seed ${SEED})`, () => {
  it('does whatever one that was loaded alone does', () => {
    const step = fc.tuple(
      fc.constantFrom(...Object.keys(OPERATIONS)),
      fc.constantFrom(...KEYS),
      fc.constantFrom<unknown>('text', 7, null, undefined, true),
    );
    const loaded = fc.option(fc.constant<string[]>(['id', 'customer', 'count', 'tags']), { nil: undefined });
    check(
      fc.property(fc.array(step, { maxLength: 8 }), loaded, (steps, fields) => {
        const alone = load(Order, orderDocument(), fields).entity as object as Any;
        const late = loadList(Order, [orderDocument()], fields).entities[0] as object as Any;
        for (const [name, key, value] of steps) {
          const [wanted, got] = [alone, late].map((entity) => outcome(() => OPERATIONS[name]!(entity, key, value)));
          expect([name, key, got]).toEqual([name, key, wanted]);
        }
        expect(outcome(() => ({ ...late }))).toEqual(outcome(() => ({ ...alone })));
        expect(outcome(() => stateOf(late).changeSet())).toEqual(outcome(() => stateOf(alone).changeSet()));
      }),
      600,
    );
  });

  it.each([
    ['null', null],
    ['another type, which has parts', { a: [1] }],
    ['a 64-bit integer', 7n],
  ])('reads a field that is stored as %s', (_what, count) => {
    const document = documentOf(ORDER_ID, { count });
    const late = loadList(Order, [document]).entities[0]!;
    expect(late.count).toEqual(load(Order, document).entity.count);
    expect(late.count).toBe(late.count);
  });

  it('tells each time of a field that cannot be read', () => {
    const late = loadList(Order, [documentOf(ORDER_ID, { count: 2n ** 60n })]).entities[0]!;
    for (let i = 0; i < 5; i++) {
      expect(() => late.count).toThrow(expect.objectContaining({ code: 'UnsafeInteger' }));
    }
    expect(late.customer).toBe('Ada');
  });

  it('is not mixed up with its neighbours, whichever is read when', () => {
    const documents = Array.from({ length: 30 }, (_, count) =>
      documentOf(new ObjectId(), { count, customer: `c${count}` }),
    );
    const { entities } = loadList(Order, documents);
    check(
      fc.property(fc.array(fc.nat(29), { maxLength: 60 }), (order) => {
        for (const at of order) {
          expect([entities[at]!.count, entities[at]!.customer]).toEqual([at, `c${at}`]);
        }
      }),
      30,
    );
    entities.forEach((entity, at) => expect(entity.id).toEqual(documents[at]!._id));
  });
});

describe('the identity map', () => {
  const ids = Array.from({ length: 500 }, () => new ObjectId());
  const documents = ids.map((id, count) => documentOf(id, { count }));

  it('answers one entity an id, however often and in whatever way it is read', () => {
    const { entities, scope, store, batch } = loadList(Order, documents);
    entities[3]!.customer = 'Grace';
    expect(entitiesOf(scope, store, [batch])).toEqual(entities);
    entitiesOf(scope, store, [batch]).forEach((entity, at) => expect(entity).toBe(entities[at]));
    const again = batchOf([...documents].reverse());
    entitiesOf(scope, store, [again]).forEach((entity, at) => expect(entity).toBe(entities[499 - at]));
    for (const at of [0, 3, 499]) {
      expect(scope.materialise(store, batch.bytes, {}, batch.starts[at]).entity).toBe(entities[at]);
    }
    expect(entities[3]!.customer).toBe('Grace');
  });

  it('answers what was loaded alone before', () => {
    const { scope, store, entity } = load(Order, documents[7]!);
    const found = entitiesOf(scope, store, [batchOf(documents)]);
    expect(found[7]).toBe(entity);
    expect(new Set(found).size).toBe(500);
  });

  it('has a document twice in a list as one entity', () => {
    const { entities } = loadList(Order, [documents[0]!, documents[1]!, documents[0]!]);
    expect(entities[2]).toBe(entities[0]);
    expect(entities).toHaveLength(3);
  });

  it('leaves out what was removed, and forgets what was detached', () => {
    const { entities, scope, store, batch } = loadList(Order, documents.slice(0, 4));
    scope.remove(Managed.of(entities[1])!);
    scope.detach(Managed.of(entities[2])!);
    const found = entitiesOf(scope, store, [batch]);
    expect(found).toHaveLength(3);
    expect([found[0], found[2]]).toEqual([entities[0], entities[3]]);
    expect(found[1]).not.toBe(entities[2]);
    expect(scope.find(store, Managed.of(found[1])!.key)!.entity).toBe(found[1]);
  });

  it('holds ids of any kind beside each other', () => {
    const mixed = [1, 'text', ids[0]!, 2n ** 40n, ids[1]!].map((id) => ({ ...orderDocument(), _id: id as ObjectId }));
    const { entities, scope, store, batch } = loadList(Order, mixed);
    entitiesOf(scope, store, [batch]).forEach((entity, at) => expect(entity).toBe(entities[at]));
    expect([...scope.identitiesOf(store).values()].map(({ entity }) => entity).sort()).toHaveLength(5);
  });

  it('grows, and finds what it had', () => {
    const { entities, scope, store } = loadList(Order, documents.slice(0, 3));
    for (let from = 3; from < 500; from += 7) {
      entities.push(...(entitiesOf(scope, store, [batchOf(documents.slice(from, from + 7))]) as Order[]));
    }
    const keys = entities.map((entity) => Managed.of(entity)!.key);
    keys.forEach((key, at) => expect(scope.known(store, key)!.entity).toBe(entities[at]));
    keys.filter((_, at) => at % 2 === 0).forEach((key) => scope.identitiesOf(store).delete(key));
    keys.forEach((key, at) => expect(scope.known(store, key)?.entity).toBe(at % 2 === 0 ? undefined : entities[at]));
  });

  it('is empty at first', () => {
    const map = new IdentityMap();
    expect([...map.values()]).toEqual([]);
    expect(map.get('abc')).toBeUndefined();
    expect(map.found(1, Buffer.alloc(12), 0)).toBeUndefined();
  });
});

describe('a detached entity of a list', () => {
  it('keeps neither the reply nor the unit of work', async () => {
    const [detached, reply, scope] = detachOne();
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    for (let i = 0; i < 20 && (reply.deref() ?? scope.deref()) !== undefined; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
    expect(reply.deref()).toBeUndefined();
    expect(scope.deref()).toBeUndefined();
    expect(detached.items[1]!.qty).toBe(2);
    detached.customer = 'Grace';
    expect(stateOf(detached).changedFields()).toEqual(['customer']);
  });

  it('leaves the others as they were', () => {
    const { entities, scope } = loadList(
      Order,
      [1, 2, 3].map((count) => documentOf(new ObjectId(), { count })),
    );
    expect(entities[0]!.count).toBe(1);
    scope.detach(Managed.of(entities[1])!);
    expect(entities.map(({ count }) => count)).toEqual([1, 2, 3]);
    expect(entities.map(({ tags }) => tags)).toEqual(Array(3).fill(['x', 'y']));
  });

  /** In a function of its own, whose variables are gone. */
  function detachOne(): [Order, WeakRef<object>, WeakRef<object>] {
    const { entities, scope, batch } = loadList(
      Order,
      [1, 2, 3].map((count) => documentOf(new ObjectId(), { count, note: 'x'.repeat(9000) })),
    );
    expect(entities[1]!.address.city).toBe('London');
    scope.detach(Managed.of(entities[1])!);
    return [entities[1]!, new WeakRef(batch.bytes.buffer), new WeakRef(scope)];
  }
});
