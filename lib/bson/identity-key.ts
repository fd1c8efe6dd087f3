import { BsonType, visitElements } from './elements.js';
import { encodeValue } from './raw-value.js';
import { ObjectId } from './values.js';

/** An id as a key of a Map: equal for ids that the server holds equal (5 as int32, int64 and double are one id). */
export function identityKey(id: unknown): string {
  if (id instanceof ObjectId) return twelve(id.id, 0);
  const { type, bytes, start, end } = encodeValue(id);
  return keyOfBytes(type, bytes, start, end);
}

/** The key of the document at `start`, whose frame was checked; that of null where it has no id. */
export function identityKeyOfDocument(bytes: Buffer, start: number): string {
  if (bytes.length >= start + 21 && isIdFirst(bytes, start)) {
    return twelve(bytes, start + 9); // the driver and the server put it there; and mostly it is an ObjectId
  }
  let key: string | undefined;
  visitElements(bytes, start, (type, nameStart, nameEnd, at, end) => {
    if (nameEnd - nameStart === 3 && bytes.toString('latin1', nameStart, nameEnd) === '_id') {
      key = keyOfBytes(type, bytes, at, end);
    }
  });
  return key ?? keyOfBytes(BsonType.null, bytes, start, start);
}

/** Does the document begin with an ObjectId named `_id`? */
function isIdFirst(bytes: Buffer, start: number): boolean {
  return (
    bytes[start + 4] === BsonType.objectId &&
    bytes[start + 5] === 0x5f &&
    bytes[start + 6] === 0x69 &&
    bytes[start + 7] === 0x64 &&
    bytes[start + 8] === 0
  );
}

/** Before all keys but those of ObjectIds, which are twelve characters: no other key is as short. */
const OTHER = 'not-ObjectId:';

function keyOfBytes(type: number, bytes: Buffer, start: number, end: number): string {
  switch (type as BsonType) {
    case BsonType.objectId:
      return twelve(bytes, start);
    case BsonType.double:
      return numberKey(bytes.readDoubleLE(start));
    case BsonType.int32:
      return `${OTHER}n${bytes.readInt32LE(start)}`;
    case BsonType.int64:
      return `${OTHER}n${bytes.readBigInt64LE(start)}`;
    default:
      return OTHER + String.fromCharCode(type) + bytes.toString('latin1', start, end);
  }
}

/** The exact digits of an integer: those of 2^60 as a double are rounded. */
function numberKey(value: number): string {
  return `${OTHER}n${Number.isInteger(value) ? BigInt(value) : value}`;
}

/** The bytes of an ObjectId as characters: the cheapest text to be had of them. */
function twelve(bytes: Uint8Array, at: number): string {
  // prettier-ignore
  return String.fromCharCode(
    bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!,
    bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!,
  );
}
