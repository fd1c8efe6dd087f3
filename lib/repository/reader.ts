import type { Document, FindCursor } from 'mongodb';
import { CowError } from '../errors/index.js';
import {
  checkFindOptions,
  compileFields,
  compileFilter,
  compileSort,
  rootFieldsOf,
  type FindOptions,
} from '../query/index.js';
import { MAX_BATCH, rawBatches, type RawBatch } from '../query/find-batches.js';
import type { EntityStore } from '../unit-of-work/entity-store.js';
import { entitiesOf } from '../unit-of-work/found.js';
import { flush } from '../unit-of-work/lifecycle.js';
import type { Scope } from '../unit-of-work/scope.js';
import { signalLoad } from '../unit-of-work/signals.js';
import { validateInstance } from '../unit-of-work/validation.js';
import { deepFreeze } from './freeze.js';
import { withJson } from './plain-json.js';

type AnyOptions = FindOptions<object>;

/** Options of `stream()`. */
export interface StreamOptions<T> extends FindOptions<T> {
  /** Called after each batch with the number of entities that have been gone through. */
  progress?: (done: number) => void;
}

/** Runs queries and turns what they read into entities. */
export class Reader {
  constructor(private readonly store: EntityStore) {}

  /** The filter as MongoDB's, by stored names. */
  filter(filter: unknown): Document {
    return compileFilter(this.store.map, filter);
  }

  async find(scope: Scope, filter: unknown, options: AnyOptions = {}): Promise<object[]> {
    checkFindOptions(options, this.store.map.name);
    if (options.flushFirst === true) await flush(scope);
    else this.warnOfPending(scope, filter);
    const isReadonly = this.isReadonly(scope, options);
    const { cursor, loaded } = this.open(this.withoutRemoved(scope, this.filter(filter)), options, isReadonly);
    const batches: RawBatch[] = [];
    const started = performance.now();
    for await (const batch of this.batches(cursor)) batches.push(batch);
    const { name: entity, collection } = this.store.map;
    const documents = batches.reduce((sum, { starts }) => sum + starts.length, 0);
    signalLoad({ entity, collection, documents, durationMS: performance.now() - started });
    if (options.validate === true) await this.validate(batches);
    if (isReadonly) return this.instances(batches);
    return entitiesOf(scope, this.store, batches, {
      ...(loaded === undefined ? {} : { loaded }),
      refresh: options.refresh === true,
    });
  }

  private instances(batches: readonly RawBatch[]): object[] {
    const found: object[] = [];
    for (const { bytes, starts } of batches) for (const start of starts) found.push(this.instance(bytes, start));
    return found;
  }

  /** Read-only instances, one batch at a time. */
  async *stream(filter: unknown, given: StreamOptions<object> = {}): AsyncGenerator<object, void, undefined> {
    const { progress, ...options } = given;
    checkFindOptions(options, this.store.map.name);
    let done = 0;
    const { cursor } = this.open(this.filter(filter), options, true);
    for await (const { bytes, starts } of this.batches(cursor)) {
      for (const start of starts) yield this.instance(bytes, start);
      progress?.((done += starts.length));
    }
  }

  isReadonly(scope: Scope, options: AnyOptions): boolean {
    return options.readonly ?? (scope.options.readonly === true || this.store.map.readonly);
  }

  /** What was removed is not answered, nor counted by a limit. */
  private withoutRemoved(scope: Scope, filter: Document): Document {
    const removed = scope.removedIds(this.store);
    return removed.length === 0 ? filter : { $and: [filter, { _id: { $nin: removed } }] };
  }

  private open(filter: Document, options: AnyOptions, isReadonly: boolean) {
    const { map, ownCollection } = this.store;
    const { fields, sort, limit, skip, batchSize, maxTimeMS, hint, collation, readPreference, readConcern, comment } =
      options;
    const projected = fields === undefined ? undefined : compileFields(map, fields, { exact: isReadonly });
    // A tracked copy that a failover rolls back could pass the guard of its version later: read what a majority has.
    const concern =
      readConcern ?? (map.version !== undefined && !isReadonly ? { level: 'majority' as const } : undefined);
    const cursor = ownCollection.find(filter, {
      raw: true,
      ...(projected === undefined ? {} : { projection: projected.projection }),
      ...(sort === undefined ? {} : { sort: compileSort(map, sort) as never }),
      ...defined({
        limit,
        skip,
        batchSize: batchSize ?? MAX_BATCH,
        maxTimeMS,
        hint,
        collation,
        readPreference,
        comment,
      }),
      ...(concern === undefined ? {} : { readConcern: concern }),
    }) as FindCursor;
    return { cursor, loaded: projected?.loaded };
  }

  private batches(cursor: FindCursor): AsyncGenerator<RawBatch, void, undefined> {
    return rawBatches(cursor, this.store.connection.settings.rawBatches !== false);
  }

  private instance(bytes: Buffer, start: number): object {
    const instance = withJson(this.store.codec.decodePlain(bytes, start));
    return process.env.NODE_ENV === 'production' ? instance : deepFreeze(instance);
  }

  private async validate(batches: readonly RawBatch[]): Promise<void> {
    for (const { bytes, starts } of batches) {
      for (const start of starts) {
        const { codec } = this.store.forStored(bytes, start);
        const issues = await validateInstance(codec, bytes.subarray(start), '');
        if (issues.length > 0) throw new CowError('ValidationFailed', { entity: codec.map.name, issues });
      }
    }
  }

  /** The server cannot see what is not flushed: a query on such a field may answer what is out of date here. */
  private warnOfPending(scope: Scope, filter: unknown): void {
    if (process.env.NODE_ENV === 'production' || scope.touchedEntities.size + scope.ownInstances.size === 0) return;
    const { map } = this.store;
    if (warned.has(map.name)) return;
    const queried = rootFieldsOf(map, filter);
    for (const managed of scope.candidates()) {
      if (managed.store.root !== this.store.root) continue;
      const pending = managed.status === 'loaded' ? managed.changed().find((field) => queried.has(field)) : 'id';
      if (pending === undefined) continue;
      warned.add(map.name);
      process.emitWarning(
        `A query on ${map.name} filters by what has uncommitted changes in this unit of work; the server does not see them. ` +
          'Pass { flushFirst: true }, or flush before.',
        { type: 'CowWarning', code: 'QUERY_BEFORE_FLUSH' },
      );
      return;
    }
  }
}

const warned = new Set<string>();

/** The options that were given: the driver takes an undefined one for a value. */
function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
