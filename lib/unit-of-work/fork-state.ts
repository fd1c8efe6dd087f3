import { RawValue, encodeDocument, sameRaw, underName } from '../bson/raw-value.js';
import type { DocumentCodec } from '../bson/document-codec.js';
import { DocumentSource } from './document-source.js';
import type { EntityStore } from './entity-store.js';
import type { Managed } from './managed.js';

/** What one unit of work shows of one document at one moment. Immutable, and of nobody's objects. */
export interface Frozen {
  /** Of the very class of the document. */
  readonly store: EntityStore;
  /** Identity in the store's family. */
  readonly key: string;
  /** The document as it stands there, uncommitted changes included; what it was last, when it is removed. */
  readonly source: DocumentSource;
  readonly isRemoved: boolean;
  /** For a document that was made since the fork tree began: whose insert it is. Two of one id are a conflict. */
  readonly birth: object | undefined;
}

const births = new WeakMap<object, object>();

/** Tells whose insert a new instance is: its own, unless it was copied from another's. */
export function birthOf(managed: Managed): object | undefined {
  if (managed.status !== 'new') return undefined;
  return births.get(managed.entity) ?? managed.entity;
}

/** A new instance that is a copy of what another side inserted. */
export function bearAgain(instance: object, birth: object | undefined): void {
  if (birth !== undefined) births.set(instance, birth);
}

/** What was frozen of an entity that differs from its base, and the base: most often it is the same the next time. */
const lastFrozen = new WeakMap<Managed, { readonly base: DocumentSource | undefined; readonly state: Frozen }>();

/** What the unit of work of the entity shows of its document; what it showed the last time itself, if that is equal. */
export function freezeEntity(managed: Managed, birth: object | undefined = birthOf(managed)): Frozen {
  const { store, key, base } = managed;
  if (managed.status === 'removed') {
    return { store, key, source: base ?? emptySource(store), isRemoved: true, birth };
  }
  const last = lastFrozen.get(managed);
  if (last !== undefined && last.base === base && last.state.birth === birth && shows(managed, last.state.source)) {
    return last.state;
  }
  const state: Frozen = { store, key, source: presentSource(managed), isRemoved: false, birth };
  if (state.source !== base) lastFrozen.set(managed, { base, state });
  return state;
}

/**
 * Does the entity show this very document? Compares by value and encodes nothing, so that what a unit of work has
 * changed or made costs little each time it is looked at again. Of documents that were loaded in part it says no.
 */
export function shows(managed: Managed, source: DocumentSource): boolean {
  const { base, store } = managed;
  if (source.loaded !== undefined || base?.loaded !== undefined) return false;
  return store.map.fields.every((field) => {
    const raw = source.raw(field);
    const original = base?.raw(field);
    if (base !== undefined && !managed.isTouched(field.property)) return base === source || sameRaw(raw, original);
    const value = managed.present(field.property);
    if (raw !== undefined) return value !== undefined && source.same(field.property, value);
    return value === undefined || (base !== undefined && original === undefined && base.same(field.property, value));
  });
}

function emptySource(store: EntityStore): DocumentSource {
  return new DocumentSource(store.codec, encodeDocument({}));
}

/**
 * The document as the entity shows it; the very source it was read from where nothing differs. It need not be one that
 * a flush accepts: what is required may be missing still.
 *
 * @throws InvalidValue for a value that no document can hold
 */
export function presentSource(managed: Managed): DocumentSource {
  const { base, store } = managed;
  const { map, codec } = store;
  if (base === undefined) return new DocumentSource(codec, encodeInstance(codec, managed.entity));
  let fields: Map<string, unknown> | undefined;
  let loaded: Set<string> | undefined;
  for (const property of managed.touched()) {
    const field = map.byProperty.get(property);
    if (field === undefined || isOwn(store, property)) continue;
    const present = managed.present(property);
    if (base.isLoaded(property)) {
      if (base.same(property, present)) continue;
    } else {
      if (present === undefined) continue;
      (loaded ??= new Set(base.loaded)).add(property);
    }
    fields ??= new Map(RawValue.ofDocument(base.bytes).fields());
    if (present === undefined) {
      fields.delete(field.stored);
      continue;
    }
    const encoded = codec.encode(field, present, base.isLoaded(property) ? base.raw(field) : undefined);
    fields.set(field.stored, underName(field.stored, encoded));
  }
  if (fields === undefined) return base;
  return new DocumentSource(codec, encodeMap(fields), loaded ?? base.loaded);
}

/** Fields that the library writes: no side of a union changes them. */
export function isOwn({ map: { id, version, updatedAt } }: EntityStore, property: string): boolean {
  return property === id.property || property === version?.property || property === updatedAt?.property;
}

/** The document of a new instance as far as it has one. */
export function encodeInstance(codec: DocumentCodec, instance: object): Buffer {
  const { id, discriminator, fields } = codec.map;
  const document = new Map<string, unknown>();
  const values = instance as Record<string, unknown>;
  const set = (field: (typeof fields)[number]) => {
    const value = values[field.property];
    if (value !== undefined) document.set(field.stored, underName(field.stored, codec.encode(field, value)));
  };
  set(id);
  if (discriminator?.value !== undefined) document.set(discriminator.stored, discriminator.value);
  for (const field of fields) if (field !== id && field.stored !== discriminator?.stored) set(field);
  return encodeMap(document);
}

/** Encodes a document whose fields keep their order, whatever their names. */
export function encodeMap(fields: ReadonlyMap<string, unknown>): Buffer {
  return encodeDocument(fields);
}
