import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Binary, Decimal128, Double, Int32, Long, ObjectId } from 'mongodb';
import { encodeValue } from '../../../lib/bson/raw-value.js';
import { sameStored } from '../../../lib/flush/same-stored.js';

const same = (a: unknown, b: unknown) => {
  const [x, y] = [a, b].map((value) => (value === undefined ? undefined : encodeValue(value)));
  expect(sameStored(y, x)).toBe(sameStored(x, y));
  return sameStored(x, y);
};
const decimal = (text: string) => Decimal128.fromString(text);

// What the server's $eq says, which test/integration/flush/guards-agree.spec.ts holds it to.
describe('sameStored', () => {
  it.each([
    [new Int32(5), new Double(5)],
    [new Int32(5), Long.fromNumber(5)],
    [new Int32(5), decimal('5.00')],
    [new Double(0.5), decimal('0.50')],
    [new Double(0), new Double(-0)],
    [new Double(-0), decimal('-0E+5')],
    [new Double(Number.NaN), decimal('NaN')],
    [new Double(Infinity), decimal('Infinity')],
    [Long.fromString('9007199254740993'), decimal('9007199254740993')],
    [decimal('1.5E+3'), new Int32(1500)],
    [new Double(5e-324), new Double(5e-324)],
    [
      { a: new Int32(1), b: [new Double(2)] },
      { a: new Double(1), b: [Long.fromNumber(2)] },
    ],
    [null, null],
    [undefined, undefined],
    ['a', 'a'],
  ])('%p = %p', (a, b) => {
    expect(same(a, b)).toBe(true);
  });

  it.each([
    [new Double(0.1), decimal('0.1')],
    [new Int32(5), '5'],
    [new Int32(1), true],
    [Long.fromString('9007199254740993'), new Double(9007199254740992)],
    [new Double(Infinity), new Double(-Infinity)],
    [new Double(Number.NaN), new Int32(0)],
    [new Double(1), new Double(1.0000000000000002)],
    [decimal('1E+6000'), new Int32(1)],
    [decimal('1E-6000'), new Double(0)],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [{ a: 1 }, { a: 1, b: undefined, c: 1 }],
    [{ a: 1 }, { b: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [[1]]],
    [[1], 1],
    [null, undefined],
    [new Date(1), new Date(2)],
    [new Date(1), new Int32(1)],
    [new Binary(Buffer.from('a'), 0), new Binary(Buffer.from('a'), 4)],
    [new ObjectId(), new ObjectId()],
    ['a', 'A'],
    [/a/, /a/i],
  ])('%p ≠ %p', (a, b) => {
    expect(same(a, b)).toBe(false);
  });

  it('of a double and the decimal that writes it out holds, of the next double does not', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.integer({ min: 0, max: 12 }), (n, bits) => {
        const value = n / 2 ** bits; // few enough digits for a decimal
        expect(same(new Double(value), decimal(value.toFixed(12)))).toBe(true);
        expect(same(new Double(value + 2 ** -12), decimal(value.toFixed(12)))).toBe(false);
      }),
    );
  });
});
