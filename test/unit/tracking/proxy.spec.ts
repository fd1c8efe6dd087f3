import 'reflect-metadata';
import { inspect } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { ObjectId } from 'mongodb';
import { Entity, Id, Prop } from '../../../lib/mapping/index.js';
import { entityProxy, EntityState, stateOfProxy } from '../../../lib/tracking/entity-state.js';
import { PlainSource } from '../../../lib/tracking/plain-source.js';
import { StateTracker } from '../../../lib/tracking/state-tracker.js';
import { Managed } from '../../../lib/unit-of-work/managed.js';
import { stateOf } from '../../../lib/unit-of-work/state-of.js';
import { SEED, check } from '../../support/property.js';
import { instanceOf, load, loadOrder, Order, ORDER_ID } from './subjects.js';

@Entity({ collection: 'notes' })
class Note {
  @Id() id!: ObjectId;
  @Prop() title!: string;
  @Prop() text?: string;
  @Prop(() => [String]) tags!: string[];

  get shout(): string {
    return this.title.toUpperCase();
  }
  get heading(): string {
    return this.title;
  }
  set heading(title: string) {
    this.title = title;
  }
}

@Entity({ collection: 'own' })
class Own {
  @Id() id!: ObjectId;

  toJSON(): string {
    return 'json';
  }
  [inspect.custom](): string {
    return 'look';
  }
}

const loadNote = () => load(Note, { _id: ORDER_ID, title: 'a', tags: ['x'] }).entity;
const plainNote = () => instanceOf(Note, { id: ORDER_ID, title: 'a', tags: ['x'] });

/** What an operation answers, or what kind of error it throws. */
function outcome(operation: () => unknown): unknown {
  try {
    return operation();
  } catch (error) {
    return (error as Error).constructor;
  }
}

describe('a plain assignment', () => {
  function tracked() {
    const owner = { touched: jest.fn(), writing: jest.fn(), undeclared: jest.fn() };
    const state = new EntityState(new PlainSource({ name: 'Ada', tags: ['x'] }), {}, owner);
    return { owner, state, entity: entityProxy(state) as Record<string, unknown> };
  }

  it('is one step, which does not go on to define the property', () => {
    const { owner, state, entity } = tracked();
    const define = jest.spyOn(state, 'defineProperty');
    const describeProperty = jest.spyOn(state, 'getOwnPropertyDescriptor');
    entity.name = 'Grace';
    entity.name = 'Jane';
    expect(define).not.toHaveBeenCalled();
    expect(describeProperty).not.toHaveBeenCalled();
    expect(owner.writing.mock.calls).toEqual([
      [state, 'name', 'Grace'],
      [state, 'name', 'Jane'],
    ]);
    expect(owner.undeclared).not.toHaveBeenCalled();
  });

  it('tells the owner of the first touch alone', () => {
    const { owner, state, entity } = tracked();
    expect(owner.touched).not.toHaveBeenCalled();
    expect(entity.tags).toEqual(['x']);
    entity.name = 'Grace';
    delete entity.name;
    expect(owner.touched.mock.calls).toEqual([[state]]);
  });

  it('of what is no field is told to the owner, once a property', () => {
    const owner = { touched: jest.fn(), writing: jest.fn(), undeclared: jest.fn() };
    const source = Object.assign(new PlainSource({ name: 'Ada' }), { declares: (field: string) => field === 'name' });
    const state = new EntityState(source, {}, owner);
    const entity = entityProxy(state) as Record<string | symbol, unknown>;
    entity.extra = 1;
    entity.extra = 2;
    entity.other = 1;
    entity[Symbol('tag')] = 1;
    entity.name = 'Grace';
    expect(owner.undeclared.mock.calls).toEqual([
      [state, 'extra'],
      [state, 'other'],
    ]);
    expect(owner.writing.mock.calls).toEqual([[state, 'name', 'Grace']]);
  });

  it('reads no original', () => {
    const source = new PlainSource({ name: 'Ada' });
    const read = jest.spyOn(source, 'read');
    (entityProxy(new EntityState(source, {})) as { name: string }).name = 'Grace';
    expect(read).not.toHaveBeenCalled();
  });

  it('that the owner refuses changes nothing, by whichever way it comes', () => {
    const { owner, state, entity } = tracked();
    owner.writing.mockImplementation(() => {
      throw new Error('refused');
    });
    expect(() => (entity.name = 'Grace')).toThrow('refused');
    expect(() => Object.defineProperty(entity, 'name', { value: 'Grace' })).toThrow('refused');
    expect(() => delete entity.name).toThrow('refused');
    expect(() => Object.assign(entity, { name: 'Grace' })).toThrow('refused');
    expect(entity.name).toBe('Ada');
    expect(state.isModified()).toBe(false);
  });
});

