import { describe, expect, it } from '@jest/globals';
import vm from 'node:vm';
import { Binary, Decimal128, Long, ObjectId, UUID } from 'mongodb';
import { copyValue, eachPart, isContainer, sameValue } from '../../../lib/tracking/plain-values.js';
import { StateTracker } from '../../../lib/tracking/index.js';

class Point {
  constructor(
    public x = 1,
    public y?: number,
  ) {}
}

class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  equals(other: unknown): boolean {
    return other instanceof Money && other.#cents === this.#cents;
  }
}

class Range extends Map<string, number> {}

/** Values made in another realm, where every built-in class is another one. */
const foreign = (source: string): any => vm.runInNewContext(`(${source})`, { Buffer });

describe('eachPart', () => {
  it.each<[string, object, [unknown, unknown][]]>([
    [
      'an array, holes passed over',
      Object.assign(new Array<string>(3), { 0: 'a', 2: 'c' }),
      [
        ['a', 0],
        ['c', 2],
      ],
    ],
    ['a Map', new Map([['k', 1]]), [[1, 'k']]],
    [
      'a Set',
      new Set(['x', 'y']),
      [
        ['x', 0],
        ['y', 1],
      ],
    ],
    [
      'an object',
      { a: 1, b: undefined },
      [
        [1, 'a'],
        [undefined, 'b'],
      ],
    ],
    ['a Date, which has none', new Date(0), []],
  ])('visits the parts of %s', (_title, container, parts) => {
    const met: [unknown, unknown][] = [];
    eachPart(container, (part, key) => met.push([part, key]));
    expect(met).toEqual(parts);
  });
});

