import type { Collection, Document } from 'mongodb';
import { encodeDocument } from '../bson/raw-value.js';
import { CowError } from '../errors/index.js';
import { castId, checkPipeline, op, type Filter, type FindOptions } from '../query/index.js';
import { requireScope } from '../unit-of-work/context.js';
import type { EntityStore } from '../unit-of-work/entity-store.js';
import { Loader } from '../unit-of-work/loader.js';
import { Managed } from '../unit-of-work/managed.js';
import { requireManaged } from '../unit-of-work/membership.js';
import type { Scope } from '../unit-of-work/scope.js';
import { validateInstance } from '../unit-of-work/validation.js';
import { assignData } from './assign.js';
import { beforeDirectWrite, directly, updateOf, upsertOne, type DirectWriteOptions } from './direct-writes.js';
import type { EntityData, EntityId } from './entity-id.js';
import { importRecords, insertRecords, type ImportOptions } from './import.js';
import { construct, prepare } from './new-entity.js';
import { Reader, type StreamOptions } from './reader.js';
import { expectSeen } from './seen.js';
import { updateEach, type EachUpdate } from './update-each.js';

/** Options of `assign()`. */
export interface AssignOptions<T> {
  /**
   * What the client saw before it made its change, in JSON form: a form's values are older than the request. A field
   * of the data whose loaded value differs from it is a conflict.
   */
  seen?: EntityData<T> | Readonly<Record<string, unknown>>;
}

/**
 * Finds, makes and removes the entities of one class. Stateless: it works on the current unit of work, which holds
 * what was loaded and writes what changed. Inject it by `@InjectRepository(Order)`.
 *
 * @example
 * const order = await this.orders.getById(id);
 * order.status = 'paid'; // written at the end of the request
 */
export class Repository<T extends object> {
  private readonly reader: Reader;

  /** @internal Repositories are injected, or answered by `Connection`. */
  constructor(private readonly store: EntityStore) {
    this.reader = new Reader(store);
  }

  /** The driver's collection: for everything that is not offered here. It knows nothing of the unit of work. */
  get collection(): Collection {
    return this.store.collection;
  }

  // Reading, into the unit of work.

  /**
   * The entities that match.
   *
   * @param filter property names to values (equality) or operators (`op`); default: all
   * @throws InvalidQuery when the filter names what the class does not declare, or tries to smuggle in an operator
   * @example await orders.find({ status: 'open', total: op.gt(100) }, { sort: { placedAt: -1 }, limit: 20 })
   */
  async find(filter: Filter<T> = {}, options: FindOptions<T> = {}): Promise<T[]> {
    return (await this.reader.find(this.scope('find'), filter, options as never)) as T[];
  }

  /** The first entity that matches, or null. */
  async findOne(filter: Filter<T>, options: FindOptions<T> = {}): Promise<T | null> {
    const [found] = await this.find(filter, { ...options, limit: 1 });
    return found ?? null;
  }

  /** The first entity that matches. @throws EntityNotFound (404) when there is none */
  async getOne(filter: Filter<T>, options: FindOptions<T> = {}): Promise<T> {
    const found = await this.findOne(filter, options);
    if (found === null) throw new CowError('EntityNotFound', { entity: this.store.map.name });
    return found;
  }

  /**
   * The entity of the id, or null. Calls of one tick become one query.
   *
   * @throws InvalidId (400) when the value is no id of this class
   */
  async findById(id: EntityId, options: FindOptions<T> = {}): Promise<T | null> {
    const [found] = await this.findByIds([id], options);
    return found ?? null;
  }

  /** The entity of the id. @throws EntityNotFound (404) when there is none, InvalidId (400) */
  async getById(id: EntityId, options: FindOptions<T> = {}): Promise<T> {
    const found = await this.findById(id, options);
    if (found === null) throw new CowError('EntityNotFound', { entity: this.store.map.name, id: String(id) });
    return found;
  }

  /** The entities of the ids, in their order; an id that has none is left out. */
  async findByIds(ids: readonly EntityId[], options: FindOptions<T> = {}): Promise<T[]> {
    const scope = this.scope('findById');
    const cast = ids.map((id) => castId(this.store.map, id));
    if (Object.keys(options).length > 0 || this.reader.isReadonly(scope, {}))
      return this.findEach(scope, cast, options);
    const found = await Promise.all(cast.map((id) => Loader.of(scope).load(scope, this.store, id)));
    return found.flatMap((one) => (one === undefined || one.status === 'removed' ? [] : [one.entity as T]));
  }

