import { randomUUID } from 'node:crypto';
import type { Document } from 'mongodb';
import { fromJson } from '../bson/from-json.js';
import { CowError } from '../errors/index.js';
import { documentsArray } from '../flush/statements.js';
import { sendCommand } from '../flush/write-single.js';
import { writeError } from '../flush/write-errors.js';
import type { EntityMap, FieldMap } from '../mapping/index.js';
import type { EntityStore } from '../unit-of-work/entity-store.js';
import { findValidator, type Validate } from '../unit-of-work/validation.js';
import { construct, idOf, prepare } from './new-entity.js';
import { warnLeftOut } from './undeclared.js';

/** A document that is ready to be sent. */
export interface NewDocument {
  readonly id: unknown;
  readonly bytes: Buffer;
}

type Values = Readonly<Record<string, unknown>>;

/** Makes the documents of new records: constructed, with id, defaults, version and times; validated where asked for. */
export class NewDocuments {
  private readonly made = new Map<EntityStore, Made>();

  private constructor(
    private readonly store: EntityStore,
    private readonly validatorOf: (target: unknown) => Validate | undefined,
  ) {}

  static async of(store: EntityStore, options: { validate?: boolean }): Promise<NewDocuments> {
    return new NewDocuments(store, options.validate === false ? () => undefined : await findValidator());
  }

  /**
   * A promise for classes with rules only: for the others one each would cost as much as to encode the record.
   *
   * @throws InvalidValue, InvalidId, ValidationFailed
   */
  make(record: Values, now: Date): NewDocument | Promise<NewDocument> {
    const { store, validate, isPlain: needsNone } = this.of(record);
    const document = needsNone && isPlain(record) ? ofRecord(store, record, now) : ofInstance(store, record, now);
    return validate === undefined ? document : validated(store, document, validate);
  }

  private of(record: Values): Made {
    const { store } = this;
    const own =
      store.map.discriminator === undefined ? store : store.connection.store(store.codec.forValue(record).map);
    let made = this.made.get(own);
    if (made === undefined) {
      made = { store: own, isPlain: needsNoConstructor(own.map), validate: this.validatorOf(own.map.target) };
      this.made.set(own, made);
    }
    return made;
  }
}

async function validated(store: EntityStore, document: NewDocument, validate: Validate): Promise<NewDocument> {
  const issues = await validate(store.codec, document.bytes, String(document.id));
  if (issues.length > 0) throw new CowError('ValidationFailed', { entity: store.map.name, issues });
  return document;
}

/** What is known of a class whose records are made into documents. */
interface Made {
  readonly store: EntityStore;
  /** Does nothing but the data of a record become its document? */
  readonly isPlain: boolean;
  /** Undefined for a class without rules. */
  readonly validate: Validate | undefined;
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
  const told = w === 0 ? 1 : w; // what is refused is to be told
  const concern = Object.entries({ w: told, j: journal, wtimeout: wtimeoutMS }).filter(([, one]) => one !== undefined);
  const command: Document = {
    insert: map.collection,
    documents: documentsArray(documents.map(({ bytes }) => bytes)),
    ...(concern.length === 0 ? {} : { writeConcern: Object.fromEntries(concern) }),
  };
  const limits = { deadlineMS: settings.flushTimeoutMS, flushId: randomUUID() };
  const reply = await sendCommand(client, db, command, limits, settings.atomicity === 'transaction');
  const [error] = (reply.writeErrors as { index: number }[] | undefined) ?? [];
  if (error === undefined) return;
  const id = String(documents[error.index]?.id);
  throw writeError({ kind: 'delete', target: store, id, filter: {}, guards: [] }, error);
}
