import { describe, expect, it } from '@jest/globals';
import { Binary, Decimal128, Long, ObjectId, Timestamp, UUID } from 'mongodb';
import { StateTracker, type Change } from '../../../lib/tracking/index.js';
import { stateOf } from '../../../lib/unit-of-work/state-of.js';
import { load, loadOrder, Order, orderDocument } from './subjects.js';

/** The change set of a record of one field. */
function changeSetOf(original: unknown, value: unknown): Change[] {
  const tracker = new StateTracker<{ field?: unknown }>({ field: original });
  tracker.set('field', value);
  return tracker.changeSet();
}

/** Its paths. */
const pathsOf = (original: unknown, value: unknown) => changeSetOf(original, value).map(({ path }) => path);

describe('the paths of a change set', () => {
  it.each<[string, unknown, unknown, string[]]>([
    ['a scalar', 1, 2, ['field']],
    ['null to an object', null, { a: 1 }, ['field']],
    ['an object to null', { a: 1 }, null, ['field']],
    ['leaves at their depths', { a: { b: 1, c: 2 }, d: 3 }, { a: { b: 2, c: 2 }, d: 4 }, ['field.a.b', 'field.d']],
    ['what was added and removed', { a: 1 }, { b: 1 }, ['field.a', 'field.b']],
    ['an array as a whole', { list: [{ a: 1 }] }, { list: [{ a: 2 }] }, ['field.list']],
    ['an object to an array', {}, [], ['field']],
    [
      'entries of a Map',
      new Map([['a', 1]]),
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
      ['field.a', 'field.b'],
    ],
    ['a Map with other keys than text', new Map([[1, 1]]), new Map([[1, 2]]), ['field']],
    ['a Map to an object', new Map([['a', 1]]), { a: 2 }, ['field']],
    ['keys that no path can name', { a: { 'x.y': 1, z: 1 } }, { a: { 'x.y': 2, z: 2 } }, ['field.a']],
    ['the empty key', { a: { '': 1 } }, { a: { '': 2 } }, ['field.a']],
    ['such keys unchanged', { 'x.y': 1, z: 1 }, { 'x.y': 1, z: 2 }, ['field.z']],
    ['an instance to an equal plain object', new (class Point { x = 1; })(), { x: 1 }, ['field']], // prettier-ignore
    ['values of BSON as wholes', Decimal128.fromString('1'), Decimal128.fromString('2'), ['field']],
    ['binary values as wholes', new Binary(Buffer.from('a')), new Binary(Buffer.from('b')), ['field']],
    ['data that calls itself BSON', { _bsontype: 'ObjectId', a: 1 }, { _bsontype: 'ObjectId', a: 2 }, ['field.a']],
  ])('name %s', (_name, original, value, paths) => {
    expect(pathsOf(original, value)).toEqual(paths);
  });

  it('are in the order of the names, whatever the order of the changes', () => {
    const tracker = new StateTracker<Record<string, unknown>>({ b: 1, a: { d: 1, c: 1 } });
    for (const field of ['z', 'b', 'a', 'm']) tracker.set(field, { d: 2, c: 2 });
    expect(tracker.changeSet().map(({ path }) => path)).toEqual(['a.c', 'a.d', 'b', 'm', 'z']);
  });

  it('end on cycles', () => {
    const root: any = { n: 1, inner: {} };
    root.inner.up = root;
    const tracker = new StateTracker({ root });
    tracker.get('root').n = 2;
    expect(tracker.changeSet()).toEqual([{ path: 'root.n', kind: 'changed', original: 1, value: 2 }]);
    root.inner = root;
    expect(tracker.changeSet().map(({ path }) => path)).toContain('root.n');
    expect(tracker.changeSet().some(({ path }) => path.startsWith('root.inner'))).toBe(true);
    root.n = 1;
    root.inner = { up: { n: 1, inner: 'cut' } };
    expect(tracker.changeSet().map(({ path }) => path)).toEqual(['root.inner.up.inner']);
  });
});