describe('Object.defineProperty', () => {
  it('of a field with a value is a tracked write, which keeps the other attributes', () => {
    const order = loadOrder();
    Object.defineProperty(order, 'customer', { value: 'Grace' });
    expect(Object.getOwnPropertyDescriptor(order, 'customer')).toEqual({
      value: 'Grace',
      writable: true,
      enumerable: true,
      configurable: true,
    });
    expect(stateOf(order).getChanges()).toEqual({ customer: 'Grace' });
    stateOf(order).rollback();
    expect(order.customer).toBe('Ada');
  });

  it('of attributes alone changes no value', () => {
    const order = loadOrder();
    Object.defineProperty(order, 'customer', { enumerable: false });
    expect(Object.keys(order)).not.toContain('customer');
    expect(order.customer).toBe('Ada');
    expect(stateOf(order).isModified()).toBe(false);
  });

  it('refuses an accessor, which would hide the stored value', () => {
    const order = loadOrder();
    expect(Reflect.defineProperty(order, 'customer', { get: () => 'x' })).toBe(false);
    expect(Reflect.defineProperty(order, 'customer', { set: () => undefined })).toBe(false);
    expect(() => Object.defineProperty(order, 'customer', { get: () => 'x' })).toThrow(TypeError);
    expect(order.customer).toBe('Ada');
    expect(Reflect.defineProperty(order, 'extra', { get: () => 'x', configurable: true })).toBe(true);
    expect((order as { extra?: string }).extra).toBe('x');
  });

  it('makes a field read-only, which then refuses assignment and removal as it should', () => {
    const order = loadOrder();
    Object.defineProperty(order, 'customer', { writable: false, configurable: false });
    expect(Reflect.set(order, 'customer', 'Grace')).toBe(false);
    expect(() => (order.customer = 'Grace')).toThrow(TypeError);
    expect(Reflect.deleteProperty(order, 'customer')).toBe(false);
    expect(Reflect.defineProperty(order, 'customer', { value: 'Grace' })).toBe(false);
    expect(order.customer).toBe('Ada');
    expect(stateOf(order).isModified()).toBe(false);
    order.count = 9;
    order.note = 'hi';
    expect(stateOf(order).changedFields()).toEqual(['count', 'note']);
  });
});

