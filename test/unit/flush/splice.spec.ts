import { describe, expect, it } from '@jest/globals';
import { BSON, Long, ObjectId } from 'mongodb';
import { RawValue, encodeDocument } from '../../../lib/bson/raw-value.js';
import type { PathChange } from '../../../lib/flush/change.js';
import { splice } from '../../../lib/flush/splice.js';

const set = (path: string, value: unknown): PathChange => ({ op: '$set', path, value });
const unset = (path: string): PathChange => ({ op: '$unset', path });
const spliced = (before: object, ...changes: PathChange[]) =>
  splice(RawValue.ofDocument(encodeDocument(before as Record<string, unknown>)), changes, () => {
    throw new Error('nothing is to be combined');
  });
const bytesOf = (document: object) => Buffer.from(BSON.serialize(document));

const id = new ObjectId();
const base = { _id: id, a: 'one', ab: 2, ä: true, o: { x: 1, y: { z: [1, 2] } }, list: [{ q: 1 }], last: null };

describe('splice', () => {
  it.each<[string, PathChange[], object]>([
    [
      'a longer value',
      [set('a', 'a text that is longer than before')],
      { ...base, a: 'a text that is longer than before' },
    ],
    ['another type', [set('a', new Date(5))], { ...base, a: new Date(5) }],
    ['a name that begins another', [set('ab', 3)], { ...base, ab: 3 }],
    ['a name beyond ASCII', [set('ä', false)], { ...base, ä: false }],
    ['the last field', [set('last', 1.5)], { ...base, last: 1.5 }],
    ['a whole object', [set('o', { n: 1 })], { ...base, o: { n: 1 } }],
    ['a field of an object', [set('o.x', 'in')], { ...base, o: { ...base.o, x: 'in' } }],
    ['deeper', [set('o.y.z', [])], { ...base, o: { ...base.o, y: { z: [] } } }],
    [
      'several',
      [set('a', 'b'), set('o.x', 2), set('o.y.n', 3)],
      { ...base, a: 'b', o: { x: 2, y: { z: [1, 2], n: 3 } } },
    ],
    ['new fields, after the others', [set('n', 1), set('z', 2)], { ...base, n: 1, z: 2 }],
    ['what no field has', [unset('nope')], base],
  ])('writes %s', (_, changes, expected) => {
    expect(spliced(base, ...changes)).toEqual(bytesOf(expected));
  });

  it('removes', () => {
    const { a: _a, ...rest } = base;
    expect(spliced(base, unset('a'))).toEqual(bytesOf(rest));
    expect(spliced(base, unset('o.y'))).toEqual(bytesOf({ ...base, o: { x: 1 } }));
    expect(spliced({ a: 1 }, unset('a'))).toEqual(bytesOf({}));
  });

  it('copies what is stored as it is', () => {
    const long = Long.fromString('9007199254740993');
    const before = bytesOf({ a: 1, long, half: 'x' });
    before[before.indexOf('x')] = 0xff; // no UTF-8
    const after = splice(RawValue.ofDocument(before), [set('a', 2)], () => undefined);
    const expected = Buffer.from(before);
    expected[expected.indexOf('a') + 2] = 2;
    expect(after).toEqual(expected);
  });

  it('asks what operators make of what is there', () => {
    const seen: unknown[] = [];
    const after = splice(
      RawValue.ofDocument(bytesOf({ n: 1 })),
      [
        { op: '$inc', path: 'n', value: 2 },
        { op: '$max', path: 'm', value: 5 },
      ],
      (op, present, value) => {
        seen.push([op, present?.type, value]);
        return op === '$inc' ? 3 : (present ?? value);
      },
    );
    expect(seen).toEqual([
      ['$inc', 16, 2],
      ['$max', undefined, 5],
    ]);
    expect(after).toEqual(bytesOf({ n: 3, m: 5 }));
  });

  it.each<[string, PathChange]>([
    ['an object that is not there', set('none.x', 1)],
    ['a value that is no object', set('a.x', 1)],
    ['an array', set('list.0.q', 2)],
    ['an element by its key', set('list.$[e0].q', 2)],
    ['an append', { op: '$push', path: 'list', values: [1] }],
  ])('leaves %s to others', (_, change) => {
    expect(spliced(base, change)).toBeUndefined();
  });

  it('holds large documents alike, and is theirs alone', () => {
    const large = { _id: id, blob: Buffer.alloc(300_000, 7), a: 1 };
    const after = spliced(large, set('a', 2))!;
    expect(after.equals(bytesOf({ ...large, a: 2 }))).toBe(true);
    spliced(large, set('a', 3));
    expect(BSON.deserialize(after).a).toBe(2);
  });
});
