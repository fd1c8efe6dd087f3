import { BsonType } from '../bson/elements.js';
import { decodeByDriver, type RawValue } from '../bson/raw-value.js';
import type { Decimal128 } from '../bson/values.js';
import { partsOf } from './decimal.js';

/**
 * Are two stored values equal as the server's `$eq` says? Numbers of every type by value (5 = 5.0 = decimal 5.00, NaN to
 * itself), the fields of objects in their order, everything else by type and bytes. Guards in a filter and guards
 * that are compared here then mean the same. `undefined`: missing.
 */
export function sameStored(a: RawValue | undefined, b: RawValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.sameBytes(b)) return true;
  if (isNumber(a) && isNumber(b)) return sameNumber(a, b);
  if (a.type !== b.type) return false;
  if (a.type === BsonType.array) return sameList(a.elements(), b.elements());
  if (a.type !== BsonType.object) return false;
  const [x, y] = [a.fields(), b.fields()];
  return sameNames([...x.keys()], [...y.keys()]) && sameList([...x.values()], [...y.values()]);
}

/** A text that equal values share, and few others: to find what may be equal. */
export function storedText(raw: RawValue): string {
  if (isNumber(raw)) return `n ${Number(decodeByDriver(raw))}`;
  if (raw.type === BsonType.array || raw.type === BsonType.object) return String(raw.type); // numbers inside may differ
  return `${raw.type} ${raw.bytes.toString('latin1', raw.start, raw.end)}`;
}

function sameList(a: readonly RawValue[], b: readonly RawValue[]): boolean {
  return a.length === b.length && a.every((value, index) => sameStored(value, b[index]));
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

function isNumber({ type }: RawValue): boolean {
  return [BsonType.double, BsonType.int32, BsonType.int64, BsonType.decimal128].includes(type);
}

function sameNumber(a: RawValue, b: RawValue): boolean {
  const [x, y] = [exact(a), exact(b)];
  if (typeof x === 'string' || typeof y === 'string') return x === y;
  // Both sides times 10^-exponent, where that is positive, so that nothing is rounded.
  const shift = Math.min(x.exponent, y.exponent);
  const scaled = (one: Exact) => one.digits * 10n ** BigInt(one.exponent - shift);
  return scaled(x) * y.divisor === scaled(y) * x.divisor;
}

/** `digits * 10^exponent / divisor`. */
interface Exact {
  readonly digits: bigint;
  readonly exponent: number;
  readonly divisor: bigint;
}

/** A number without any rounding; those that are not finite as text. */
function exact(raw: RawValue): Exact | string {
  switch (raw.type as BsonType) {
    case BsonType.int32:
      return { digits: BigInt(raw.bytes.readInt32LE(raw.start)), exponent: 0, divisor: 1n };
    case BsonType.int64:
      return { digits: raw.bytes.readBigInt64LE(raw.start), exponent: 0, divisor: 1n };
    case BsonType.double:
      return exactDouble(raw.bytes.readDoubleLE(raw.start));
    default:
      return exactDecimal(decodeByDriver(raw) as Decimal128);
  }
}

function exactDouble(value: number): Exact | string {
  if (!Number.isFinite(value)) return String(value);
  let [digits, divisor] = [value, 1n];
  while (!Number.isInteger(digits)) {
    digits *= 2; // exact: only the exponent changes
    divisor *= 2n;
  }
  return { digits: BigInt(digits), exponent: 0, divisor };
}

function exactDecimal(value: Decimal128): Exact | string {
  const parts = partsOf(value);
  return parts === undefined ? value.toString() : { ...parts, divisor: 1n };
}
