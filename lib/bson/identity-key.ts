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
  const at = placeOfId(bytes, start);
  if (at > 0) return twelve(bytes, at);
  let key: string | undefined;
  visitElements(bytes, start, (type, nameStart, nameEnd, at, end) => {
    if (nameEnd - nameStart === 3 && bytes.toString('latin1', nameStart, nameEnd) === '_id') {
      key = keyOfBytes(type, bytes, at, end);
    }
  });
  return key ?? keyOfBytes(BsonType.null, bytes, start, start);
}

/**
 * Where the twelve bytes of the id are, in a document that begins with an ObjectId named `_id`, as nearly all do: the
 * driver and the server put it there. 0 for another.
 */
export function placeOfId(bytes: Buffer, start: number): number {
  const isIt =
    bytes.length >= start + 22 &&
    bytes[start + 4] === BsonType.objectId &&
    bytes[start + 5] === 0x5f &&
    bytes[start + 6] === 0x69 &&
    bytes[start + 7] === 0x64 &&
    bytes[start + 8] === 0;
  return isIt ? start + 9 : 0;
}

// Odd, and of this process: nobody can choose ids that share their hashes.
const [A, B, C] = Array.from({ length: 3 }, () => (Math.random() * 0x1_0000_0000) | 1) as [number, number, number];

/** A hash of the ObjectId at `at`. */
export function hashOfId(bytes: Uint8Array, at: number): number {
  return mix(
    bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24),
    bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24),
    bytes[at + 8]! | (bytes[at + 9]! << 8) | (bytes[at + 10]! << 16) | (bytes[at + 11]! << 24),
  );
}

/** The same, of the key of an ObjectId. */
export function hashOfKey(key: string): number {
  const word = (at: number) =>
    key.charCodeAt(at) |
    (key.charCodeAt(at + 1) << 8) |
    (key.charCodeAt(at + 2) << 16) |
    (key.charCodeAt(at + 3) << 24);
  return mix(word(0), word(4), word(8));
}

function mix(a: number, b: number, c: number): number {
  let hash = Math.imul(a, A) ^ Math.imul(b, B) ^ Math.imul(c, C);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return hash ^ (hash >>> 15);
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
export function twelve(bytes: Uint8Array, at: number): string {
  // prettier-ignore
  return String.fromCharCode(
    bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!,
    bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!,
  );
}