describe('Object.freeze', () => {
  it('freezes the fields, loaded or not yet read', () => {
    const order = loadOrder();
    expect(Object.freeze(order)).toBe(order);
    expect(Object.isFrozen(order)).toBe(true);
    expect(() => (order.customer = 'Grace')).toThrow(TypeError);
    expect(() => (order.note = 'hi')).toThrow(TypeError);
    expect(() => delete (order as Partial<Order>).customer).toThrow(TypeError);
    expect(Reflect.set(order, 'note', 'hi')).toBe(false);
    expect({ ...order }).toEqual({ ...loadOrder() });
    expect(stateOf(order).isModified()).toBe(false);
  });

  it('leaves the entity what it was: its class, its JSON form, its look', () => {
    const order = Object.freeze(loadOrder());
    expect(order).toBeInstanceOf(Order);
    expect(Object.getPrototypeOf(order)).toBe(Order.prototype);
    expect(JSON.stringify(order)).toBe(JSON.stringify(loadOrder()));
    expect(inspect(order)).toBe(inspect(loadOrder()));
    expect(order).toStrictEqual(loadOrder());
    expect(Object.freeze(Object.freeze(order))).toBe(order);
  });

  it('still lets nested values change, and finds and undoes that', () => {
    const order = Object.freeze(loadOrder());
    const { items } = order;
    items[0]!.qty = 9;
    expect(stateOf(order).changedFields()).toEqual(['items']);
    stateOf(order).rollback();
    expect(order.items).toBe(items);
    expect(items[0]!.qty).toBe(1);
  });

  it('leaves a JSON form that the application gave it', () => {
    const order = Object.assign(loadOrder(), { toJSON: () => 'mine' });
    expect(JSON.stringify(Object.freeze(order))).toBe('"mine"');
  });

  it('keeps what was changed before', () => {
    const order = loadOrder();
    order.customer = 'Grace';
    delete (order as Partial<Order>).count;
    Object.freeze(order);
    expect(order.customer).toBe('Grace');
    expect('count' in order).toBe(false);
    expect(stateOf(order).changedFields()).toEqual(['customer', 'count']);
    expect(() => stateOf(order).rollback('customer')).toThrow(/customer/);
  });
});

describe('Object.seal and Object.preventExtensions', () => {
  it('fix the keys and let values change', () => {
    for (const fix of [Object.seal, Object.preventExtensions]) {
      const order = fix(loadOrder());
      order.customer = 'Grace';
      expect(() => (order.note = 'hi')).toThrow(TypeError);
      expect(() => ((order as { extra?: number }).extra = 1)).toThrow(TypeError);
      expect(stateOf(order).getChanges()).toEqual({ customer: 'Grace' });
      expect('note' in order).toBe(false);
      stateOf(order).rollback();
      expect(order.customer).toBe('Ada');
    }
  });

  it('tell what was removed after Object.preventExtensions', () => {
    const order = Object.preventExtensions(loadOrder());
    expect(delete (order as Partial<Order>).customer).toBe(true);
    expect(Object.keys(order)).not.toContain('customer');
    expect('customer' in order).toBe(false);
    expect(stateOf(order).changedFields()).toEqual(['customer']);
  });
});

describe('a value that was only read', () => {
  const sourceOf = (document: object) => load(Note, { _id: ORDER_ID, ...document }).managed.source;

  /** The note after its document was written by a flush, and what was read of it let go. */
  function advanced(lock: (note: Note) => Note): { note: Note; state: EntityState } {
    const { entity, managed } = load(Note, { _id: ORDER_ID, title: 'a' });
    lock(entity);
    expect(entity.title).toBe('a');
    managed.rebase(sourceOf({ title: 'b', text: 'new' }));
    for (const field of ['title', 'text', 'tags']) managed.unread(field);
    return { note: entity, state: managed };
  }

  it('is decoded again once it was let go', () => {
    const { note } = advanced((each) => each);
    expect({ ...note }).toEqual({ id: ORDER_ID, title: 'b', text: 'new' });
  });

  it('is renewed where the keys are fixed, and stays where it is frozen', () => {
    const sealed = advanced(Object.preventExtensions).note;
    expect([sealed.title, sealed.text, Object.keys(sealed)]).toEqual(['b', undefined, ['id', 'title']]);
    const frozen = advanced(Object.freeze).note;
    expect([frozen.title, frozen.text, Object.keys(frozen)]).toEqual(['a', undefined, ['id', 'title']]);
  });

  it('is kept when it is touched', () => {
    const { entity, managed } = load(Note, { _id: ORDER_ID, title: 'a', tags: ['x'] });
    const { tags } = entity;
    entity.title = 'mine';
    managed.unread('tags');
    managed.unread('title');
    expect([entity.tags, entity.title]).toEqual([tags, 'mine']);
    expect(entity.tags).toBe(tags);
  });

  it('is watched when what is stored now can be changed in place', () => {
    const { entity, managed } = load(Note, { _id: ORDER_ID, title: 'a' });
    Object.preventExtensions(entity);
    managed.rebase(sourceOf({ title: ['a list', 'somebody stored'] }));
    managed.unread('title');
    (entity.title as unknown as string[]).pop();
    expect(managed.changed()).toEqual(['title']);
  });
});

