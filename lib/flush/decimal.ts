import { Decimal128 } from '../bson/values.js';

/** A finite decimal without rounding: `digits * 10^exponent`. */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** Most digits that a Decimal128 holds. */
const PRECISION = 34;

/** The parts of a decimal; undefined for NaN and the infinities. */
export function partsOf(value: Decimal128): Decimal | undefined {
  const [, sign = '', whole = '', part = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(value.toString()) ?? [];
  if (whole === '') return undefined;
  return { digits: BigInt(sign + whole + part), exponent: Number(power) - part.length };
}

/** As the server adds, with as many places as the longer of the two has; undefined where it would round. */
export function addDecimals(a: Decimal128, b: Decimal128): Decimal128 | undefined {
  const [x, y] = [partsOf(a), partsOf(b)];
  return x && y && toDecimal128(sum(x, y));
}

/** What added to `from` makes exactly `to`, with the same places; undefined where nothing does. */
export function decimalDelta(from: Decimal128, to: Decimal128): Decimal128 | undefined {
  const [x, y] = [partsOf(from), partsOf(to)];
  const delta = x && y && toDecimal128(sum(y, { ...x, digits: -x.digits }));
  const result = delta && addDecimals(from, delta);
  return result !== undefined && Buffer.compare(result.bytes, to.bytes) === 0 ? delta : undefined;
}

function sum(a: Decimal, b: Decimal): Decimal | undefined {
  const exponent = Math.min(a.exponent, b.exponent);
  if (Math.max(a.exponent, b.exponent) - exponent > PRECISION) return undefined;
  const scaled = (one: Decimal) => one.digits * 10n ** BigInt(one.exponent - exponent);
  return { digits: scaled(a) + scaled(b), exponent };
}

function toDecimal128(value: Decimal | undefined): Decimal128 | undefined {
  if (value === undefined || String(value.digits).replace('-', '').length > PRECISION) return undefined;
  return Decimal128.fromString(`${value.digits}E${value.exponent}`);
}
