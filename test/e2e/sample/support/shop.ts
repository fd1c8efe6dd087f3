import { afterAll, beforeAll, jest } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import type { Db, Document, MongoClient } from 'mongodb';
import request from 'supertest';

import { getClientToken, getDatabaseToken } from '../../../../lib/index.js';
import { createApp } from '../../../../sample/app.js';
import type { SeedCounts, ShopConfig } from '../../../../sample/config.js';
import { observeCommands, type ObservedCommands } from '../../../support/mongo-commands.js';
import { testDatabase } from '../../../support/mongo.js';

process.env.NEST_LOG_LEVEL ??= 'error';
jest.setTimeout(30_000);

/** The sample on a throw-away database, with few documents. */
export class Shop {
  app!: INestApplication;
  url!: string;
  db!: Db;
  commands!: ObservedCommands;
  readonly database = testDatabase();

  constructor(private readonly seed: Partial<SeedCounts> = {}) {}

  get config(): ShopConfig {
    return {
      host: '127.0.0.1',
      port: 0,
      uri: withMonitoring(this.database.uri),
      database: this.database.name,
      seed: { products: 8, customers: 3, orders: 12, ...this.seed },
      isProduction: false,
    };
  }

  async open(): Promise<void> {
    this.app = await createApp(this.config);
    await this.app.listen(0, '127.0.0.1');
    this.url = await this.app.getUrl();
    this.db = this.app.get<Db>(getDatabaseToken());
    this.commands = observeCommands(this.app.get<MongoClient>(getClientToken()));
  }

  async close(): Promise<void> {
    await this.app?.close();
    await this.database.drop();
  }

  get http() {
    return request(this.url);
  }

  /** Stored orders, products or customers, by their ids. */
  documents(collection: string): Promise<Document[]> {
    return this.db.collection(collection).find().sort({ _id: 1 }).toArray();
  }

  async document(collection: string, nth = 0): Promise<Document> {
    return (await this.documents(collection))[nth]!;
  }

  /** What a request sent that can change data. */
  async writesOf(call: PromiseLike<unknown>) {
    this.commands.clear();
    await call;
    return this.commands.writes();
  }
}

/** A shop for all tests of a suite. */
export function useShop(seed?: Partial<SeedCounts>): Shop {
  const shop = new Shop(seed);
  beforeAll(() => shop.open());
  afterAll(() => shop.close());
  return shop;
}

function withMonitoring(uri: string): string {
  const url = new URL(uri);
  url.pathname ||= '/';
  url.searchParams.set('monitorCommands', 'true');
  return String(url);
}