describe('copyValue', () => {
  const SOME: [string, () => object, (value: any) => unknown][] = [
    ['an object', () => ({ a: { b: 1 } }), (v) => (v.a.b = 2)],
    ['an object without a prototype', () => Object.assign(Object.create(null), { a: 1 }), (v) => (v.a = 2)],
    ['an instance', () => new Point(1, 2), (v) => (v.x = 2)],
    ['an array', () => [1, { a: 1 }], (v) => (v[1].a = 2)],
    ['an array with holes', () => [1, , 3], (v) => (v[1] = 2)], // eslint-disable-line no-sparse-arrays -- holes are what is copied here
    ['a Map', () => new Map([['a', { b: 1 }]]), (v) => (v.get('a').b = 2)],
    ['a Map of a class', () => new Range([['a', 1]]), (v) => v.set('a', 2)],
    ['a Set', () => new Set(['a', { b: 1 }]), (v) => v.delete('a')],
    ['a Date', () => new Date(5), (v) => v.setTime(6)],
    ['a Buffer', () => Buffer.from('abc'), (v) => (v[0] = 1)],
    ['a Uint8Array', () => new Uint8Array([1, 2]), (v) => (v[0] = 9)],
    ['floats', () => new Float64Array([1, Number.NaN]), (v) => (v[0] = 9)],
    [
      'a view on a part of a buffer',
      () => new Uint16Array(new Uint8Array([0, 0, 1, 2, 3, 4]).buffer, 2, 1),
      (v) => (v[0] = 9),
    ],
    ['a DataView', () => new DataView(new Uint8Array([1, 2]).buffer), (v) => v.setUint8(0, 9)],
    ['an ArrayBuffer', () => new Uint8Array([1, 2]).buffer, (v) => (new Uint8Array(v)[0] = 9)],
    ['a Decimal128', () => Decimal128.fromString('1'), (v) => (v.bytes[0] = 9)],
    ['a Binary', () => new Binary(Buffer.from('abc')), (v) => (v.buffer[0] = 9)],
    ['a UUID', () => new UUID('b76430f7-5f09-4e43-9a60-59b4205a25b5'), (v) => (v.buffer[0] = 9)],
    ['an instance of a class with a tag', () => Object.assign(new Tagged(), { a: 1 }), (v) => (v.a = 2)],
    ['an object that answers equals and has something to compare', () => ({ a: 1, equals: Boolean }), (v) => (v.a = 2)],
  ];

  class Tagged {
    get [Symbol.toStringTag]() {
      return 'Tagged';
    }
  }

  it.each(SOME)('copies %s', (_name, make, change) => {
    const value = make();
    const copy = copyValue(value);
    expect(isContainer(value)).toBe(true);
    expect(copy).not.toBe(value);
    expect(copy).toStrictEqual(value);
    expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(value));
    expect(sameValue(copy, value)).toBe(true);
    change(copy);
    expect(value).toStrictEqual(make());
    expect(sameValue(copy, value)).toBe(false);
    expect(sameValue(value, copy)).toBe(false);
  });

  it.each(SOME)('lets %s be tracked and restored', (_name, make, change) => {
    const record = { value: make() };
    const tracker = new StateTracker<{ value: any }>(record);
    const { value } = record;
    change(tracker.get('value'));
    expect(tracker.changedFields()).toEqual(['value']);
    expect(tracker.getOriginalValue('value')).toStrictEqual(make());
    tracker.rollback();
    expect(record.value).toBe(value);
    expect(value).toStrictEqual(make());
    expect(tracker.isModified()).toBe(false);
  });

  it('copies an invalid Date', () => {
    const invalid = new Date(Number.NaN);
    expect(copyValue(invalid).getTime()).toBe(Number.NaN);
    expect(copyValue(invalid)).not.toBe(invalid);
  });

  it('copies a regular expression, its position left behind', () => {
    const regexp = /a/gi;
    regexp.lastIndex = 3;
    const copy = copyValue(regexp);
    expect([copy.source, copy.flags, copy.lastIndex]).toEqual(['a', 'gi', 0]);
    expect(copy).not.toBe(regexp);
  });

  it('leaves alone what cannot be changed, or whose state nobody can copy', () => {
    const url = new URL('http://localhost/');
    for (const value of [
      1,
      'a',
      null,
      undefined,
      5n,
      Symbol.iterator,
      copyValue,
      new ObjectId(),
      Long.fromNumber(5),
      url,
      Promise.resolve(),
      new Money(5),
    ]) {
      expect(isContainer(value)).toBe(false);
      expect(copyValue(value)).toBe(value);
    }
  });

  it('keeps cycles, and objects that are met twice', () => {
    const inner = { n: 1 };
    const value: any = { inner, list: [inner], map: new Map([['i', inner]]), set: new Set([inner]) };
    value.self = value;
    const copy = copyValue(value);
    expect(copy.self).toBe(copy);
    expect(copy.inner).not.toBe(inner);
    expect([copy.list[0], copy.map.get('i'), [...copy.set][0]]).toEqual([inner, inner, inner]);
    expect([copy.list[0], copy.map.get('i'), [...copy.set][0]].every((part) => part === copy.inner)).toBe(true);
    expect(sameValue(value, copy)).toBe(true);
    copy.self = {};
    expect(sameValue(value, copy)).toBe(false);
  });

  it('copies values of another realm as they are', () => {
    const value = foreign(
      '{ at: new Date(5), list: [1, { a: 1 }], map: new Map([["a", new Set([1])]]), bytes: new Uint8Array([1]) }',
    );
    const copy = copyValue(value);
    expect(copy.list).not.toBe(value.list);
    expect(Object.getPrototypeOf(copy.list)).toBe(Object.getPrototypeOf(value.list));
    expect(copy.at.getTime()).toBe(5);
    expect([...copy.map.get('a')]).toEqual([1]);
    expect(sameValue(copy, value)).toBe(true);
  });
});

