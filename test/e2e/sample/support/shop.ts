import { afterAll, beforeAll, jest } from '@jest/globals';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Server } from 'node:http';
import type { Db, Document, MongoClient } from 'mongodb';
import request from 'supertest';

import { CowModule, getClientToken, getDatabaseToken } from '../../../../lib/index.js';
import { AppModule } from '../../../../sample/app.module.js';
import { createApp } from '../../../../sample/app.js';
import type { SeedCounts, ShopConfig } from '../../../../sample/config.js';
import { Order } from '../../../../sample/orders/order.entity.js';
import { Product } from '../../../../sample/products/product.entity.js';
import { observeCommands, type ObservedCommands } from '../../../support/mongo-commands.js';
import { testDatabase } from '../../../support/mongo.js';

process.env.NEST_LOG_LEVEL ??= 'error';
jest.setTimeout(180_000); // a slow machine is no failure

/** The sample on a throw-away database, with few documents. */
export class Shop {
  app!: INestApplication;
  url!: string;
  db!: Db;
  commands!: ObservedCommands;
  readonly database = testDatabase();

  /** @param more routes of a test's own, beside those of the sample */
  constructor(
    private readonly seed: Partial<SeedCounts> = {},
    private readonly more?: Pick<ModuleMetadata, 'controllers' | 'providers'>,
  ) {}

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

  /** @param port that of an earlier run, for one that starts again */
  async open(port = 0): Promise<void> {
    this.app = this.more ? await this.withMore(this.more) : await createApp(this.config);
    await this.app.listen(port, '127.0.0.1');
    // On a slow machine an idle connection would be closed just when its client uses it again.
    (this.app.getHttpServer() as Server).keepAliveTimeout = 300_000;
    this.url = await this.app.getUrl();
    this.db = this.app.get<Db>(getDatabaseToken());
    this.commands = observeCommands(this.app.get<MongoClient>(getClientToken()));
  }

  private withMore(more: Pick<ModuleMetadata, 'controllers' | 'providers'>): Promise<INestApplication> {
    const imports = [AppModule.forRoot(this.config), CowModule.forFeature([Order, Product])];
    return NestFactory.create({ module: class WithMore {}, imports, ...more }, { abortOnError: false });
  }

  /** Ends the application, and starts it again where it was. */
  async restart(whileDown: () => Promise<void> = async () => undefined): Promise<void> {
    await this.app.close();
    await whileDown();
    await this.open(Number(new URL(this.url).port));
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
export function useShop(seed?: Partial<SeedCounts>, more?: Pick<ModuleMetadata, 'controllers' | 'providers'>): Shop {
  const shop = new Shop(seed, more);
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
