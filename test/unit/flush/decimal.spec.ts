import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal128 } from 'mongodb';
import { addDecimals, decimalDelta } from '../../../lib/flush/decimal.js';

const decimal = (text: string) => Decimal128.fromString(text);
const add = (a: string, b: string) => addDecimals(decimal(a), decimal(b))?.toString();
const delta = (from: string, to: string) => decimalDelta(decimal(from), decimal(to))?.toString();

describe('addDecimals', () => {
  it.each([
    ['1.50', '0.25', '1.75'],
    ['1.5', '0.25', '1.75'],
    ['-1.5', '1.50', '0.00'],
    ['1E+3', '1', '1001'],
    ['0', '0.00', '0.00'],
  ])('%s + %s = %s', (a, b, sum) => {
    expect(add(a, b)).toBe(sum);
    expect(add(b, a)).toBe(sum);
  });

  it.each([
    ['NaN', '1'],
    ['Infinity', '1'],
    ['1E+40', '1'],
    ['9999999999999999999999999999999999', '1'],
  ])('%s + %s would be rounded, or is no number', (a, b) => {
    expect(add(a, b)).toBeUndefined();
  });
});

describe('decimalDelta', () => {
  it.each([
    ['1.50', '1.75', '0.25'],
    ['1.5', '1.75', '0.25'],
    ['1.50', '1.50', '0.00'],
    ['2', '-3.00', '-5.00'],
  ])('from %s to %s is %s', (from, to, by) => {
    expect(delta(from, to)).toBe(by);
  });

  it.each([
    ['1.50', '2'], // the sum would read 2.00
    ['NaN', '1'],
    ['1', 'NaN'],
    ['1', '-0'],
  ])('from %s to %s there is none', (from, to) => {
    expect(delta(from, to)).toBeUndefined();
  });

  it('added to where it came from makes exactly what it should', () => {
    const amount = fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -8, max: 3 }))
      .map(([digits, exponent]) => `${digits}E${exponent}`);
    fc.assert(
      fc.property(amount, amount, (from, to) => {
        const by = decimalDelta(decimal(from), decimal(to));
        if (by === undefined) return;
        expect(addDecimals(decimal(from), by)?.toString()).toBe(decimal(to).toString());
      }),
    );
  });
});
