import { BsonType } from './elements.js';
import { encodeValue } from './raw-value.js';

/** An id as a key of a Map: equal for ids that the server holds equal (5 as int32, int64 and double are one id). */
export function identityKey(id: unknown): string {
  const { type, bytes, start, end } = encodeValue(id);
  switch (type as BsonType) {
    case BsonType.double:
      return numberKey(bytes.readDoubleLE(start));
    case BsonType.int32:
      return `n${bytes.readInt32LE(start)}`;
    case BsonType.int64:
      return `n${bytes.readBigInt64LE(start)}`;
    default:
      return String.fromCharCode(type) + bytes.toString('latin1', start, end);
  }
}

/** The exact digits of an integer: those of 2^60 as a double are rounded. */
function numberKey(value: number): string {
  return `n${Number.isInteger(value) ? BigInt(value) : value}`;
}
