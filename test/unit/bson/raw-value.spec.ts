import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { BSON, ObjectId } from 'mongodb';
import { RawValue, encodeDocument, encodeValue, underName } from '../../../lib/bson/raw-value.js';
import { arrayOf, documentOf, objectOf, stored, storedValue, type StoredValue } from '../../support/arbitrary-bson.js';

const twelve = Buffer.from('0707070707070707070707ff', 'hex');

/** One of each type, and what a round trip through JavaScript would lose. */
const VALUES: readonly (readonly [string, StoredValue])[] = [
  ['double', storedValue.double(1.5)],
  ['double of an integer', storedValue.double(5)],
  ['-0', storedValue.double(-0)],
  ['NaN with a payload', { type: 1, bytes: Buffer.from('010000000000f87f', 'hex') }],
  ['string', storedValue.string('a\0b\x07é')],
  ['string with a lone surrogate', { type: 2, bytes: Buffer.from('04000000eda08000', 'hex') }],
  ['object', objectOf([{ name: 'a\x07', ...storedValue.int32(7) }])],
  ['empty object', objectOf([])],
  ['object with a name twice', objectOf([1, 2].map((n) => ({ name: 'a', ...storedValue.int32(n) })))],
  ['array', arrayOf([storedValue.int32(7), arrayOf([storedValue.null()])])],
  ['binary', storedValue.binary(Buffer.from([7, 7, 7]))],
  ['binary of subtype 2', storedValue.binary(Buffer.from([1, 2]), 2)],
  ['UUID', storedValue.binary(Buffer.alloc(16, 7), 4)],
  ['a vector that js-bson would not write', storedValue.binary(Buffer.from([0x10, 9, 1]), 9)],
  ['undefined', storedValue.undefined()],
  ['ObjectId', storedValue.objectId(twelve)],
  ['bool', storedValue.bool(true)],
  ['date', storedValue.date(-1n)],
  ['date beyond JavaScript', storedValue.date(2n ** 63n - 1n)],
  ['null', storedValue.null()],
  ['regex', storedValue.regex('a/b', 'imsx')],
  ['regex of another language', storedValue.regex('(?i)(', 'lq')],
  ['DBPointer', storedValue.dbPointer('db.c', twelve)],
  ['code', storedValue.code('x')],
  ['symbol', storedValue.symbol('s')],
  ['code with scope', storedValue.codeWithScope('x', [{ name: 'a', ...storedValue.int32(7) }])],
  ['int32', storedValue.int32(7)],
  ['timestamp', storedValue.timestamp(7n)],
  ['int64 beyond 2^53', storedValue.int64(2n ** 60n + 1n)],
  ['int64 that is small', storedValue.int64(7n)],
  ['decimal128', storedValue.decimal128(Buffer.alloc(16, 7))],
  ['MaxKey', storedValue.maxKey()],
  ['MinKey', storedValue.minKey()],
];

function raw({ type, bytes }: StoredValue): RawValue {
  const around = Buffer.concat([Buffer.alloc(3, 7), bytes, Buffer.alloc(3, 7)]); // a part of a larger buffer
  return new RawValue(type, around, 3, 3 + bytes.length);
}

/** As the driver serialises commands. */
function serialize(document: object): Buffer {
  return Buffer.from(BSON.serialize(document, { checkKeys: false, serializeFunctions: false, ignoreUndefined: false }));
}

const seven = { name: 'before', ...storedValue.int32(0x07070707) };

