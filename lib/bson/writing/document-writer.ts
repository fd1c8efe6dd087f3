import type { EntityMap, FieldMap } from '../../mapping/index.js';
import { encodeValue } from '../raw-value.js';
import { ByteBuffer } from './byte-buffer.js';
import { ObjectWriter } from './object-writer.js';

/** Encodes the value of a field by the codecs, for what compiled code does not know. @throws InvalidValue */
export type EncodeField = (field: FieldMap, value: unknown) => unknown;

/** Reused by every document: it is copied from when one is complete. */
const out = new ByteBuffer();
let isOut = false;

/** Larger memory is given back. */
const LARGE = 1024 * 1024;

/**
 * The bytes of a new document: the id first, then what tells its class, then the other fields in their order.
 *
 * @param valueOf answers the value of a field; undefined to leave it out
 * @throws whatever `encode` throws for a value that does not fit
 */
export function writeDocument(map: EntityMap, valueOf: (field: FieldMap) => unknown, encode: EncodeField): Buffer {
  const buffer = isOut ? new ByteBuffer() : out; // a getter of the application may come back here
  const wasOut = isOut;
  isOut = true;
  try {
    buffer.at = 0;
    buffer.int32(0);
    writeField(buffer, map, map.id, valueOf(map.id), encode);
    const { discriminator } = map;
    if (discriminator?.value !== undefined) writeRaw(buffer, discriminator.stored, discriminator.value);
    for (const field of map.fields) {
      if (field !== map.id && field.stored !== discriminator?.stored) {
        writeField(buffer, map, field, valueOf(field), encode);
      }
    }
    buffer.byte(0);
    buffer.int32At(0, buffer.at);
    return buffer.copyFrom(0);
  } finally {
    isOut = wasOut;
    if (buffer.bytes.length > LARGE) buffer.bytes = Buffer.allocUnsafe(64 * 1024);
  }
}

function writeField(buffer: ByteBuffer, map: EntityMap, field: FieldMap, value: unknown, encode: EncodeField): void {
  if (value === undefined && !field.required) return;
  const before = buffer.at;
  if (value !== undefined && ObjectWriter.of(map).fields?.[field.index]!(buffer, value, 0) === true) return;
  buffer.at = before;
  const encoded = encode(field, value);
  if (encoded !== undefined) writeRaw(buffer, field.stored, encoded);
}

/** A value by js-bson. */
function writeRaw(buffer: ByteBuffer, name: string, value: unknown): void {
  const raw = encodeValue(value);
  buffer.byte(raw.type);
  buffer.put(Buffer.from(`${name}\0`));
  buffer.put(raw.bytes.subarray(raw.start, raw.end));
}