describe('a stored undefined, of drivers long ago', () => {
  it('reads as an absent field, also of a frozen entity', () => {
    const bytes = load(Note, { _id: ORDER_ID, text: null, title: 'a' }).managed.base!.bytes;
    bytes[bytes.indexOf('text') - 1] = 6; // the type byte before the name; neither null nor undefined has content
    const { scope, store } = load(Note, { _id: new ObjectId() });
    const note = scope.materialise(store, bytes).entity as Note;
    expect(note.text).toBeUndefined();
    for (const each of [note, Object.freeze(note)]) {
      expect(Object.keys(each)).toEqual(['id', 'title']);
      expect({ ...each }).toEqual({ id: ORDER_ID, title: 'a' });
    }
    expect(stateOf(note).isModified()).toBe(false);
  });
});

describe('the class of an entity', () => {
  it('stays what its document says', () => {
    const order = loadOrder();
    expect(Reflect.setPrototypeOf(order, {})).toBe(false);
    expect(() => Object.setPrototypeOf(order, null)).toThrow(TypeError);
    expect(Reflect.setPrototypeOf(order, Order.prototype)).toBe(true);
    expect(Object.getPrototypeOf(order)).toBe(Order.prototype);
    expect(() => ((order as unknown as { __proto__: object }).__proto__ = {})).toThrow(TypeError);
    expect(order).toBeInstanceOf(Order);
  });

  it('brings its own toJSON and inspection, if it has them', () => {
    const own = load(Own, { _id: ORDER_ID }).entity;
    expect([JSON.stringify(own), inspect(own)]).toEqual(['"json"', 'look']);
    expect(Object.getPrototypeOf(own)).toBe(Own.prototype);
    Object.freeze(own);
    expect([JSON.stringify(own), inspect(own), Reflect.ownKeys(own)]).toEqual(['"json"', 'look', ['id']]);
  });
});

describe('an object that inherits from an entity', () => {
  it('reads through it, and writes to itself', () => {
    const order = loadOrder();
    const child = Object.create(order) as Order & { extra?: number };
    expect(child.customer).toBe('Ada');
    expect(child.lines).toBe(3);
    expect('customer' in child).toBe(true);
    expect(child).toBeInstanceOf(Order);
    child.customer = 'Grace';
    child.tags = [];
    child.extra = 1;
    child.buyer = 'Jane';
    expect(Object.keys(child)).toEqual(['customer', 'tags', 'extra']);
    expect([child.customer, order.customer]).toEqual(['Jane', 'Ada']);
    expect(stateOf(order).isModified()).toBe(false);
    expect(Object.keys(order)).not.toContain('extra');
  });

  it('is no entity itself', () => {
    const order = loadOrder();
    expect(stateOfProxy(order)).toBeInstanceOf(Managed);
    expect(stateOfProxy(Object.create(order))).toBeUndefined();
    expect(() => stateOf(Object.create(order) as Order)).toThrow();
  });
});

describe('a foreign Proxy around an entity', () => {
  it('passes reads and writes through, tracked', () => {
    const order = loadOrder();
    const outer = new Proxy(order, {});
    expect(outer.lines).toBe(3);
    outer.customer = 'Grace';
    outer.tags.push('z');
    outer.buyer = 'Jane';
    expect(stateOf(order).getChanges()).toEqual({ customer: 'Jane', tags: ['x', 'y', 'z'] });
  });
});

describe('stateOfProxy', () => {
  it('answers for entities alone', () => {
    const pretender = new Proxy({}, { get: () => ({}) });
    for (const value of [undefined, null, 5, 'text', {}, [], new Order(), pretender]) {
      expect(stateOfProxy(value)).toBeUndefined();
    }
  });
});