describe.each(VALUES)('a raw %s', (_name, value) => {
  it('is written as it is, first, between others and last', () => {
    const spliced = serialize({ a: raw(value), before: 0x07070707, b: raw(value), after: 'x', c: raw(value) });
    expect(spliced).toEqual(
      documentOf([
        { name: 'a', ...value },
        seven,
        { name: 'b', ...value },
        { name: 'after', ...storedValue.string('x') },
        { name: 'c', ...value },
      ]),
    );
  });

  it('is written as it is in objects, arrays and Maps, nested in each other', () => {
    const inner = { name: 'v', ...value };
    const spliced = serialize({
      object: { before: 0x07070707, v: raw(value), o: { v: raw(value) } },
      array: [raw(value), 7, [raw(value)], { v: raw(value) }, new Map([['v', raw(value)]])],
      map: new Map<string, unknown>([
        ['v', raw(value)],
        ['list', [raw(value)]],
      ]),
    });
    expect(spliced).toEqual(
      documentOf([
        { name: 'object', ...objectOf([seven, inner, { name: 'o', ...objectOf([inner]) }]) },
        {
          name: 'array',
          ...arrayOf([value, storedValue.int32(7), arrayOf([value]), objectOf([inner]), objectOf([inner])]),
        },
        { name: 'map', ...objectOf([inner, { name: 'list', ...arrayOf([value]) }]) },
      ]),
    );
  });

  it('is written under any name', () => {
    for (const name of [
      '',
      'é',
      '日本',
      '__proto__',
      '$set',
      'a.b',
      'x'.repeat(3000),
      '\x07',
      'a\x07',
      '\x07a',
      '\x07\x07é\x07',
    ]) {
      const entries: [string, unknown][] = [
        ['before', 0x07070707],
        [name, underName(name, raw(value))],
      ];
      const expected = documentOf([seven, { name, ...value }]);
      expect(serialize(Object.fromEntries(entries))).toEqual(expected);
      expect(serialize(new Map(entries))).toEqual(expected);
    }
  });

  it('is found in a document, and encoded alone', () => {
    const bytes = documentOf([seven, { name: 'v', ...value }]);
    const found = RawValue.ofDocument(bytes).fields().get('v')!;
    expect(found.type).toBe(value.type);
    expect(found.sameBytes(raw(value))).toBe(true);
    expect(found.size).toBe(value.bytes.length);
    expect(encodeValue(raw(value)).sameBytes(found)).toBe(true);
    expect(encodeDocument({ before: 0x07070707, v: found })).toEqual(bytes);
  });

  it('shows in logs what it is, without an error', () => {
    expect(() => inspect({ a: raw(value) })).not.toThrow();
    expect(() => JSON.stringify({ a: raw(value) })).not.toThrow();
    expect(() => BSON.EJSON.stringify({ a: raw(value) })).not.toThrow();
  });
});

describe('a raw value', () => {
  it('is sent in a command as a part of it', () => {
    const id = new ObjectId();
    const price = stored(BSON.Decimal128.fromString('1.5'));
    const command = { update: 'orders', updates: [{ q: { _id: id }, u: { $set: { 'a.b': raw(price) } } }] };
    expect(BSON.deserialize(serialize(command))).toEqual({
      update: 'orders',
      updates: [{ q: { _id: id }, u: { $set: { 'a.b': BSON.Decimal128.fromString('1.5') } } }],
    });
  });

  it('that was named is written under no other name', () => {
    const named = underName('a\x07', raw(storedValue.int32(1))) as RawValue;
    expect(() => serialize({ 'a\x07': named })).not.toThrow();
    expect(() => serialize({ much_longer: named })).toThrow('under another name');
    expect(serialize({ b: underName('b', named) })).toEqual(documentOf([{ name: 'b', ...storedValue.int32(1) }]));
  });

  it('is told its name where a document is encoded: at its root, and in Maps', () => {
    const value = storedValue.date(2n ** 63n - 1n);
    const inner = { name: 'a\x07', ...value };
    const map = new Map([['a\x07', raw(value)]]);
    const expected = [
      inner,
      { name: 'm', ...objectOf([inner]) },
      { name: 'l', ...arrayOf([objectOf([inner]), value]) },
    ];
    expect(encodeDocument({ 'a\x07': raw(value), m: map, l: [map, raw(value)] })).toEqual(documentOf(expected));
    const nested = new Map<string, unknown>([...map, ['m', map], ['l', [map, raw(value)]]]);
    expect(encodeDocument(nested)).toEqual(documentOf(expected));
    const fields = RawValue.ofDocument(documentOf(expected)).fields();
    expect(encodeDocument(fields)).toEqual(documentOf(expected));
    expect(encodeDocument(Object.fromEntries(fields))).toEqual(documentOf(expected));
  });

  it('leaves other values to themselves', () => {
    for (const value of [1, 'a', null, undefined, { a: 1 }]) expect(underName('a\x07', value)).toBe(value);
  });

  it('reads well in logs', () => {
    const value = raw(objectOf([{ name: 'at', ...storedValue.date(0n) }]));
    expect(inspect({ value })).toBe('{ value: { at: 1970-01-01T00:00:00.000Z } }');
    expect(JSON.stringify({ value })).toBe('{"value":{"at":{"$date":"1970-01-01T00:00:00Z"}}}');
    expect(BSON.EJSON.stringify({ value }, { relaxed: false })).toBe('{"value":{"at":{"$date":{"$numberLong":"0"}}}}');
  });

  it('that js-bson cannot show says what it is', () => {
    const value = raw(storedValue.regex('(', 'q'));
    expect(inspect({ value })).toBe('{ value: BSON of type 11, 4 bytes }');
    expect(JSON.stringify({ value })).toBe('{"value":"BSON of type 11, 4 bytes"}');
  });

  it('differs from another by type or bytes', () => {
    expect(raw(storedValue.date(1n)).sameBytes(raw(storedValue.int64(1n)))).toBe(false);
    expect(raw(storedValue.int64(2n)).sameBytes(raw(storedValue.int64(1n)))).toBe(false);
    expect(raw(storedValue.string('a')).sameBytes(raw(storedValue.string('ab')))).toBe(false);
  });
});
