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
    Required<Omit<CowModuleOptions, 'uri' | 'client' | 'database' | 'clientOptions'>>,
    Pick<CowModuleOptions, 'uri' | 'client' | 'database' | 'clientOptions'> {}
