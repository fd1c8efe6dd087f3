import type { Document } from 'mongodb';
import { encodeDocument } from '../bson/raw-value.js';
import { fromJson } from '../bson/from-json.js';
import { CowError } from '../errors/index.js';
import { writeError } from '../flush/write-errors.js';
import type { FieldMap } from '../mapping/index.js';
import { currentScope } from '../unit-of-work/context.js';
import type { EntityStore } from '../unit-of-work/entity-store.js';
import { refuseInFork } from '../unit-of-work/fork.js';
import { flush } from '../unit-of-work/lifecycle.js';
import { validateInstance } from '../unit-of-work/validation.js';
import { construct, prepare } from './new-entity.js';

/** Options of the methods that write at once, outside the unit of work. */
export interface DirectWriteOptions {
  /** Flush the unit of work before, instead of refusing when it has uncommitted changes of the class. Default: false. */
  flushFirst?: boolean;
  /** Run class-validator on the documents. Types, ids and names are checked in any case. Default: true. */
  validate?: boolean;
}

/**
 * Makes sure that a write beside the unit of work does not overtake what is pending in it.
 *
 * @throws ReadOnlyViolation, PendingChanges
 */
export async function beforeDirectWrite(
  store: EntityStore,
  method: string,
  options: DirectWriteOptions,
): Promise<void> {
  const scope = currentScope();
  refuseInFork(scope, `${store.map.name}: ${method}()`);
  if (store.map.readonly || scope?.options.readonly === true) {
    throw new CowError('ReadOnlyViolation', {
      entity: store.map.name,
      reason: store.map.readonly ? 'its entity is declared readonly' : 'this unit of work is read-only',
    });
  }
  if (scope === undefined) return;
  if (options.flushFirst === true) return flush(scope);
  for (const managed of scope.candidates()) {
    if (managed.store.root === store.root && (managed.status !== 'loaded' || managed.isModified())) {
      throw new CowError('PendingChanges', { entity: store.map.name, option: `${method}()` });
    }
  }
}

/** The documents of new records: constructed, with id, defaults, version and times, validated unless switched off. */
export async function newDocuments(
  store: EntityStore,
  records: readonly Readonly<Record<string, unknown>>[],
  options: DirectWriteOptions,
): Promise<Document[]> {
  const { version, createdAt, updatedAt } = store.map;
  const now = new Date();
  const documents: Document[] = [];
  for (const record of records) {
    const own = store.connection.store(store.codec.forValue(record).map);
    const instance = record instanceof own.map.target ? record : construct(own.map, record);
    prepare(own.map, instance);
    const values = Object.create(instance) as Record<string, unknown>;
    if (version !== undefined) values[version.property] = 1;
    for (const field of [createdAt, updatedAt]) if (field !== undefined) values[field.property] ??= now;
    const document = own.codec.encodeDocument(values);
    if (options.validate !== false) {
      const issues = await validateInstance(own.codec, encodeDocument(document), String(document._id));
      if (issues.length > 0) throw new CowError('ValidationFailed', { entity: own.map.name, issues });
    }
    documents.push(document);
  }
  return documents;
}

/**
 * The update document that sets and unsets fields by property name, and does what every update of the class does:
 * raises the version (else a stale copy would pass its guard) and moves the time of the last change.
 */
export function updateOf(
  store: EntityStore,
  data: Readonly<Record<string, unknown>>,
  unset: readonly string[] = [],
): Document {
  const { map, codec } = store;
  const set: Document = {};
  for (const [property, value] of Object.entries(data)) {
    const field = writableField(store, property);
    set[field.stored] = codec.encode(field, fromJson(field.type, definedValue(store, property, value)));
  }
  const update: Document = {};
  if (Object.keys(set).length > 0) update.$set = set;
  if (unset.length > 0)
    update.$unset = Object.fromEntries(unset.map((name) => [writableField(store, name).stored, '']));
  if (Object.keys(update).length === 0) {
    throw new CowError('InvalidQuery', {
      entity: map.name,
      reason: 'the update changes nothing',
      expected: 'Name at least one field.',
    });
  }
  if (map.version !== undefined) update.$inc = { [map.version.stored]: 1 };
  if (map.updatedAt !== undefined) update.$max = { [map.updatedAt.stored]: new Date() };
  return update;
}

/** The field of a property that may be written at once. @throws InvalidQuery, ImmutableField */
export function writableField({ map }: EntityStore, property: string): FieldMap {
  const field = map.byProperty.get(property);
  if (field === undefined) {
    throw new CowError('InvalidQuery', {
      entity: map.name,
      field: property,
      reason: `${map.name} declares no field "${property}"`,
    });
  }
  const isOwn = field === map.id || field === map.version || field === map.updatedAt;
  if (isOwn || field.stored === map.discriminator?.stored) {
    throw new CowError('ImmutableField', {
      entity: map.name,
      field: property,
      reason: 'methods that write at once cannot write it',
    });
  }
  return field;
}

/** The value of a field to set. @throws InvalidQuery for undefined */
export function definedValue({ map }: EntityStore, property: string, value: unknown): unknown {
  if (value !== undefined) return value;
  throw new CowError('InvalidQuery', {
    entity: map.name,
    field: property,
    reason: 'its new value is undefined',
    expected: `Leave the key out, or remove the field by { unset: ['${property}'] }.`,
  });
}

/**
 * Sets fields of the one document that matches the query, or inserts it.
 *
 * @param query the filter as MongoDB's
 * @returns the id
 */
export async function upsertOne(
  store: EntityStore,
  query: Document,
  filter: object,
  data: Readonly<Record<string, unknown>>,
  options: DirectWriteOptions,
): Promise<unknown> {
  const { map } = store;
  const [fresh] = await newDocuments(store, [{ ...filter, ...data }], options);
  const update = updateOf(store, data);
  const touched = new Set(Object.values(update).flatMap((fields) => Object.keys(fields as object)));
  const isQueried = (name: string) =>
    // Of a class with others below it the filter names several, of which none would be stored.
    Object.hasOwn(query, name) && (name !== map.discriminator?.stored || typeof query[name] === 'string');
  const onInsert = Object.entries(fresh!).filter(([name]) => !touched.has(name) && !isQueried(name));
  update.$setOnInsert = Object.fromEntries(onInsert);
  const found = await directly(store, () =>
    store.ownCollection.findOneAndUpdate(query, update, {
      upsert: true,
      returnDocument: 'after',
      projection: { [map.id.stored]: 1 },
    }),
  );
  return found?._id;
}

/** Runs a driver call that writes; what the server refuses becomes an error of the table. */
export async function directly<T>(store: EntityStore, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'number') throw error;
    const { keyPattern, message } = error as { keyPattern?: unknown; message: string };
    const refused = writeError(
      { kind: 'delete', target: store, id: '', filter: {}, guards: [] },
      { code, errmsg: message, keyPattern },
    );
    refused.cause = error;
    throw refused;
  }
}
