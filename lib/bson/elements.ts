import { BSON } from './values.js';

/** BSON's element types (https://bsonspec.org/spec.html). */
export const enum BsonType {
  double = 1,
  string = 2,
  object = 3,
  array = 4,
  binary = 5,
  undefined = 6,
  objectId = 7,
  bool = 8,
  date = 9,
  null = 10,
  regex = 11,
  dbPointer = 12,
  code = 13,
  symbol = 14,
  codeWithScope = 15,
  int32 = 16,
  timestamp = 17,
  int64 = 18,
  decimal128 = 19,
  maxKey = 127,
  minKey = 255,
}

/**
 * Where the value that starts at `at` ends.
 *
 * @param limit end of what may be read: the enclosing document's
 * @throws BSONError when the bytes are malformed
 */
export function valueEnd(bytes: Buffer, type: number, at: number, limit: number): number {
  let end: number;
  switch (type as BsonType) {
    case BsonType.double:
    case BsonType.date:
    case BsonType.timestamp:
    case BsonType.int64:
      end = at + 8;
      break;
    case BsonType.int32:
      end = at + 4;
      break;
    case BsonType.string:
    case BsonType.code:
    case BsonType.symbol:
      end = at + 4 + length(bytes, at, 1, limit);
      if (end <= limit && bytes[end - 1] !== 0) throw malformed('a string is not terminated');
      break;
    case BsonType.object:
    case BsonType.array:
      end = at + length(bytes, at, 5, limit);
      if (end <= limit && bytes[end - 1] !== 0) throw malformed('an object is not terminated');
      break;
    case BsonType.codeWithScope:
      end = at + length(bytes, at, 14, limit);
      break;
    case BsonType.binary:
      end = at + 5 + length(bytes, at, 0, limit);
      break;
    case BsonType.objectId:
      end = at + 12;
      break;
    case BsonType.bool:
      end = at + 1;
      if (end <= limit && bytes[at]! > 1) throw malformed('a boolean is neither true nor false');
      break;
    case BsonType.regex:
      end = cstringEnd(bytes, cstringEnd(bytes, at, limit), limit);
      break;
    case BsonType.dbPointer:
      end = at + 4 + length(bytes, at, 1, limit) + 12;
      break;
    case BsonType.decimal128:
      end = at + 16;
      break;
    case BsonType.undefined:
    case BsonType.null:
    case BsonType.maxKey:
    case BsonType.minKey:
      end = at;
      break;
    default:
      throw malformed(`the element type 0x${type.toString(16)} is unknown`);
  }
  if (end > limit) throw malformed('a value is longer than its document');
  return end;
}

/** Past the NUL of the C string that starts at `at`. */
export function cstringEnd(bytes: Buffer, at: number, limit: number): number {
  let end = at;
  while (end < limit && bytes[end] !== 0) end++;
  if (end >= limit) throw malformed('a name is not terminated');
  return end + 1;
}

/**
 * Checks the frame of the document at `start`.
 *
 * @returns where it ends, its closing NUL included
 */
export function documentEnd(bytes: Buffer, start: number): number {
  if (start + 5 > bytes.length) throw malformed('a document has at least 5 bytes');
  const end = start + bytes.readInt32LE(start);
  if (end < start + 5 || end > bytes.length) throw malformed('the size of a document is wrong');
  if (bytes[end - 1] !== 0) throw malformed('a document is not terminated');
  return end;
}

/** Called for each element: its type, its name's bytes (without NUL), and where its value starts and ends. */
export type ElementVisitor = (type: number, nameStart: number, nameEnd: number, start: number, end: number) => void;

/** Visits the elements of the document (or array) at `start`, in their order. */
export function visitElements(bytes: Buffer, start: number, visit: ElementVisitor): void {
  const limit = documentEnd(bytes, start) - 1;
  let at = start + 4;
  while (at < limit) {
    const type = bytes[at]!;
    const nameStart = at + 1;
    const valueStart = cstringEnd(bytes, nameStart, limit);
    const end = valueEnd(bytes, type, valueStart, limit);
    visit(type, nameStart, valueStart - 1, valueStart, end);
    at = end;
  }
  if (at !== limit) throw malformed('a document ends inside a value');
}

function length(bytes: Buffer, at: number, least: number, limit: number): number {
  if (at + 4 > limit) throw malformed('a length is cut off');
  const value = bytes.readInt32LE(at);
  if (value < least) throw malformed('a length is impossible');
  return value;
}

export function malformed(reason: string): Error {
  return new BSON.BSONError(`Malformed BSON: ${reason}`);
}
