import { Decimal128, Double, Int32, Long, Timestamp } from './values.js';

/** Numbers of every kind that can be compared with `===`: integers as bigint where they are not safe. */
export function numeric(value: unknown): number | bigint | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return narrow(value);
  if (value instanceof Long) return value instanceof Timestamp ? undefined : narrow(value.toBigInt());
  if (value instanceof Double || value instanceof Int32) return value.valueOf();
  return undefined;
}

function narrow(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** Equal by value, NaN to itself, 0 to -0; false when either is no number. */
export function sameNumber(a: unknown, b: unknown): boolean {
  const x = numeric(a);
  const y = numeric(b);
  if (x === undefined || y === undefined) return false;
  if (typeof x !== typeof y) return x >= y && x <= y; // exact, where converting either would not be
  return x === y || (Number.isNaN(x) && Number.isNaN(y));
}

export function isNumeric(value: unknown): boolean {
  return numeric(value) !== undefined || value instanceof Decimal128;
}

/** The integer as js-bson should write it: int32 where it fits, else int64. */
export function integerToBson(value: bigint): Int32 | Long {
  return value >= -0x80000000n && value <= 0x7fffffffn ? new Int32(Number(value)) : Long.fromBigInt(value);
}
