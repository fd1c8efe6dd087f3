import { afterEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Entity, Id, Prop } from '../../../lib/mapping/index.js';
import { StateTracker } from '../../../lib/tracking/index.js';
import { stateOf } from '../../../lib/unit-of-work/state-of.js';
import { load, loadOrder, ORDER_ID } from './subjects.js';

/** Names that every object has from Object.prototype, or that the language or a library asks for. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'toJSON',
  'then',
  'get',
  'set',
  'has',
  'ownKeys',
];

const before = Reflect.ownKeys(Object.prototype);
afterEach(() => {
  expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

/** A plain record with own properties of these names: as JSON.parse makes them. */
const recordOf = (value: unknown) =>
  JSON.parse(`{${NAMES.map((name) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`) as Record<
    string,
    any
  >;

describe.each(NAMES)('a field of a plain record named %s', (name) => {
  it('is absent when it is not its own', () => {
    const tracker = new StateTracker<Record<string, any>>({});
    expect(tracker.get(name)).toBeUndefined();
    expect(tracker.getOriginalValue(name)).toBeUndefined();
    expect(tracker.compareField(name, undefined)).toBe(false);
    expect(tracker.getAllOriginalData()).toStrictEqual({});
    expect(tracker.isModified()).toBe(false);
  });

  it('is read, written and rolled back as any other', () => {
    const record = recordOf({ polluted: 1 });
    const tracker = new StateTracker(record);
    const value = tracker.get(name);
    expect(value).toEqual({ polluted: 1 });
    value.polluted = 2;
    expect(tracker.changedFields()).toEqual([name]);
    expect(Object.entries(tracker.getChanges())).toEqual([[name, { polluted: 2 }]]);
    expect(tracker.changeSet()).toEqual([{ path: `${name}.polluted`, kind: 'changed', original: 1, value: 2 }]);
    tracker.set(name, 'text');
    expect(Object.getOwnPropertyDescriptor(record, name)?.value).toBe('text');
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    tracker.rollback(name);
    expect(Object.getOwnPropertyDescriptor(record, name)?.value).toBe(value);
    expect(value).toEqual({ polluted: 1 });
    expect(Object.keys(tracker.getAllOriginalData()).sort()).toEqual([...NAMES].sort());
  });

  it('that was absent is added and removed again', () => {
    const record: Record<string, any> = {};
    const tracker = new StateTracker(record);
    tracker.set(name, { polluted: 1 });
    expect(Object.keys(record)).toEqual([name]);
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect(tracker.changeSet()).toEqual([{ path: name, kind: 'added', value: { polluted: 1 } }]);
    tracker.rollback();
    expect(Reflect.ownKeys(record)).toEqual([]);
  });

  it('is copied, compared and restored inside a value', () => {
    const record = { meta: recordOf({ polluted: 1 }) };
    const tracker = new StateTracker(record);
    const inner = tracker.get('meta');
    expect(tracker.isModified()).toBe(false);
    Object.defineProperty(inner, name, { value: 5, writable: true, enumerable: true, configurable: true });
    expect(tracker.changeSet()).toEqual([
      { path: `meta.${name}`, kind: 'changed', original: { polluted: 1 }, value: 5 },
    ]);
    expect(JSON.parse(JSON.stringify(tracker.changeSet()))).toHaveLength(1);
    tracker.rollback();
    expect(Object.getOwnPropertyDescriptor(inner, name)?.value).toEqual({ polluted: 1 });
    delete inner[name];
    tracker.rollback();
    expect(Object.getOwnPropertyDescriptor(inner, name)?.value).toEqual({ polluted: 1 });
    expect(Object.getPrototypeOf(inner)).toBe(Object.prototype);
  });
});

class Odd {
  declare id: ObjectId;
}
Entity({ collection: 'odd' })(Odd);
Id({ type: () => ObjectId })(Odd.prototype, 'id');
NAMES.forEach((name, index) => Prop({ type: Object, name: `field${index}` })(Odd.prototype, name));

const loadOdd = () =>
  load<Record<string, any>>(Odd, {
    _id: ORDER_ID,
    ...Object.fromEntries(NAMES.map((_name, index) => [`field${index}`, { polluted: 1 }])),
  }).entity;

describe.each(NAMES)('a field of an entity named %s', (name) => {
  it('is read, written and deleted as any other', () => {
    const odd = loadOdd();
    const tracker = stateOf(odd);
    expect(odd[name]).toEqual({ polluted: 1 });
    expect(Object.hasOwn(odd, name)).toBe(true);
    expect(Object.keys(odd)).toContain(name);
    expect(Object.getOwnPropertyDescriptor({ ...odd }, name)?.value).toEqual({ polluted: 1 });
    const value = odd[name];
    value.polluted = 2;
    expect(tracker.changedFields()).toEqual([name]);
    odd[name] = 5;
    expect([odd[name], tracker.changedFields()]).toEqual([5, [name]]);
    expect(delete odd[name]).toBe(true);
    expect([odd[name], Object.hasOwn(odd, name)]).toEqual([undefined, false]);
    expect(tracker.changedFields()).toEqual([name]);
    Object.preventExtensions(odd);
    expect([odd[name], Object.hasOwn(odd, name)]).toEqual([undefined, false]);
  });

  it('is written by what inherits from the entity to itself', () => {
    const odd = loadOdd();
    const child = Object.create(odd) as Record<string, any>;
    child[name] = 5;
    expect([Object.getOwnPropertyDescriptor(child, name)?.value, odd[name]]).toEqual([5, { polluted: 1 }]);
    expect(stateOf(odd).isModified()).toBe(false);
  });

  it('is rolled back in place', () => {
    const odd = loadOdd();
    const tracker = stateOf(odd);
    const value = odd[name];
    value.polluted = 2;
    odd[name] = 5;
    delete odd[name];
    tracker.rollback();
    expect(odd[name]).toBe(value);
    expect(value).toEqual({ polluted: 1 });
    expect(Object.getPrototypeOf(odd)).toBe(Odd.prototype);
  });
});

describe('names that nothing declares', () => {
  it('mean on an entity what they mean on a plain instance', async () => {
    const order = loadOrder();
    expect(order.constructor.name).toBe('Order');
    expect(Object.prototype.hasOwnProperty.call(order, 'constructor')).toBe(false);
    expect(await Promise.resolve(order)).toBe(order);
    Object.assign(order, JSON.parse('{"constructor":{"name":"Evil"},"toJSON":5}'));
    expect(order.constructor.name).toBe('Evil');
    expect(order).toBeInstanceOf(order.constructor === Object ? Object : loadOrder().constructor);
    expect(stateOf(order).isModified()).toBe(false);
    expect(() => Object.assign(order, JSON.parse('{"__proto__":{"polluted":1}}'))).toThrow(TypeError);
  });
});
