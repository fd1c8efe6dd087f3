import { describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Int32, Long, ObjectId, Timestamp, UUID } from 'mongodb';
import { identityKey } from '../../../lib/bson/identity-key.js';
import { integerToBson, isNumeric, numeric, sameNumber } from '../../../lib/bson/numbers.js';

describe('numbers', () => {
  it.each<[unknown, unknown]>([
    [5, 5],
    [5, new Double(5)],
    [5, new Int32(5)],
    [5, Long.fromNumber(5)],
    [5, 5n],
    [0, -0],
    [NaN, NaN],
    [NaN, new Double(NaN)],
    [Infinity, Infinity],
    [2 ** 60, 2n ** 60n],
    [2 ** 60, Long.fromBigInt(2n ** 60n)],
    [-(2 ** 63), -(2n ** 63n)],
    [2n ** 62n, Long.fromBigInt(2n ** 62n)],
  ])('%p and %p are one', (a, b) => {
    expect(sameNumber(a, b)).toBe(true);
    expect(sameNumber(b, a)).toBe(true);
  });

  it.each<[unknown, unknown]>([
    [5, 6],
    [5, '5'],
    [0, null],
    [0, false],
    [NaN, 0],
    [NaN, 0n],
    [Infinity, -Infinity],
    [Infinity, 2n ** 62n],
    [2 ** 60, 2n ** 60n + 1n],
    [2 ** 53, 2n ** 53n + 1n],
    [0.5, 0n],
    [5, new Timestamp(5n)],
    [5, Decimal128.fromString('5')],
    [5, new Date(5)],
  ])('%p and %p are two', (a, b) => {
    expect(sameNumber(a, b)).toBe(false);
    expect(sameNumber(b, a)).toBe(false);
  });

  it('are read from every class, integers beyond 2^53 as bigint', () => {
    expect(numeric(new Int32(1))).toBe(1);
    expect(numeric(new Double(1.5))).toBe(1.5);
    expect(numeric(Long.fromNumber(7))).toBe(7);
    expect(numeric(2n ** 60n)).toBe(2n ** 60n);
    for (const value of ['1', null, undefined, {}, Decimal128.fromString('1')]) expect(numeric(value)).toBeUndefined();
    expect(isNumeric(Decimal128.fromString('1'))).toBe(true);
    expect(isNumeric('1')).toBe(false);
  });

  it('are written as the smallest integer', () => {
    expect(integerToBson(2n ** 31n - 1n)).toEqual(new Int32(2 ** 31 - 1));
    expect(integerToBson(-(2n ** 31n))).toEqual(new Int32(-(2 ** 31)));
    expect(integerToBson(2n ** 31n)).toEqual(Long.fromBigInt(2n ** 31n));
    expect(integerToBson(-(2n ** 31n) - 1n)).toEqual(Long.fromBigInt(-(2n ** 31n) - 1n));
  });
});

describe('the key of an id', () => {
  it('is one for ids that the server holds equal', () => {
    const fives = [5, 5n, new Int32(5), new Double(5), Long.fromNumber(5)];
    expect(new Set(fives.map(identityKey)).size).toBe(1);
    expect(identityKey(0)).toBe(identityKey(-0));
    expect(identityKey(2 ** 60)).toBe(identityKey(2n ** 60n));
    expect(identityKey(new ObjectId('0'.repeat(24)))).toBe(identityKey(new ObjectId(Buffer.alloc(12))));
  });

  it('is another for every other id', () => {
    const ids = [
      ...[5, '5', 5.5, 2n ** 53n, 2n ** 53n + 1n, 2 ** 62, 4611686018427388000n, NaN, Infinity, -Infinity],
      ...['', 'a', 'a\0', new ObjectId(), new ObjectId(), new UUID(), new UUID(), Buffer.from('a'), true, null],
      ...['n5', '\u0002a', Decimal128.fromString('5')],
    ];
    expect(new Set(ids.map(identityKey)).size).toBe(ids.length);
  });
});
