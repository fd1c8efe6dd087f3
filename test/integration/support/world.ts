import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { MongoClient, type Collection, type Db, type Document } from 'mongodb';
import { entityMapOf, type ClassType } from '../../../lib/mapping/index.js';
import { Repository } from '../../../lib/repository/index.js';
import { Connection, UnitOfWork, type ConnectionSettings } from '../../../lib/unit-of-work/index.js';
import type { EntityStore } from '../../../lib/unit-of-work/entity-store.js';
import { observeCommands, type ObservedCommand, type ObservedCommands } from '../../support/mongo-commands.js';
import { testDatabase } from '../../support/mongo.js';
import { databaseOnOwnServer } from '../../support/own-server.js';

/** What a test works with: the library's own client, observed, and another one for what others do. */
export class World {
  readonly uow = new UnitOfWork();
  client!: MongoClient;
  connection!: Connection;
  commands!: ObservedCommands;
  /** The database as others see it: their commands are not observed. */
  others!: Db;

  constructor(public database = testDatabase()) {}

  /** Before `open()`: for tests with fail points, which one server has for all tests that run on it. */
  async moveToOwnServer(): Promise<void> {
    this.database = await databaseOnOwnServer();
  }

  async open(settings: Partial<ConnectionSettings>, uri = this.database.uri): Promise<void> {
    // A name of its own: fail points then hit this client and no other.
    const appName = this.database.name;
    this.client = await new MongoClient(uri, { monitorCommands: true, appName }).connect();
    this.commands = observeCommands(this.client);
    this.connection = new Connection('default', this.client, this.client.db(this.database.name), {
      atomicity: 'transaction',
      flushTimeoutMS: 10_000,
      validate: true,
      ...settings,
    });
    this.others = (await new MongoClient(this.database.uri).connect()).db(this.database.name);
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.others.client.close();
    await this.database.drop();
  }

  repository<T extends object>(type: ClassType<T>): Repository<T> {
    return new Repository<T>(this.store(type));
  }

  store(type: ClassType): EntityStore {
    return this.connection.store(entityMapOf(type));
  }

  /** The collection of a class, as others use it. */
  raw(type: ClassType): Collection {
    return this.others.collection(entityMapOf(type).collection);
  }

  /** Stores a document as others would. @returns its id */
  async stored<Id = unknown>(type: ClassType, document: Document): Promise<Id> {
    const { insertedId } = await this.raw(type).insertOne(document);
    return insertedId as Id;
  }

  async read(type: ClassType, id: unknown): Promise<Document | null> {
    return this.raw(type).findOne({ _id: id } as Document);
  }

  /** The writes since the last `clear()`, commits included. */
  get writes(): ObservedCommand[] {
    return this.commands.writes();
  }

  /** The statements of all update commands. */
  get updates(): Document[] {
    return this.commands.named('update').flatMap(({ command }) => command.updates as Document[]);
  }

  /** The one statement of the one command that was sent to write. */
  get onlyUpdate(): Document {
    const { writes } = this;
    if (writes.length !== 1 || writes[0]?.name !== 'update') {
      throw new Error(`Expected one update, got: ${writes.map(({ name }) => name).join(', ') || 'nothing'}`);
    }
    const { updates } = writes[0].command as { updates: Document[] };
    if (updates.length !== 1) throw new Error(`Expected one statement, got ${updates.length}`);
    return updates[0]!;
  }
}

/** How long a server of one's own may take to start, in ms. */
export const SERVER_START = 60_000;

/**
 * A world for the tests of a describe block, its commands cleared before each.
 *
 * @param on `'own server'` for tests with fail points
 */
export function useWorld(settings: Partial<ConnectionSettings> = {}, on?: 'own server'): World {
  const world = new World();
  beforeAll(async () => {
    if (on === 'own server') await world.moveToOwnServer();
    await world.open(settings);
  }, SERVER_START);
  afterAll(() => world.close());
  beforeEach(() => world.commands.clear());
  return world;
}

/** What a promise was rejected with; fails when it was not. */
export async function errorOf<E = Error & Record<string, any>>(promise: Promise<unknown>): Promise<E> {
  try {
    await promise;
  } catch (error) {
    return error as E;
  }
  throw new Error('Expected an error, and there was none.');
}

/** For `toThrow()`: an error with at least these properties. */
export function anError(properties: Record<string, unknown>): Error {
  return expect.objectContaining(properties) as unknown as Error;
}

/** Answers when all of `count` callers have arrived. */
export function barrier(count: number): () => Promise<void> {
  let arrived = 0;
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    if (++arrived === count) open();
    return opened;
  };
}
