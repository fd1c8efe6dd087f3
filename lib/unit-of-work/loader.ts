import { identityKey, identityKeyOfDocument } from '../bson/identity-key.js';
import { MAX_BATCH, rawBatches } from '../query/find-batches.js';
import type { EntityStore } from './entity-store.js';
import type { Managed } from './managed.js';
import type { Scope } from './scope.js';
import { signalLoad } from './signals.js';

/** Where a document lies. */
interface Found {
  readonly bytes: Buffer;
  readonly start: number;
}

interface Waiting {
  readonly id: unknown;
  readonly promise: Promise<Found | undefined>;
  readonly settle: (found: Found | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Loads by id: calls of one tick become one `$in` query a class, and calls for one id that is on its way share it.
 * One loader for each unit of work, which its forks share.
 */
export class Loader {
  private static readonly loaders = new WeakMap<Scope, Loader>();

  static of(scope: Scope): Loader {
    const root = scope.node?.tree.root ?? scope;
    let loader = this.loaders.get(root);
    if (loader === undefined) {
      loader = new Loader();
      this.loaders.set(root, loader);
    }
    return loader;
  }

  private readonly waiting = new Map<EntityStore, Map<string, Waiting>>();
  private readonly inFlight = new Map<EntityStore, Map<string, Waiting>>();

  private constructor() {
    // by `of` only
  }

  /** The entity of the id in the unit of work; undefined when there is none. */
  async load(scope: Scope, store: EntityStore, id: unknown): Promise<Managed | undefined> {
    const key = identityKey(id);
    const known = scope.find(store, key);
    if (known !== undefined && !known.isStale && known.base?.loaded === undefined) {
      return isOf(store, known) ? known : undefined;
    }
    const found = await this.read(store, key, id);
    const managed = found && scope.materialise(store, found.bytes, {}, found.start);
    return managed !== undefined && isOf(store, managed) ? managed : undefined;
  }

  private read(store: EntityStore, key: string, id: unknown): Promise<Found | undefined> {
    const shared = this.inFlight.get(store)?.get(key) ?? this.waiting.get(store)?.get(key);
    if (shared !== undefined) return shared.promise;
    const { promise, resolve, reject } = withResolvers<Found | undefined>();
    this.queue(store).set(key, { id, promise, settle: resolve, fail: reject });
    return promise;
  }

  private queue(store: EntityStore): Map<string, Waiting> {
    let queue = this.waiting.get(store);
    if (queue === undefined) {
      queue = new Map();
      this.waiting.set(store, queue);
      // After the microtasks of this tick, so that calls behind an already settled promise are in the same query.
      void Promise.resolve().then(() => process.nextTick(() => void this.dispatch(store)));
    }
    return queue;
  }

  private async dispatch(store: EntityStore): Promise<void> {
    const batch = this.waiting.get(store) ?? new Map<string, Waiting>();
    this.waiting.delete(store);
    const flying = this.inFlight.get(store) ?? new Map<string, Waiting>();
    this.inFlight.set(store, flying);
    for (const [key, one] of batch) flying.set(key, one);
    try {
      const found = await this.query(
        store,
        [...batch.values()].map(({ id }) => id),
      );
      for (const [key, one] of batch) one.settle(found.get(key));
    } catch (error) {
      for (const one of batch.values()) one.fail(error);
    } finally {
      for (const key of batch.keys()) flying.delete(key);
    }
  }

  private async query(store: EntityStore, ids: readonly unknown[]): Promise<Map<string, Found>> {
    const { ownCollection, map, connection } = store;
    const filter = ids.length === 1 ? { _id: ids[0] } : { _id: { $in: ids } };
    const cursor = ownCollection.find(filter as never, {
      raw: true,
      batchSize: MAX_BATCH,
      ...(map.version === undefined ? {} : { readConcern: 'majority' as const }),
    });
    const found = new Map<string, Found>();
    const started = performance.now();
    for await (const { bytes, starts } of rawBatches(cursor, connection.settings.rawBatches !== false)) {
      for (const start of starts) found.set(identityKeyOfDocument(bytes, start), { bytes, start });
    }
    const { name: entity, collection: of } = map;
    signalLoad({ entity, collection: of, documents: found.size, durationMS: performance.now() - started });
    return found;
  }
}

/** Is the entity of the class asked for, or of one below it? */
function isOf(asked: EntityStore, { store }: Managed): boolean {
  return store === asked || Object.prototype.isPrototypeOf.call(asked.map.target, store.map.target);
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
