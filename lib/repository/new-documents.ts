import { randomUUID } from 'node:crypto';
import type { Document } from 'mongodb';
import { fromJson } from '../bson/from-json.js';
import { RawValue } from '../bson/raw-value.js';
import { CowError } from '../errors/index.js';
import { sendCommand } from '../flush/write-single.js';
import { writeError } from '../flush/write-errors.js';
import type { EntityMap, FieldMap } from '../mapping/index.js';
import type { EntityStore } from '../unit-of-work/entity-store.js';
import { validateInstance } from '../unit-of-work/validation.js';
import { construct, idOf, prepare } from './new-entity.js';
import { warnLeftOut } from './undeclared.js';

/** A document that is ready to be sent. */
export interface NewDocument {
  readonly id: unknown;
  readonly bytes: Buffer;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * The document of a new record: constructed, with id, defaults, version and times; validated unless switched off.
 *
 * @throws InvalidValue, InvalidId, ValidationFailed
 */
export async function newDocument(
  store: EntityStore,
  record: Values,
  options: { validate?: boolean },
  now: Date,
): Promise<NewDocument> {
  const own = store.connection.store(store.codec.forValue(record).map);
  const { id, bytes } =
    isPlain(record) && needsNoConstructor(own.map) ? ofRecord(own, record, now) : ofInstance(own, record, now);
  if (options.validate !== false) {
    const issues = await validateInstance(own.codec, bytes, String(id));
    if (issues.length > 0) throw new CowError('ValidationFailed', { entity: own.map.name, issues });
  }
  return { id, bytes };
}

function ofInstance({ map, codec }: EntityStore, record: Values, now: Date): NewDocument {
  const instance = record instanceof map.target ? record : construct(map, record);
  const id = prepare(map, instance);
  const bytes = codec.encodeBytes((field) => stamp(map, field, (instance as Values)[field.property], now));
  return { id, bytes };
}

/** The same without the instance, for plain records of a class whose constructor adds nothing to them. */
function ofRecord({ map, codec }: EntityStore, record: Values, now: Date): NewDocument {
  warnLeftOut('create', map, record);
  const given = (field: FieldMap) => (Object.hasOwn(record, field.property) ? record[field.property] : undefined);
  const id = fromJson(map.id.type, given(map.id)) ?? idOf(map);
  const valueOf = (field: FieldMap) => (field === map.id ? id : stamp(map, field, given(field), now));
  return { id, bytes: codec.encodeBytes(valueOf, (field, value) => fromJson(field.type, value)) };
}

function isPlain(record: object): boolean {
  return Object.getPrototypeOf(record) === Object.prototype;
}

/** Does nothing but the data of a record become its document? */
function needsNoConstructor(map: EntityMap): boolean {
  const makesValues = (field: FieldMap) => field.defaultFactory !== undefined && field !== map.id;
  return map.create === undefined && map.defaults.size === 0 && !map.fields.some(makesValues);
}

function stamp(map: EntityMap, field: FieldMap, value: unknown, now: Date): unknown {
  if (field === map.version) return 1;
  return field === map.createdAt || field === map.updatedAt ? (value ?? now) : value;
}

/** Most that one command holds, in bytes and in documents. The server takes 16 MiB and 100,000. */
const BATCH_BYTES = 12 * 1024 * 1024;
const BATCH = 10_000;

/**
 * Inserts documents, in their order, in as few commands as it takes; each is resent under its number until its outcome
 * is known. The first that is refused ends it; those before it are stored.
 *
 * @throws DuplicateKey, WriteRefused, FlushOutcomeUnknown
 */
export async function insertDocuments(store: EntityStore, documents: readonly NewDocument[]): Promise<void> {
  for (let from = 0; from < documents.length;) {
    let to = from;
    let size = 0;
    while (
      to < documents.length &&
      to - from < BATCH &&
      (to === from || size + documents[to]!.bytes.length < BATCH_BYTES)
    ) {
      size += documents[to++]!.bytes.length;
    }
    await insertBatch(store, documents.slice(from, to));
    from = to;
  }
}

async function insertBatch(store: EntityStore, documents: readonly NewDocument[]): Promise<void> {
  const { connection, client, db, map } = store;
  const { settings } = connection;
  const { w, journal, wtimeoutMS } = db.writeConcern ?? {};
  const concern = Object.entries({ w, j: journal, wtimeout: wtimeoutMS }).filter(([, value]) => value !== undefined);
  const command: Document = {
    insert: map.collection,
    documents: documents.map(({ bytes }) => RawValue.ofDocument(bytes)),
    ...(concern.length === 0 ? {} : { writeConcern: Object.fromEntries(concern) }),
  };
  const limits = { deadlineMS: settings.flushTimeoutMS, flushId: randomUUID() };
  const reply = await sendCommand(client, db, command, limits, settings.atomicity === 'transaction');
  const [error] = (reply.writeErrors as { index: number }[] | undefined) ?? [];
  if (error === undefined) return;
  const id = String(documents[error.index]?.id);
  throw writeError({ kind: 'delete', target: store, id, filter: {}, guards: [] }, error);
}
