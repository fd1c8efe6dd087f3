import { randomUUID } from 'node:crypto';
import type { Document } from 'mongodb';
import { BsonType } from '../bson/elements.js';
import { fromJson } from '../bson/from-json.js';
import { RawValue } from '../bson/raw-value.js';
import { ByteBuffer } from '../bson/writing/byte-buffer.js';
import { putField } from '../bson/writing/document-writer.js';
import { beginObject, beginObjectAt, putElement } from '../bson/writing/element-writer.js';
import { CowError } from '../errors/index.js';
import { runTransaction } from '../flush/transaction.js';
import { writeError } from '../flush/write-errors.js';
import { sendCommand } from '../flush/write-single.js';
import { castId, compileFilter } from '../query/index.js';
import type { EntityStore } from '../unit-of-work/entity-store.js';
import { definedValue, writableField } from './direct-writes.js';
import type { EntityData, EntityId } from './entity-id.js';

/** One update of `updateEach()`. */
export interface EachUpdate<T> {
  /** Of the document; text is cast to the declared type. */
  id: EntityId;
  /** Fields to set. Default: none. */
  data?: EntityData<T>;
  /** Names of fields to remove. Default: none. */
  unset?: readonly (keyof T & string)[];
}

type Data = Readonly<Record<string, unknown>>;

interface Update {
  readonly id: EntityId;
  readonly data?: Data;
  readonly unset?: readonly string[];
}

/** What one command holds. */
interface Batch {
  readonly ids: readonly unknown[];
  /** The statements, as an array of BSON: the driver copies it, and looks at nothing in it. */
  readonly statements: RawValue;
}

/** Most that one command holds: what a transaction should change, and well below what a message may. */
const BATCH = 1_000;
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Sends updates by id, in their order, without reading a document. All are checked and encoded before the first is
 * sent.
 *
 * @returns how many documents were changed
 */
export async function updateEach(store: EntityStore, updates: Iterable<Update>): Promise<number> {
  const encoder = new Encoder(store);
  for (const update of updates) encoder.add(update);
  let changed = 0;
  for (const batch of encoder.finish()) changed += await send(store, batch);
  return changed;
}

/** Encodes statements by the compiled writers of the class: what the driver would do value by value. */
class Encoder {
  private readonly batches: Batch[] = [];
  private readonly out = new ByteBuffer();
  private ids: unknown[] = [];
  private start = 0;
  /** Beside the id: of a class with others below it, which of them are meant. */
  private readonly filter: readonly (readonly [string, unknown])[];
  private readonly now = new Date();

  constructor(private readonly store: EntityStore) {
    this.filter = Object.entries(compileFilter(store.map, {}));
    this.start = this.out.open();
  }

  /** @throws InvalidId, InvalidQuery, InvalidValue, ImmutableField */
  add({ id: given, data = {}, unset = [] }: Update): void {
    const { out } = this;
    const { map } = this.store;
    const id = castId(map, given);
    const statement = beginObjectAt(out, this.ids.length);
    const query = beginObject(out, 'q');
    putElement(out, map.id.stored, id);
    for (const [name, value] of this.filter) putElement(out, name, value);
    out.close(query);
    const update = beginObject(out, 'u');
    const names = Object.keys(data);
    if (names.length + unset.length === 0)
      refuse(map.name, undefined, `the update of ${String(given)} changes nothing`);
    if (names.length > 0) this.set(names, data);
    if (unset.length > 0) this.unset(unset, data);
    const { version, updatedAt } = map;
    if (version !== undefined) putOnly(out, '$inc', version.stored, 1);
    if (updatedAt !== undefined) putOnly(out, '$max', updatedAt.stored, this.now);
    out.close(update);
    out.close(statement);
    this.ids.push(id);
    if (this.ids.length === BATCH || out.at > BATCH_BYTES) this.endBatch();
  }

  finish(): readonly Batch[] {
    if (this.ids.length > 0) this.endBatch();
    return this.batches;
  }

  private endBatch(): void {
    const { out, ids } = this;
    out.close(this.start);
    const bytes = out.copy();
    this.batches.push({ ids, statements: new RawValue(BsonType.array, bytes, 0, bytes.length) });
    out.at = 0;
    this.ids = [];
    this.start = out.open();
  }

  private set(names: readonly string[], data: Data): void {
    const { out } = this;
    const { map, codec } = this.store;
    const start = beginObject(out, '$set');
    for (const name of names) {
      const field = writableField(this.store, name);
      const value = definedValue(this.store, name, data[name]);
      if (!putField(out, map, field, value)) {
        putElement(out, field.stored, codec.encode(field, fromJson(field.type, value)));
      }
    }
    out.close(start);
  }

  private unset(names: readonly string[], data: Data): void {
    const start = beginObject(this.out, '$unset');
    for (const name of new Set(names)) {
      const { stored } = writableField(this.store, name);
      if (Object.hasOwn(data, name)) refuse(this.store.map.name, name, 'it is both set and removed');
      putElement(this.out, stored, '');
    }
    this.out.close(start);
  }
}

function refuse(entity: string, field: string | undefined, reason: string): never {
  const expected = field === undefined ? 'Name at least one field.' : 'Name it once.';
  throw new CowError('InvalidQuery', { entity, ...(field === undefined ? {} : { field }), reason, expected });
}

/** An operator with one path. */
function putOnly(out: ByteBuffer, operator: string, path: string, value: unknown): void {
  const start = beginObject(out, operator);
  putElement(out, path, value);
  out.close(start);
}

/** One command: one update under a number of its own, several in a transaction, which the server also does faster. */
async function send(store: EntityStore, { ids, statements }: Batch): Promise<number> {
  const { client, db, map, connection } = store;
  const { settings } = connection;
  const command: Document = { update: map.collection, updates: statements };
  const limits = { deadlineMS: settings.flushTimeoutMS, flushId: randomUUID() };
  const hasTransactions = settings.atomicity === 'transaction';
  const checked = (reply: Document): number => {
    const [error] = (reply.writeErrors as { index: number }[] | undefined) ?? [];
    if (error === undefined) return reply.nModified as number;
    throw writeError({ kind: 'delete', target: store, id: String(ids[error.index]), filter: {}, guards: [] }, error);
  };
  if (!hasTransactions || ids.length === 1) {
    return checked(
      await sendCommand(client, db, { ...command, writeConcern: { w: 'majority' } }, limits, hasTransactions),
    );
  }
  command.maxTimeMS = limits.deadlineMS;
  return runTransaction(client, limits, async (session) => checked(await db.command({ ...command }, { session })));
}
