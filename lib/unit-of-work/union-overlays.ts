import { encodeValue, sameRaw } from '../bson/raw-value.js';
import type { FieldMap } from '../mapping/index.js';
import type { DocumentSource } from './document-source.js';
import { isOwn } from './fork-state.js';
import type { Managed } from './managed.js';
import type { FieldValue } from './union-fill.js';

/**
 * What the other side changed of a loaded document, where the receiver has changed none of those fields: what most
 * documents of a union are. Looks at the fields that were touched, and encodes no more than what is taken over.
 *
 * @param original the document as both sides began with it
 * @returns undefined where fields must be merged, or more than fields
 * @throws InvalidValue for a value that no document can hold
 */
export function mergeOverlays(ours: Managed, theirs: Managed, original: DocumentSource): FieldValue[] | undefined {
  if (ours.status !== 'loaded' || theirs.status !== 'loaded' || theirs.isMade) return undefined;
  if (theirs.base !== original || original.loaded !== undefined) return undefined;
  if (ours.store !== theirs.store || ours.base === undefined || ours.base.loaded !== undefined) return undefined;
  const { store } = theirs;
  const values: FieldValue[] = [];
  for (const property of theirs.touched()) {
    const field = store.map.byProperty.get(property);
    if (field === undefined || isOwn(store, property)) continue;
    const value = theirs.present(property);
    if (original.same(property, value)) continue;
    if (!isOriginal(ours, ours.base, field, original)) return undefined;
    values.push({ property, type: field.type, value: copied(theirs, field, value) });
  }
  return values;
}

/** Does the receiver show the field as both sides began with it? */
function isOriginal(ours: Managed, base: DocumentSource, field: FieldMap, original: DocumentSource): boolean {
  if (ours.isTouched(field.property)) return original.same(field.property, ours.present(field.property));
  return base === original || sameRaw(base.raw(field), original.raw(field));
}

/** The value as it is read from a document, which shares nothing with the one that the other side holds. */
function copied({ store, source }: Managed, field: FieldMap, value: unknown): unknown {
  // Most are scalars that are stored and read as they are.
  if (value === undefined || (typeof value !== 'object' && typeof value === field.type.kind)) return value;
  return store.codec.decode(
    field,
    encodeValue(store.codec.encode(field, value, (source as DocumentSource).raw(field))),
  );
}
