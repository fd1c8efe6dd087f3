import type { BSONSerializeOptions, Db, MongoClient } from 'mongodb';
import type { Atomicity } from '../flush/write.js';
import type { EntityMap } from '../mapping/index.js';
import { EntityStore } from './entity-store.js';

/** What a connection is used with. */
export interface ConnectionSettings {
  /** Default: `'transaction'`. */
  readonly atomicity: Atomicity;
  /** How long a flush may try, in ms. */
  readonly flushTimeoutMS: number;
  /** Run class-validator on what a flush writes? */
  readonly validate: boolean;
  /** Take the replies of the server whole, where the driver allows it? Default: true. */
  readonly rawBatches?: boolean;
  /** Collection that `unitOfWork.emit()` writes to. Default: none. */
  readonly outbox?: string;
  /** Largest document that a flush writes, in bytes of BSON. Default: 15 MiB; the server refuses more than 16. */
  readonly maxDocumentBytes?: number;
  /** Most that one flush sends, in bytes of BSON of the documents concerned. Default: 64 MiB. */
  readonly maxFlushBytes?: number;
}

/**
 * How the driver is to read and write for the library, whatever an application has set on the client for its own use:
 * with `promoteValues: false` a count, and the code of an error, would be objects.
 */
export const AS_BY_DEFAULT = Object.freeze({
  ...{ raw: false, promoteValues: true, promoteLongs: true, promoteBuffers: false, useBigInt64: false },
  ...{ bsonRegExp: false, ignoreUndefined: false, serializeFunctions: false },
}) satisfies BSONSerializeOptions;

/** One client and database, with the entities mapped on it. */
export class Connection {
  private readonly stores = new Map<EntityMap, EntityStore>();

  constructor(
    readonly name: string,
    readonly client: MongoClient,
    readonly db: Db,
    readonly settings: ConnectionSettings,
  ) {}

  /** @internal */
  store(map: EntityMap): EntityStore {
    let store = this.stores.get(map);
    if (store === undefined) {
      store = new EntityStore(this, map);
      this.stores.set(map, store);
    }
    return store;
  }
}