  /** How many documents match, on the server: uncommitted changes do not count. */
  async count(filter: Filter<T> = {}): Promise<number> {
    return this.store.ownCollection.countDocuments(this.reader.filter(filter));
  }

  /** Does any document match, on the server? */
  async exists(filter: Filter<T> = {}): Promise<boolean> {
    return (await this.store.ownCollection.findOne(this.reader.filter(filter), { projection: { _id: 1 } })) !== null;
  }

  /**
   * Goes through many documents in constant memory: plain instances, not tracked, not in the unit of work.
   *
   * @example for await (const order of orders.stream({ status: 'open' })) …
   */
  stream(filter: Filter<T> = {}, options: StreamOptions<T> = {}): AsyncIterable<T> {
    return this.reader.stream(filter, options as never) as AsyncIterable<T>;
  }

  /**
   * Runs an aggregation pipeline, by stored names; answers plain documents.
   *
   * @throws InvalidQuery for stages that write or run JavaScript on the server
   */
  async aggregate<R extends Document = Document>(pipeline: Document[]): Promise<R[]> {
    return this.collection.aggregate<R>(checkPipeline(pipeline, this.store.map.name)).toArray();
  }

  // Changing, in the unit of work: written by its flush.

  /**
   * A new entity: constructed, given the declared fields of `data`, and added. Inserted by the next flush.
   *
   * @throws InvalidId when the class cannot make its own id and `data` brings none
   */
  create(data: EntityData<T> = {}): T {
    return this.add(construct(this.store.map, data) as T);
  }

  /** Takes an instance that was made with `new`; inserted by the next flush. */
  add(entity: T): T {
    const scope = this.writable('add');
    const managed = Managed.of(entity);
    if (managed !== undefined && scope.owns(managed)) return entity;
    if (managed?.isFree === false || !(entity instanceof this.store.map.target)) {
      throw new CowError('ForeignEntity', {
        entity: this.store.map.name,
        reason: managed === undefined ? `is no instance of ${this.store.map.name}` : 'belongs to another unit of work',
        expected: managed === undefined ? 'Use create(data), or make it with new.' : 'Load it in this unit of work.',
      });
    }
    const own = this.store.connection.store(this.store.codec.forValue(entity).map);
    scope.add(own, entity, castId(own.map, prepare(own.map, entity)));
    return entity;
  }

  /**
   * Gives an entity what a client sent: the declared fields a client may write (never id, version, times or
   * discriminator), `undefined` left out, JSON forms cast to their types. Embedded objects are changed field by field,
   * lists are replaced.
   *
   * @param data for example a validated DTO
   * @throws ConcurrentModification when a field of the data is not as the client saw it (`seen`)
   */
  assign(entity: T, data: EntityData<T> | object, options: AssignOptions<T> = {}): T {
    const managed = requireManaged(this.writable('assign'), entity);
    if (options.seen !== undefined) {
      expectSeen(managed, data as Record<string, unknown>, options.seen);
    }
    assignData(managed, data as Record<string, unknown>);
    return entity;
  }

  /** Runs class-validator on the entity as it is now. @throws ValidationFailed */
  async validate(entity: T): Promise<void> {
    const managed = requireManaged(this.scope('validate'), entity);
    const { codec } = managed.store;
    const bytes = encodeDocument(codec.encodeDocument(entity));
    const issues = await validateInstance(codec, bytes, managed.idText);
    if (issues.length > 0) throw new CowError('ValidationFailed', { entity: codec.map.name, issues });
  }

  /** Removes an entity: deleted by the next flush. */
  remove(entity: T): void {
    const scope = this.writable('remove');
    scope.remove(requireManaged(scope, entity));
  }

  // Writing at once, outside the unit of work.

  /**
   * Inserts records at once, outside the unit of work.
   *
   * @returns the ids, in the order of the records
   * @throws PendingChanges, ValidationFailed, DuplicateKey
   */
  async insertMany(records: readonly (T | EntityData<T>)[], options: DirectWriteOptions = {}): Promise<unknown[]> {
    await beforeDirectWrite(this.store, 'insertMany', options);
    return insertRecords(this.store, records as never, options);
  }