describe('sameValue', () => {
  const id = '6b015e530aefd284d2ac00e2';

  it.each<[string, unknown, unknown]>([
    ['NaN', Number.NaN, Number.NaN],
    ['0 and -0', 0, -0],
    ['invalid Dates', new Date(Number.NaN), new Date('no')],
    ['keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['undefined and absent properties', { a: 1, b: undefined }, { a: 1, c: undefined }],
    ['holes and undefined', [1, , 3], [1, undefined, 3]], // eslint-disable-line no-sparse-arrays -- holes are what is compared here
    [
      'Maps in another order',
      new Map([
        ['a', [1]],
        ['b', [2]],
      ]),
      new Map([
        ['b', [2]],
        ['a', [1]],
      ]),
    ],
    ['Sets in another order', new Set([{ a: 1 }, 'x']), new Set(['x', { a: 1 }])],
    ['a Buffer and a Uint8Array', Buffer.from([1, 2]), new Uint8Array([1, 2])],
    ['regular expressions', /a/gi, /a/gi],
    ['ids', new ObjectId(id), new ObjectId(id)],
    ['long integers', Long.fromNumber(5), Long.fromNumber(5)],
    ['values by their equals', new Money(5), new Money(5)],
    ['plain objects of two realms', { a: [{ b: 1 }] }, foreign('{ a: [{ b: 1 }] }')],
    ['a plain object and one without a prototype', { a: 1 }, Object.assign(Object.create(null), { a: 1 })],
    ['Dates and Maps of two realms', [new Date(5), new Map([['a', 1]])], foreign('[new Date(5), new Map([["a", 1]])]')],
  ])('holds for %s', (_name, a, b) => {
    expect(sameValue(a, b)).toBe(true);
    expect(sameValue(b, a)).toBe(true);
  });

  const promise = Promise.resolve();
  it.each<[string, unknown, unknown]>([
    ['values of two types', 1, '1'],
    ['null and undefined', null, undefined],
    ['null and an object', null, {}],
    ['a value and null in an object', { a: null }, { a: undefined }],
    ['one property more', { a: 1 }, { a: 1, b: 2 }],
    ['another property', { a: 1 }, { b: 1 }],
    ['an inherited property', { a: 1 }, { __proto__: { a: 1 } }],
    ['instances of two classes', new Point(1), Object.assign(new (class Other {})(), { x: 1, y: undefined })],
    ['an instance and a plain object', new Point(1), { x: 1 }],
    ['an array and an object', ['a'], { 0: 'a' }],
    ['another length', [1], [1, 2]],
    ['another order', [1, 2], [2, 1]],
    ['Maps of another size', new Map([['a', 1]]), new Map()],
    ['Maps with another key', new Map([['a', undefined]]), new Map([['b', undefined]])],
    ['Maps with another value', new Map([['a', 1]]), new Map([['a', 2]])],
    ['Sets of another size', new Set([1]), new Set([1, 2])],
    ['Sets with other objects', new Set([{ a: 1 }]), new Set([{ a: 2 }])],
    ['Sets with an object twice', new Set([{ a: 1 }, { a: 1 }]), new Set([{ a: 1 }, { a: 2 }])],
    ['a Map and a Set', new Map(), new Set()],
    ['other times', new Date(1), new Date(2)],
    ['other bytes', Buffer.from('a'), Buffer.from('b')],
    ['another number of bytes', Buffer.from('a'), Buffer.from('ab')],
    ['other flags', /a/g, /a/i],
    ['ids', new ObjectId(), new ObjectId()],
    ['other amounts', new Money(5), new Money(6)],
    ['things nobody can look into', promise, Promise.resolve()],
  ])('does not hold for %s', (_name, a, b) => {
    expect(sameValue(a, b)).toBe(false);
    expect(sameValue(b, a)).toBe(false);
  });

  it('ends on cycles', () => {
    const ring = (n: number): any => {
      const a: any = { list: [] };
      a.list.push({ a, n });
      return a;
    };
    expect(sameValue(ring(1), ring(1))).toBe(true);
    expect(sameValue(ring(1), ring(2))).toBe(false);
  });
});
