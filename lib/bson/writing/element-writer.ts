import { BsonType } from '../elements.js';
import { RawValue, encodeValue } from '../raw-value.js';
import type { ByteBuffer } from './byte-buffer.js';
import { writeDate, writeNumber, writeObjectId } from './object-writer.js';

/**
 * Writes a value that the driver would be given under its name: the common scalars here, all else by js-bson.
 *
 * @param name without NUL
 */
export function putElement(out: ByteBuffer, name: string, value: unknown): void {
  const at = out.at;
  out.byte(0);
  out.name(name);
  putValue(out, at, value);
}

/** The same as the element of an array. */
export function putAt(out: ByteBuffer, index: number, value: unknown): void {
  const at = out.at;
  out.index(index);
  putValue(out, at, value);
}

/** Begins an object under a name. @returns what `out.close` is to be told */
export function beginObject(out: ByteBuffer, name: string): number {
  out.byte(BsonType.object);
  out.name(name);
  return out.open();
}

/** Begins an object as the element of an array. @returns what `out.close` is to be told */
export function beginObjectAt(out: ByteBuffer, index: number): number {
  beginElement(out, index);
  return out.open();
}

/** What stands in front of an object, written by others, that is the element of an array. */
export function beginElement(out: ByteBuffer, index: number): void {
  const at = out.at;
  out.index(index);
  out.bytes[at] = BsonType.object;
}

/** Writes the value, and its type to `typeAt`. */
function putValue(out: ByteBuffer, typeAt: number, value: unknown): void {
  if (typeof value === 'number') return writeNumber(out, value, typeAt);
  const start = out.at;
  let type = putScalar(out, value);
  if (type === undefined) {
    out.at = start;
    const raw = encodeValue(value);
    out.putPart(raw.bytes, raw.start, raw.end);
    type = raw.type;
  }
  out.bytes[typeAt] = type;
}

/** @returns the type; undefined, with any number of bytes written, for what only js-bson knows */
function putScalar(out: ByteBuffer, value: unknown): number | undefined {
  if (typeof value === 'string') return out.text(value) ? BsonType.string : undefined;
  if (typeof value === 'boolean') {
    out.byte(value ? 1 : 0);
    return BsonType.bool;
  }
  if (value === null) return BsonType.null;
  if (typeof value !== 'object' || value instanceof RawValue) return undefined;
  if (writeObjectId(out, value)) return BsonType.objectId;
  return writeDate(out, value) ? BsonType.date : undefined;
}
