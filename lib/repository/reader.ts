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
import type { EntityStore } from '../unit-of-work/entity-store.js';
import { flush } from '../unit-of-work/lifecycle.js';
import type { Scope } from '../unit-of-work/scope.js';
import { validateInstance } from '../unit-of-work/validation.js';
import { deepFreeze } from './freeze.js';

type AnyOptions = FindOptions<object>;

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
    const documents = (await cursor.toArray()) as unknown as Buffer[];
    if (options.validate === true) await this.validate(documents);
    if (isReadonly) return documents.map((bytes) => this.instance(bytes));
    return documents.flatMap((bytes) => {
      const managed = scope.materialise(this.store, bytes, {
        ...(loaded === undefined ? {} : { loaded }),
        refresh: options.refresh === true,
      });
      return managed.status === 'removed' ? [] : [managed.entity];
    });
  }

  /** Read-only instances, one batch at a time. */
  async *stream(filter: unknown, options: AnyOptions = {}): AsyncGenerator<object, void, undefined> {
    checkFindOptions(options, this.store.map.name);
    const { cursor } = this.open(this.filter(filter), options, true);
    try {
      for await (const bytes of cursor as unknown as AsyncIterable<Buffer>) yield this.instance(bytes);
    } finally {
      await cursor.close();
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
    const { map, collection } = this.store;
    const { fields, sort, limit, skip, batchSize, maxTimeMS, hint, collation, readPreference, readConcern, comment } =
      options;
    const projected = fields === undefined ? undefined : compileFields(map, fields, { exact: isReadonly });
    // A tracked copy that a failover rolls back could pass the guard of its version later: read what a majority has.
    const concern =
      readConcern ?? (map.version !== undefined && !isReadonly ? { level: 'majority' as const } : undefined);
    const cursor = collection.find(filter, {
      raw: true,
      ...(projected === undefined ? {} : { projection: projected.projection }),
      ...(sort === undefined ? {} : { sort: compileSort(map, sort) as never }),
      ...defined({ limit, skip, batchSize, maxTimeMS, hint, collation, readPreference, comment }),
      ...(concern === undefined ? {} : { readConcern: concern }),
    }) as FindCursor;
    return { cursor, loaded: projected?.loaded };
  }

  private instance(bytes: Buffer): object {
    const instance = this.store.codec.decodeInstance(bytes);
    return process.env.NODE_ENV === 'production' ? instance : deepFreeze(instance);
  }

  private async validate(documents: readonly Buffer[]): Promise<void> {
    for (const bytes of documents) {
      const { codec } = this.store.forStored(bytes);
      const issues = await validateInstance(codec, bytes, '');
      if (issues.length > 0) throw new CowError('ValidationFailed', { entity: codec.map.name, issues });
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
