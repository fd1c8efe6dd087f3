import type { EntityMap, FieldMap } from '../../mapping/index.js';
import { written, type ByteBuffer } from './byte-buffer.js';
import { putElement } from './element-writer.js';
import { ObjectWriter } from './object-writer.js';

/** Encodes the value of a field by the codecs, for what compiled code does not know. @throws InvalidValue */
export type EncodeField = (field: FieldMap, value: unknown) => unknown;

/** Of classes with large documents how large the last one was: the next finds as much room. */
const largest = new WeakMap<EntityMap, number>();
const LARGE = 128 * 1024;

/**
 * The bytes of a new document: the id first, then what tells its class, then the other fields in their order.
 *
 * @param valueOf answers the value of a field; undefined to leave it out
 * @throws whatever `encode` throws for a value that does not fit
 */
export function writeDocument(map: EntityMap, valueOf: (field: FieldMap) => unknown, encode: EncodeField): Buffer {
  const bytes = written((buffer) => {
    const start = buffer.open();
    writeField(buffer, map, map.id, valueOf(map.id), encode);
    const { discriminator } = map;
    if (discriminator?.value !== undefined) putElement(buffer, discriminator.stored, discriminator.value);
    for (const field of map.fields) {
      if (field !== map.id && field.stored !== discriminator?.stored) {
        writeField(buffer, map, field, valueOf(field), encode);
      }
    }
    buffer.close(start);
  }, largest.get(map));
  if (bytes.length > LARGE) largest.set(map, bytes.length);
  return bytes;
}

function writeField(buffer: ByteBuffer, map: EntityMap, field: FieldMap, value: unknown, encode: EncodeField): void {
  if (value === undefined && !field.required) return;
  if (value !== undefined && putField(buffer, map, field, value)) return;
  const encoded = encode(field, value);
  if (encoded !== undefined) putElement(buffer, field.stored, encoded);
}

/**
 * Writes a field by compiled code, which knows values of the declared type.
 *
 * @returns false, with nothing written, where the codecs must be asked
 */
export function putField(out: ByteBuffer, map: EntityMap, field: FieldMap, value: unknown): boolean {
  const before = out.at;
  if (ObjectWriter.of(map).fields?.[field.index]!(out, value, 0) === true) return true;
  out.at = before;
  return false;
}