describe('a change', () => {
  it('has the sides that there are, and nothing else to see', () => {
    const [added] = changeSetOf(undefined, 1) as [Change];
    const [removed] = changeSetOf(1, undefined) as [Change];
    const [changed] = changeSetOf(1, null) as [Change];
    expect(added).toStrictEqual({ path: 'field', kind: 'added', value: 1 });
    expect(removed).toStrictEqual({ path: 'field', kind: 'removed', original: 1 });
    expect(changed).toStrictEqual({ path: 'field', kind: 'changed', original: 1, value: null });
    expect(Object.keys(changed)).toEqual(['path', 'kind', 'original', 'value']);
    expect(structuredClone(changed)).toMatchObject({ path: 'field' });
  });

  it('holds copies', () => {
    const value = { list: [1] };
    const [change] = changeSetOf(null, value) as [Change];
    value.list.push(2);
    expect(change.value).toEqual({ list: [1] });
  });

  const id = new ObjectId();
  const ring: any[] = [];
  ring.push(ring);
  it.each<[string, unknown, unknown]>([
    ['text', 'a', 'a'],
    ['null', null, null],
    ['a bigint', 2n ** 64n, '18446744073709551616'],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an invalid Date', new Date(Number.NaN), null],
    ['a Buffer', Buffer.from('abc'), 'YWJj'],
    ['a view', new Uint16Array([1]), 'AQA='],
    ['a regular expression', /a/g, '/a/g'],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1n],
        [2, new Map()],
      ]),
      { a: '1', 2: {} },
    ],
    ['a Set', new Set([1n, undefined]), ['1', null]],
    ['an array with a hole', [1n, , undefined], ['1', null, null]], // eslint-disable-line no-sparse-arrays -- a hole is what is shown here
    ['an object', { a: { b: 1n }, c: undefined }, { a: { b: '1' } }],
    ['an own __proto__', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
    ['an ObjectId', id, id.toHexString()],
    ['a Decimal128', Decimal128.fromString('1.50'), '1.50'],
    ['a Long', Long.fromBigInt(2n ** 60n), '1152921504606846976'],
    ['a Timestamp', new Timestamp({ t: 1, i: 1 }), '4294967297'],
    ['a Binary', new Binary(Buffer.from('abc')), 'YWJj'],
    ['a UUID', new UUID('b76430f7-5f09-4e43-9a60-59b4205a25b5'), 'b76430f7-5f09-4e43-9a60-59b4205a25b5'],
    ['a URL', new URL('http://localhost/a'), 'http://localhost/a'],
    ['what has a toJSON', { toJSON: () => ({ n: 1n }) }, { n: '1' }],
    ['what contains itself', ring, ['[Circular]']],
    ['what has a toJSON that answers itself', Object.assign(Object.create({ toJSON() { return this; } }), { a: 1n }), { a: '1' }], // prettier-ignore
  ])('in JSON says %s', (_name, value, json) => {
    const [change] = JSON.parse(JSON.stringify(changeSetOf('before', value))) as [Change];
    expect(change).toEqual({ path: 'field', kind: 'changed', original: 'before', value: json });
  });
});

describe('the change set of an entity', () => {
  it('of a new one lists all it has', () => {
    const { scope, store } = load(Order, orderDocument());
    const made = Object.assign(new Order(), { customer: 'Ada', tags: ['x'] });
    scope.add(store, made, new ObjectId());
    expect(stateOf(made).changeSet()).toEqual([
      { path: 'customer', kind: 'added', value: 'Ada' },
      { path: 'tags', kind: 'added', value: ['x'] },
    ]);
    expect(stateOf(made).get('buyer')).toBe('Ada');
  });

  it('has an entry for each field that changed, and none for another', () => {
    const order = loadOrder();
    order.items[0] = { ...order.items[0]! }; // plain now, and equal as stored
    order.meta = { ...order.meta, at: new Date(0) };
    order.labels = new Set(['blue', 'red']);
    expect(stateOf(order).changedFields()).toEqual(['meta']);
    expect(stateOf(order).changeSet()).toEqual([{ path: 'meta.at', kind: 'added', value: new Date(0) }]);
    order.items[0].qty++;
    expect(
      stateOf(order)
        .changeSet()
        .map(({ path }) => path),
    ).toEqual(['items', 'meta.at']);
  });

  it('names a field whose stored form alone differs', () => {
    const { entity } = load(Order, { ...orderDocument(), meta: { a: 1 } });
    entity.meta = new Map([['a', 1]]) as never;
    const changed = stateOf(entity).changedFields();
    expect(
      stateOf(entity)
        .changeSet()
        .map(({ path }) => path),
    ).toEqual(changed);
  });
});