describe('Reflect', () => {
  it('sets with another receiver as on a plain instance', () => {
    for (const [order, other] of [[loadOrder(), {} as { customer?: string; note?: string }]] as const) {
      expect(Reflect.set(order, 'customer', 'Grace', other)).toBe(true);
      expect(Reflect.set(order, 'note', 'hi', other)).toBe(true);
      expect(other).toEqual({ customer: 'Grace', note: 'hi' });
      expect([order.customer, order.note]).toEqual(['Ada', undefined]);
    }
  });

  it('reads getters with another receiver as on a plain instance', () => {
    const answer = (order: object) => Reflect.get(order, 'shout', { title: 'other' }) as string;
    expect(answer(loadNote())).toBe(answer(plainNote()));
  });
});

describe(`any sequence of operations (seed ${SEED})`, () => {
  const key = fc.constantFrom('title', 'text', 'tags', 'extra', 'heading', 'shout', 'toString', 'constructor');
  const value = fc.constantFrom<unknown>('a', 'b', undefined, null, 5);
  const flag = fc.option(fc.boolean(), { nil: undefined });
  type Operation = (target: any) => unknown;
  const named = (name: string, run: Operation) => Object.assign(run, { toString: () => name });

  const operation: fc.Arbitrary<Operation> = fc.oneof(
    fc.tuple(key, value).map(([k, v]) => named(`set ${k} ${String(v)}`, (t) => Reflect.set(t, k, v))),
    key.map((k) => named(`get ${k}`, (t) => Reflect.get(t, k))),
    key.map((k) => named(`has ${k}`, (t) => Reflect.has(t, k))),
    key.map((k) => named(`delete ${k}`, (t) => Reflect.deleteProperty(t, k))),
    key.map((k) => named(`describe ${k}`, (t) => Reflect.getOwnPropertyDescriptor(t, k))),
    fc.tuple(key, value, flag, flag, flag, fc.boolean()).map(([k, v, writable, enumerable, configurable, isValued]) => {
      const descriptor = Object.fromEntries(
        Object.entries({ writable, enumerable, configurable }).filter(([, each]) => each !== undefined),
      ) as PropertyDescriptor;
      if (isValued) descriptor.value = v;
      return named(`define ${k} ${JSON.stringify(descriptor)}`, (t) => Reflect.defineProperty(t, k, descriptor));
    }),
    fc.constant(
      named('ownKeys', (t) =>
        Reflect.ownKeys(t)
          .filter((k) => Reflect.getOwnPropertyDescriptor(t, k)?.enumerable)
          .sort(),
      ),
    ),
    fc.constant(named('isFrozen', (t) => [Object.isFrozen(t), Object.isSealed(t), Object.isExtensible(t)])),
    fc.constant(named('prototype', (t) => Object.getPrototypeOf(t) === Note.prototype)),
    fc.constant(named('spread', (t) => ({ ...t }))),
  );
  const lock = fc.constantFrom<Operation>(
    named('preventExtensions', (t) => Reflect.preventExtensions(t)),
    named('seal', (t) => Object.seal(t) === t),
    named('freeze', (t) => Object.freeze(t) === t),
    named('nothing', () => undefined),
  );

  it('answers and leaves what it would on a plain instance', () => {
    check(
      fc.property(
        fc.array(operation, { maxLength: 12 }),
        lock,
        fc.array(operation, { maxLength: 12 }),
        (a, between, b) => {
          const [entity, plain] = [loadNote(), plainNote()];
          for (const run of [...a, between, ...b]) {
            expect([run.toString(), outcome(() => run(entity))]).toEqual([run.toString(), outcome(() => run(plain))]);
          }
          expect({ ...entity }).toStrictEqual({ ...plain });
          const changes = new StateTracker<Note>(Managed.of(entity)!).changedFields().sort();
          const fields = ['tags', 'text', 'title'] as const;
          const original = plainNote();
          expect(changes).toEqual(
            fields.filter((field) => JSON.stringify(own(plain, field)) !== JSON.stringify(own(original, field))),
          );
        },
      ),
      300,
    );
  });

  const own = (object: object, field: string): unknown => Reflect.getOwnPropertyDescriptor(object, field)?.value;
});
