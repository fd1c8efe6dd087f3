import type { Collection, Db, Document, MongoClient } from 'mongodb';
import { DocumentCodec } from '../bson/document-codec.js';
import type { RawValue } from '../bson/raw-value.js';
import type { WriteTarget } from '../flush/plan.js';
import type { EntityMap } from '../mapping/index.js';
import { entityPrototype } from '../tracking/entity-state.js';
import { AS_BY_DEFAULT, type Connection } from './connection.js';
import { jsonOfEntity } from './entity-json.js';
import { LateTarget } from './late-target.js';

/** One entity class on one connection. */
export class EntityStore implements WriteTarget {
  readonly codec: DocumentCodec;
  /** Makes what will hold the values of a loaded entity. */
  readonly Values: new () => Record<string, unknown>;
  /** Makes what the Proxy of a loaded entity is put on, which knows no more than where its document starts. */
  readonly Target: new (place: number) => LateTarget;

  constructor(
    readonly connection: Connection,
    readonly map: EntityMap,
  ) {
    this.codec = DocumentCodec.of(map);
    this.Target = class extends LateTarget {};
    const prototype = entityPrototype(map.target, jsonOfEntity, this.Target.prototype as object);
    Reflect.deleteProperty(prototype, 'constructor'); // it is the class's own that is asked for
    this.Values = emptyValues(prototype);
  }

  /** See `Managed.sample`; null where none is to be had. */
  sample: object | null | undefined;
  /** See `keepForkSample()`. */
  forkSample: readonly object[] | undefined;
  /** See `Page`. */
  latePage: object | undefined;

  /** Learnt by `learnCollation()`: see `WriteTarget`. */
  isCollated = false;
  private isCollationKnown = false;

  /** Only a string id concerns the collation of its collection, and only a transaction can compare without it. */
  get mayBeCollated(): boolean {
    return (
      !this.isCollationKnown &&
      this.map.id.type.kind === 'string' &&
      this.connection.settings.atomicity === 'transaction'
    );
  }

  /** Asks once for the collation of the collection. */
  async learnCollation(): Promise<void> {
    const [info] = await this.db.listCollections({ name: this.map.collection }, AS_BY_DEFAULT).toArray();
    const options = (info as { options?: { collation?: { locale: string } } } | undefined)?.options;
    this.isCollated = options?.collation !== undefined && options.collation.locale !== 'simple';
    this.isCollationKnown = true;
  }

  get client(): MongoClient {
    return this.connection.client;
  }

  get db(): Db {
    return this.connection.db;
  }

  /** As the application has set up its client. */
  get collection(): Collection {
    return this.db.collection(this.map.collection);
  }

  /** The same for the library's own use: it promises to say what was written, and what was refused. */
  get ownCollection(): Collection {
    return (this.own ??= this.db.collection(this.map.collection, {
      ...AS_BY_DEFAULT,
      ...(this.db.writeConcern?.w === 0 ? { writeConcern: { w: 1 } } : {}),
    }));
  }

  private own: Collection | undefined;

  /** The store of the class at the top of the family: one identity map and one collection. */
  get root(): EntityStore {
    return (this.top ??= this.connection.store(this.map.root));
  }

  private top: EntityStore | undefined;

  /** The store of the class that a stored document is of. */
  forStored(bytes: Buffer, start = 0): EntityStore {
    return this.map.discriminator === undefined ? this : this.connection.store(this.codec.forStored(bytes, start).map);
  }

  /** The filter that finds the document of this id. */
  filterById(id: unknown, document?: RawValue): Document {
    const filter: Document = { _id: id };
    const stored = this.map.shardKey.length > 0 ? document?.fields() : undefined;
    for (const field of this.map.shardKey) {
      const raw = stored?.get(field.stored);
      if (field !== this.map.id && raw !== undefined) filter[field.stored] = { $eq: raw };
    }
    return filter;
  }
}

/** A constructor of its own for each class: V8 learns from it how many properties to leave room for. */
function emptyValues(prototype: object): new () => Record<string, unknown> {
  function Values() {
    // filled when read
  }
  Values.prototype = prototype;
  return Values as unknown as new () => Record<string, unknown>;
}
