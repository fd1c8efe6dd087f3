import type { ModuleMetadata, Type } from '@nestjs/common';
import type { MongoClient, MongoClientOptions } from 'mongodb';

/** Name of the connection that is meant where none is given. */
export const DEFAULT_CONNECTION = 'default';

/** Options of `CowModule.forRoot()`. Either `uri` or `client` must be given. */
export interface CowModuleOptions {
  /** Connection string. */
  uri?: string;
  /**
   * A client to share with another library. It is connected where it is not yet, and never closed here: who made it
   * closes it. It must come from the application's own copy of the `mongodb` package.
   */
  client?: MongoClient;
  /** Name of the database. Default: the one of the connection string, else the driver's, which is `test`. */
  database?: string;
  /** Tells several connections apart: see `forFeature()` and the `@Inject…` decorators. Default: `'default'`. */
  connectionName?: string;
  /**
   * When a request's changes are written. `'request'` (default): once its handler has succeeded, before anything is
   * answered. `'manual'`: by `unitOfWork.flush()` only; what is left at the end is dropped. All connections of an
   * application share it.
   */
  flush?: FlushMode;
  /**
   * `'transaction'` (default): a flush is all or nothing, which needs a replica set or a sharded cluster.
   * `'single-document'`: each document by itself, for standalone servers.
   */
  atomicity?: 'transaction' | 'single-document';
  /** How long a flush may try before it is given up, in ms. Default: 20000. */
  flushTimeoutMS?: number;
  /** Run class-validator, where it is installed, on what a flush writes? Default: true. */
  validate?: boolean;
  /**
   * Compile readers and writers of documents to JavaScript of their own? Where the application or Node forbids it
   * (`--disallow-code-generation-from-strings`) the same is done, slower. One connection that says `false` switches it
   * off for the whole process. Default: true.
   */
  codeGeneration?: boolean;
  /**
   * Take the documents of a reply out of the driver in one piece, where its version allows that? Otherwise one by one.
   * Default: true.
   */
  rawBatches?: boolean;
  /**
   * Collection of the events that `unitOfWork.emit()` writes along with the changes, for an `OutboxRelay` to deliver.
   * Default: none.
   */
  outbox?: string;
  /** Create missing collections and declared indexes at start? Nothing is ever dropped. Default: true. */
  autoCreate?: boolean;
  /** How often to try again at start when the server cannot be reached. Default: 9. */
  retryAttempts?: number;
  /** How long to wait before the next try, in ms. Default: 3000. */
  retryDelay?: number;
  /**
   * Open the unit of work of an HTTP request in a middleware, so that guards and Passport strategies are in it? All
   * connections of an application share it. Default: true.
   */
  middleware?: boolean;
  /**
   * What to do at start about handlers that answer before their changes are written: those with a plain `@Res()`, with
   * `@Sse()`, and generators. `'warn'` (default): name each in the log. `'refuse'`: do not start. Neither concerns
   * those with `@ReadOnly()` or `@Transactional({ flush: 'manual' })`.
   */
  unsafeResponses?: 'warn' | 'refuse';
  /**
   * Drop the changes of a request whose client has gone before the flush? By default what a handler did is written
   * whether or not somebody waits for the answer. An Observable handler is torn down by Nest when its client goes, and
   * so is dropped in any case. Default: false.
   */
  discardOnDisconnect?: boolean;
  /**
   * Answer a conflict with what both sides say of each field: what was loaded, what the request wanted, what is stored?
   * Stored values then reach clients. Default: false; `error.details` has them on the server.
   */
  conflictDetails?: boolean;
  /** Further options of the client that is made from `uri`. */
  clientOptions?: MongoClientOptions;
}

/** When the changes of a request are written. */
export type FlushMode = 'request' | 'manual';

/** Makes the options of a connection; for `forRootAsync({ useClass })` and `forRootAsync({ useExisting })`. */
export interface CowOptionsFactory {
  createCowOptions(): CowModuleOptions | Promise<CowModuleOptions>;
}

/** Options of `CowModule.forRootAsync()`. One of `useFactory`, `useClass` and `useExisting` must be given. */
export interface CowModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Tells several connections apart. It belongs here, since tokens are made before the factory runs. */
  connectionName?: string;
  /** What `useFactory` is called with. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Nest's own type of what can be injected
  inject?: any[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- its parameters are what `inject` names
  useFactory?: (...args: any[]) => CowModuleOptions | Promise<CowModuleOptions>;
  /** A class to be instantiated here. */
  useClass?: Type<CowOptionsFactory>;
  /** A provider of `imports`, or of a global module. */
  useExisting?: Type<CowOptionsFactory>;
}

/** Options that were checked, with defaults in place. */
export interface CheckedOptions
  extends
    Required<Omit<CowModuleOptions, 'uri' | 'client' | 'database' | 'outbox' | 'clientOptions'>>,
    Pick<CowModuleOptions, 'uri' | 'client' | 'database' | 'outbox' | 'clientOptions'> {}
