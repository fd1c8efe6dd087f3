import { describe, expect, it } from '@jest/globals';
import {
  BSONRegExp,
  Binary,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';
import type { PropOptions } from '../../../lib/mapping/index.js';
import { arrayOf, objectOf, storedValue, type StoredValue } from '../../support/arbitrary-bson.js';
import { mistake } from '../mapping/mistake.js';
import { OneField, sent, stored } from './subjects.js';

const id = new ObjectId('507f1f77bcf86cd799439011');
const uuid = new UUID('00112233-4455-6677-8899-aabbccddeeff');
const decimal = (text: string) => Decimal128.fromString(text);

type Type = NonNullable<PropOptions['type']>;

/** For each type: what its values are read from and written as. */
const VALUES: readonly (readonly [string, Type, unknown, StoredValue])[] = [
  ['string', String, '', storedValue.string('')],
  ['string', String, 'a\0é😀\ufffd', storedValue.string('a\0é😀\ufffd')],
  ['number', Number, 5, storedValue.int32(5)],
  ['number', Number, -(2 ** 31), storedValue.int32(-(2 ** 31))],
  ['number', Number, 2 ** 31, storedValue.double(2 ** 31)],
  ['number', Number, 0.1, storedValue.double(0.1)],
  ['number', Number, -0, storedValue.double(-0)],
  ['number', Number, NaN, storedValue.double(NaN)],
  ['number', Number, Infinity, storedValue.double(Infinity)],
  ['number', Number, -Infinity, storedValue.double(-Infinity)],
  ['number', Number, 2 ** 60, storedValue.double(2 ** 60)],
  ['boolean', Boolean, true, storedValue.bool(true)],
  ['boolean', Boolean, false, storedValue.bool(false)],
  ['date', Date, new Date('2026-01-02T03:04:05.678Z'), storedValue.date(1767323045678n)],
  ['date', Date, new Date(-1), storedValue.date(-1n)],
  ['date', Date, new Date('0001-01-01'), storedValue.date(-62135596800000n)],
  ['date', Date, new Date(8.64e15), storedValue.date(8640000000000000n)],
  ['objectId', ObjectId, id, storedValue.objectId(id.id)],
  ['decimal128', Decimal128, decimal('1.50'), stored(decimal('1.50'))],
  ['decimal128', Decimal128, decimal('-0'), stored(decimal('-0'))],
  ['decimal128', Decimal128, decimal('NaN'), stored(decimal('NaN'))],
  ['decimal128', Decimal128, decimal('-Infinity'), stored(decimal('-Infinity'))],
  ['decimal128', Decimal128, decimal('1E-6176'), stored(decimal('1E-6176'))],
  ['bigint', BigInt, 5n, storedValue.int64(5n)],
  ['bigint', BigInt, 2n ** 63n - 1n, storedValue.int64(2n ** 63n - 1n)],
  ['bigint', BigInt, -(2n ** 63n), storedValue.int64(-(2n ** 63n))],
  ['long', Long, Long.fromBigInt(2n ** 60n + 1n), storedValue.int64(2n ** 60n + 1n)],
  ['binary', Binary, new Binary(Buffer.from('abc')), storedValue.binary(Buffer.from('abc'))],
  ['binary', Binary, new Binary(Buffer.from('abc'), 128), storedValue.binary(Buffer.from('abc'), 128)],
  ['buffer', Buffer, Buffer.from('abc'), storedValue.binary(Buffer.from('abc'))],
  ['buffer', Buffer, Buffer.alloc(0), storedValue.binary(Buffer.alloc(0))],
  ['uuid', UUID, uuid, storedValue.binary(uuid.value(), 4)],
  ['regexp', RegExp, /a\/b/i, storedValue.regex('a\\/b', 'i')],
  ['regexp', RegExp, /^é$/gm, storedValue.regex('^é$', 'sm')],
];

describe.each(VALUES)('a %s field (case %#)', (_name, type, value, bytes) => {
  const field = new OneField({ type });

  it('is read from its bytes and written to them', () => {
    expect(Object.is(field.read(bytes), value) || field.same(field.read(bytes), value)).toBe(true);
    expect(field.read(bytes)).toEqual(value);
    expect(sent(field.write(value))).toBe(`${bytes.type}:${bytes.bytes.toString('hex')}`);
  });

  it('equals itself, read twice, and nothing of another type', () => {
    expect(field.same(field.read(bytes), field.read(bytes))).toBe(true);
    expect(field.same(value, value)).toBe(true);
    for (const other of [null, 'other', Symbol.iterator, {}, [], [value]]) expect(field.same(value, other)).toBe(false);
  });

  it('is sent as the bytes that it was read from, if it is the same', () => {
    const origin = storedValue.int64(5n);
    expect(sent(field.write(field.read(bytes), bytes))).toBe(sent(field.write(value)));
    expect(sent(field.write(field.read(origin), origin))).toBe('18:0500000000000000');
  });
});

describe('a stored value of another type than declared', () => {
  const others: readonly (readonly [StoredValue, unknown])[] = [
    [storedValue.string('5'), '5'],
    [storedValue.int32(5), 5],
    [storedValue.double(5.5), 5.5],
    [storedValue.bool(true), true],
    [storedValue.date(0n), new Date(0)],
    [storedValue.null(), null],
    [storedValue.objectId(id.id), id],
    [stored(decimal('5')), decimal('5')],
    [storedValue.int64(2n ** 60n), Long.fromBigInt(2n ** 60n)],
    [storedValue.binary(Buffer.from('a')), new Binary(Buffer.from('a'))],
    [storedValue.binary(uuid.value(), 4), uuid],
    [storedValue.regex('a', 'i'), /a/i],
    [storedValue.timestamp(5n), new Timestamp(5n)],
    [storedValue.minKey(), new MinKey()],
    [storedValue.maxKey(), new MaxKey()],
    [storedValue.symbol('s'), 's'],
    [arrayOf([storedValue.int32(1)]), [1]],
    [objectOf([{ name: 'a', ...storedValue.int32(1) }]), { a: 1 }],
  ];
  const types: readonly (readonly [Type, ...number[]])[] = [
    [String, 2],
    [Boolean, 8],
    [Date, 9],
    [ObjectId, 7],
    [Decimal128, 19],
    [UUID, 5],
    [Binary, 5],
    [Buffer, 5],
    [RegExp, 11],
    [BigInt, 16, 18],
    [Long, 16, 18],
  ];

  it.each(types)('reads as it is stored in a field of %p, and survives', (type, ...declared) => {
    const field = new OneField({ type });
    for (const [bytes, value] of others) {
      const read = field.read(bytes);
      if (!declared.includes(bytes.type)) expect(read).toEqual(value);
      expect(sent(field.write(read, bytes))).toBe(`${bytes.type}:${bytes.bytes.toString('hex')}`);
    }
  });

  it('is refused when it is written anew', () => {
    expect(new OneField({ type: Number }).refusal('5')).toMatch(/expected a number, got a string/);
    expect(new OneField({ type: String }).refusal(5)).toMatch(/expected a string, got a number/);
    expect(new OneField({ type: Boolean }).refusal(1)).toMatch(/expected a boolean/);
    expect(new OneField({ type: Date }).refusal('2026-01-01')).toMatch(/expected a valid Date, got a string/);
    expect(new OneField({ type: Date }).refusal(0)).toMatch(/expected a valid Date/);
    expect(new OneField({ type: ObjectId }).refusal(id.toHexString())).toMatch(/expected an ObjectId/);
    expect(new OneField({ type: ObjectId }).refusal({ _bsontype: 'ObjectId', id: 'x' })).toMatch(
      /expected an ObjectId/,
    );
    expect(new OneField({ type: Decimal128 }).refusal(1.5)).toMatch(/expected a Decimal128/);
    expect(new OneField({ type: BigInt }).refusal(5)).toMatch(/expected a bigint of 64 bits, got a number/);
    expect(new OneField({ type: Long }).refusal(5n)).toMatch(/expected a Long, got a bigint/);
    expect(new OneField({ type: Long }).refusal(new Timestamp(5n))).toMatch(
      /expected a Long, got a value of Timestamp/,
    );
    expect(new OneField({ type: Buffer }).refusal('YQ==')).toMatch(/expected a Buffer or Uint8Array/);
    expect(new OneField({ type: Buffer }).refusal(new Float32Array(1))).toMatch(/expected a Buffer or Uint8Array/);
    expect(new OneField({ type: Binary }).refusal([1])).toMatch(/expected a Binary, got an array/);
    expect(new OneField({ type: UUID }).refusal(new Binary(Buffer.alloc(16), 3))).toMatch(/expected a UUID/);
    expect(new OneField({ type: UUID }).refusal(new Binary(Buffer.alloc(15), 4))).toMatch(/expected a UUID/);
    expect(new OneField({ type: RegExp }).refusal('a')).toMatch(/expected a RegExp/);
    for (const value of [() => 1, Symbol('s'), {}, []]) {
      expect(new OneField({ type: String }).refusal(value)).toMatch(/expected a string/);
    }
  });
});

describe('nothing lossy is sent', () => {
  it('an invalid Date is refused', () => {
    expect(new OneField({ type: Date }).refusal(new Date(NaN))).toMatch(/^field: Thing\.field: expected a valid Date/);
  });

  it('a bigint of more than 64 bits is refused', () => {
    const field = new OneField({ type: BigInt });
    for (const value of [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n + 5n]) {
      expect(field.refusal(value)).toMatch(/bigint of 64 bits/);
    }
  });

  it('a lone surrogate is refused', () => {
    const field = new OneField({ type: String });
    for (const value of ['\ud800', 'a\udc00', '\udc00\ud800']) {
      expect(field.refusal(value)).toMatch(/^field: Thing\.field: expected text without lone surrogates/);
    }
    expect(field.again('\ud83d\ude00')).toBe('😀');
  });

  it('flags that BSON does not know are refused', () => {
    const field = new OneField({ type: RegExp });
    for (const value of [/a/u, /a/s, /a/y, /a/d, new RegExp('a', 'v')]) {
      expect(field.refusal(value)).toMatch(/its flags ".*" cannot be stored.*flags g, i and m only/);
    }
    expect(field.again(new BSONRegExp('a b', 'ix'))).toEqual(new BSONRegExp('a b', 'ix'));
    expect(field.refusal(new BSONRegExp('\ud800'))).toMatch(/lone surrogates/);
    expect(field.refusal(new RegExp('\ud800'))).toMatch(/lone surrogates/);
  });

  it('null is refused unless it is declared, or what was there', () => {
    expect(new OneField({ type: String }).refusal(null)).toMatch(/not declared { nullable: true }/);
    expect(new OneField({ type: String, nullable: true }).write(null)).toBeNull();
    expect(new OneField({ type: String }).write(null, storedValue.null())).toBeNull();
    expect(new OneField({ type: Object }).write(null)).toBeNull();
  });

  it('an int64 beyond 2^53 in a number field is an error when it is read, and can be replaced', () => {
    const field = new OneField({ type: Number });
    const error = mistake(() => field.read(storedValue.int64(2n ** 53n)));
    expect(error).toMatchObject({ code: 'UnsafeInteger', entity: 'Thing', field: 'field' });
    expect(error.remedy).toMatch(/bigint/);
    expect(sent(field.write(5, storedValue.int64(2n ** 53n)))).toBe('16:05000000');
    expect(field.read(storedValue.int64(2n ** 53n - 1n))).toBe(2 ** 53 - 1);
    expect(field.read(storedValue.int64(-(2n ** 53n) + 1n))).toBe(-(2 ** 53) + 1);
    expect(mistake(() => field.read(storedValue.int64(-(2n ** 53n)))).code).toBe('UnsafeInteger');
  });

  it('text that is no UTF-8 cannot be read, and can be replaced', () => {
    const field = new OneField({ type: String });
    const broken = { type: 2, bytes: Buffer.from('04000000eda08000', 'hex') };
    expect(() => field.read(broken)).toThrow('Invalid UTF-8 string');
    expect(sent(field.write('new', broken))).toBe(sent('new'));
  });

  it('dates beyond JavaScript read as invalid, stay as they are, and are no longer changed by accident', () => {
    const field = new OneField({ type: Date });
    for (const milliseconds of [2n ** 63n - 1n, -(2n ** 63n), 8640000000000001n]) {
      const bytes = storedValue.date(milliseconds);
      expect(field.read(bytes).getTime()).toBeNaN();
      expect(field.same(field.read(bytes), field.read(bytes))).toBe(true);
      expect(sent(field.write(field.read(bytes), bytes))).toBe(`9:${bytes.bytes.toString('hex')}`);
      expect(field.json(field.read(bytes))).toBeNull();
    }
  });
});

describe('numbers of several stored kinds', () => {
  it('are one field of numbers', () => {
    const field = new OneField({ type: Number });
    for (const bytes of [storedValue.int32(7), storedValue.double(7), storedValue.int64(7n)]) {
      expect(field.read(bytes)).toBe(7);
      expect(sent(field.write(7, bytes))).toBe(`${bytes.type}:${bytes.bytes.toString('hex')}`);
    }
    expect(field.same(0, -0)).toBe(true);
    expect(field.same(NaN, NaN)).toBe(true);
    expect(field.same(NaN, 0)).toBe(false);
  });

  it('are bigints and Longs where they are integers', () => {
    const bigint = new OneField({ type: BigInt });
    const long = new OneField({ type: Long });
    expect(bigint.read(storedValue.int32(7))).toBe(7n);
    expect(bigint.read(storedValue.double(7))).toBe(7n);
    expect(bigint.read(storedValue.double(7.5))).toBe(7.5);
    expect(bigint.read(storedValue.double(2 ** 60))).toBe(2 ** 60);
    expect(long.read(storedValue.int32(-7))).toEqual(Long.fromNumber(-7));
    expect(long.read(storedValue.double(7))).toBe(7);
    expect(bigint.same(7n, 7)).toBe(true);
    expect(bigint.same(2n ** 60n, 2n ** 60n + 1n)).toBe(false);
    expect(bigint.same(7n, Long.fromNumber(7))).toBe(true);
    expect(new OneField({ type: Number }).same(7, new Double(7))).toBe(true);
    expect(new OneField({ type: Number }).same(7, new Int32(7))).toBe(true);
  });
});

describe('Decimal128', () => {
  const field = new OneField({ type: Decimal128 });
  it('is compared by its bytes', () => {
    expect(field.same(decimal('5.00'), decimal('5.00'))).toBe(true);
    expect(field.same(decimal('5.00'), decimal('5.0'))).toBe(false);
    expect(field.same(decimal('0'), decimal('-0'))).toBe(false);
    expect(field.same(decimal('NaN'), decimal('NaN'))).toBe(true);
  });
});

describe('what can be changed in place', () => {
  it('is handed out as a copy', () => {
    const content = storedValue.binary(Buffer.from('abc'));
    const before = Buffer.from(content.bytes);
    for (const type of [Buffer, Binary, Object]) {
      const value = new OneField({ type }).read(content) as Buffer | Binary;
      (value instanceof Binary ? value.buffer : value)[0] = 0;
    }
    (new OneField({ type: UUID }).read(storedValue.binary(uuid.value(), 4)) as UUID).buffer[0] = 1;
    expect(content.bytes).toEqual(before);
    const at = storedValue.date(0n);
    (new OneField({ type: Date }).read(at) as Date).setTime(5);
    expect(new OneField({ type: Date }).read(at)).toEqual(new Date(0));
    const price = stored(decimal('1'));
    (new OneField({ type: Decimal128 }).read(price) as Decimal128).bytes.fill(99);
    expect(new OneField({ type: Decimal128 }).read(price)).toEqual(decimal('1'));
  });

  it('is sent as a copy', () => {
    const date = new Date(0);
    const bytes = Buffer.from('abc');
    const view = new Uint8Array(bytes);
    const binary = new Binary(Buffer.from('abc'));
    const written = [
      new OneField({ type: Date }).write(date),
      new OneField({ type: Object }).write(date),
      new OneField({ type: Buffer }).write(bytes),
      new OneField({ type: Binary }).write(view),
      new OneField({ type: Binary }).write(binary),
      new OneField({ type: Object }).write(binary),
      new OneField({ type: Object }).write({ bytes, list: [binary] }),
    ];
    const before = written.map(sent);
    date.setTime(5);
    bytes[0] = view[0] = binary.buffer[0] = 0;
    expect(written.map(sent)).toEqual(before);
  });
});

describe('binary values', () => {
  it('of the deprecated subtype 2 are read by their content and keep it', () => {
    const bytes = storedValue.binary(Buffer.from('abc'), 2);
    expect(new OneField({ type: Buffer }).read(bytes)).toEqual(Buffer.from('abc'));
    expect(new OneField({ type: Binary }).read(bytes)).toMatchObject({ sub_type: 2, position: 3 });
    for (const type of [Buffer, Binary]) {
      const field = new OneField({ type });
      expect(sent(field.write(field.read(bytes), bytes))).toBe(`5:${bytes.bytes.toString('hex')}`);
    }
    const broken = { type: 5, bytes: Buffer.from('0500000002ff00000061', 'hex') };
    expect(() => new OneField({ type: Buffer }).read(broken)).toThrow('too long');
  });

  it('keep their subtype when a Buffer is changed', () => {
    const field = new OneField({ type: Buffer });
    const bytes = storedValue.binary(Buffer.from('abc'), 5);
    expect(sent(field.write(Buffer.from('xyz'), bytes))).toBe(sent(new Binary(Buffer.from('xyz'), 5)));
    expect(sent(field.write(Buffer.from('xyz')))).toBe(sent(new Binary(Buffer.from('xyz'), 0)));
  });

  it('of subtype 4 are UUIDs where they have 16 bytes', () => {
    const field = new OneField({ type: UUID });
    expect(field.read(storedValue.binary(uuid.value(), 4))).toBeInstanceOf(UUID);
    expect(field.read(storedValue.binary(Buffer.alloc(3), 4))).toEqual(new Binary(Buffer.alloc(3), 4));
    expect(field.read(storedValue.binary(uuid.value(), 3))).toEqual(new Binary(uuid.value(), 3));
    expect(field.same(uuid, new Binary(uuid.value(), 4))).toBe(true);
    expect(field.same(uuid, new Binary(uuid.value(), 3))).toBe(false);
    expect(new OneField({ type: Binary }).same(Buffer.from('a'), new Binary(Buffer.from('a')))).toBe(true);
    expect(new OneField({ type: Binary }).same(Buffer.from('a'), new Binary(Buffer.from('a'), 5))).toBe(false);
  });
});

describe('an enum', () => {
  it('admits its values only, in arrays, Sets and Maps too', () => {
    const one = new OneField({ enum: ['a', 'b'] });
    expect(one.write('a')).toBe('a');
    expect(one.refusal('c')).toMatch(/expected one of "a", "b"/);
    expect(new OneField({ enum: ['a', 1] }).write(1)).toBe(1);
    expect(new OneField({ enum: ['a', 1] }).refusal('1')).toMatch(/expected one of "a", 1/);
    expect(new OneField({ enum: ['a', 1] }).refusal(null)).toMatch(/nullable/);
    const nested: readonly (readonly [PropOptions, unknown, unknown])[] = [
      [{ type: [String] }, ['a', 'b'], ['a', 'c']],
      [{ type: [[String]] }, [['a'], []], [['a'], ['c']]],
      [{ type: Set, of: String }, new Set(['a']), new Set(['c'])],
      [{ type: Map, of: String }, new Map([['x', 'a']]), new Map([['x', 'c']])],
      [{ type: Map, of: [String] }, new Map([['x', ['a']]]), new Map([['x', ['c']]])],
    ];
    for (const [options, good, bad] of nested) {
      const field = new OneField({ ...options, enum: ['a', 'b'] });
      expect(field.again(good)).toEqual(good);
      expect(field.refusal(bad)).toMatch(/expected one of/);
    }
  });

  it('leaves what is stored alone', () => {
    const field = new OneField({ enum: ['a'] });
    expect(field.read(storedValue.string('old'))).toBe('old');
    expect(sent(field.write('old', storedValue.string('old')))).toBe(sent('old'));
    expect(field.refusal('older', storedValue.string('old'))).toMatch(/one of "a"/);
    const list = new OneField({ type: [String], enum: ['a'] });
    const bytes = stored(['old', 'a']);
    expect(sent(list.write(['a', 'old', 'a'], bytes))).toBe(sent(['a', 'old', 'a']));
    expect(list.refusal(['old', 'older'], bytes)).toMatch(/one of "a"/);
  });
});