  /**
   * Inserts records from a source of any length at once, in constant memory, outside the unit of work.
   *
   * @returns how many were inserted
   * @throws as insertMany(); batches that were inserted before stay
   * @example await orders.import(parse(createReadStream('orders.csv')), { progress: (done) => console.log(done) })
   */
  async import(
    records: AsyncIterable<T | EntityData<T>> | Iterable<T | EntityData<T>>,
    options: ImportOptions = {},
  ): Promise<number> {
    await beforeDirectWrite(this.store, 'import', options);
    return importRecords(this.store, records as never, options);
  }

  /**
   * Sets fields of every document that matches, at once, outside the unit of work.
   *
   * @param options `unset` names fields to remove
   * @returns how many documents were changed
   */
  async updateMany(
    filter: Filter<T>,
    data: EntityData<T>,
    options: DirectWriteOptions & { unset?: readonly (keyof T & string)[] } = {},
  ): Promise<number> {
    await beforeDirectWrite(this.store, 'updateMany', options);
    const [query, update] = [this.reader.filter(filter), updateOf(this.store, data, options.unset)];
    const result = await directly(this.store, () => this.store.ownCollection.updateMany(query, update));
    return result.modifiedCount;
  }

  /**
   * Sets fields of many documents, of each its own, at once, by their ids: nothing is read, nothing guards, the last
   * one wins. Each thousand is written whole or not at all.
   *
   * @param updates ids, and what to set (`data`) and remove (`unset`) there; ids that no document has are passed over
   * @returns how many documents were changed
   * @throws InvalidId, InvalidQuery, InvalidValue, before anything is sent; DuplicateKey, FlushOutcomeUnknown
   * @example await products.updateEach(rows.map(({ id, price }) => ({ id, data: { price } })));
   */
  async updateEach(
    updates: Iterable<EachUpdate<T>>,
    options: Pick<DirectWriteOptions, 'flushFirst'> = {},
  ): Promise<number> {
    await beforeDirectWrite(this.store, 'updateEach', options);
    return updateEach(this.store, updates as never);
  }

  /** Deletes every document that matches, at once, outside the unit of work. @returns how many */
  async deleteMany(filter: Filter<T>, options: DirectWriteOptions = {}): Promise<number> {
    await beforeDirectWrite(this.store, 'deleteMany', options);
    const result = await directly(this.store, () => this.store.ownCollection.deleteMany(this.reader.filter(filter)));
    return result.deletedCount;
  }

  /**
   * Sets fields of the one document that matches, or inserts it, at once, outside the unit of work.
   *
   * @param filter equality on fields that identify it; they are stored when it is inserted
   * @returns the id
   */
  async upsert(filter: Filter<T>, data: EntityData<T>, options: DirectWriteOptions = {}): Promise<unknown> {
    await beforeDirectWrite(this.store, 'upsert', options);
    return upsertOne(this.store, this.reader.filter(filter), filter, data, options);
  }

  private scope(method: string): Scope {
    return requireScope(`Repository<${this.store.map.name}>.${method}()`);
  }

  private writable(method: string): Scope {
    const scope = this.scope(method);
    if (scope.options.readonly === true || this.store.map.readonly) {
      throw new CowError('ReadOnlyViolation', {
        entity: this.store.map.name,
        reason: this.store.map.readonly
          ? 'its entity is declared readonly'
          : `this unit of work is read-only (${method}())`,
        expected: 'Remove @ReadOnly() from the handler, or the write from it.',
      });
    }
    return scope;
  }

  /** By id with options: one query, which the loader cannot share. */
  private async findEach(scope: Scope, ids: readonly unknown[], options: FindOptions<T>): Promise<T[]> {
    const byId = { [this.store.map.id.property]: op.in(ids) };
    const found = (await this.reader.find(scope, byId, options as never)) as T[];
    const { id } = this.store.map;
    const key = (value: unknown) => JSON.stringify(this.store.codec.codec(id).toJson(value));
    const byKey = new Map(found.map((one) => [key((one as Record<string, unknown>)[id.property]), one]));
    return ids.flatMap((one) => byKey.get(key(one)) ?? []);
  }
}
