import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { MongoClient, type Db, type MongoClientOptions, type ObjectId } from 'mongodb';
import {
  CowModule,
  Entity,
  getClientToken,
  getDatabaseToken,
  getRepositoryToken,
  Id,
  UnitOfWork,
  type ClassType,
  type CowModuleOptions,
  type CowOptionsFactory,
  type Repository,
} from '../../../lib/index.js';
import { freePort } from '../../../tools/mongod/free-port.mjs';
import { outside } from './support/app.js';
import { Order } from './support/entities.js';
import { Log } from './support/log.js';
import { startStandalone, type Standalone } from './support/standalone.js';

const at = outside();
afterAll(() => at.end());

/** Starts an application with these modules; answers it and its log. */
async function start(...imports: DynamicModule[]) {
  const log = new Log();
  const app = await Test.createTestingModule({ imports })
    .setLogger(log)
    .compile()
    .catch((error: unknown) => Promise.reject(Object.assign(error as Error, { log })));
  await app.init();
  return { app, log };
}

/** The error that a start must end with, and the log. */
async function failing(...imports: DynamicModule[]): Promise<Error & { code: string; log: Log }> {
  try {
    const { app } = await start(...imports);
    await app.close();
  } catch (error) {
    return error as Error & { code: string; log: Log };
  }
  throw new Error('it started');
}

const isOpen = async (client: MongoClient) =>
  client
    .db('admin')
    .command({ ping: 1 })
    .then(
      () => true,
      () => false,
    );

describe('a client of our own', () => {
  it('is connected at start, and closed at the end', async () => {
    const { app, log } = await start(CowModule.forRoot(at.options));
    const client = app.get<MongoClient>(getClientToken());
    expect(app.get<Db>(getDatabaseToken()).databaseName).toBe(at.database.name);
    expect(log.with('Connected to 127.0.0.1')).toHaveLength(1);
    let closed = 0;
    client.on('topologyClosed', () => closed++);
    await app.close();
    expect(closed).toBe(1);
  });

  it('takes the database of the connection string where none is named', async () => {
    const uri = at.database.uri.replace('/?', `/${at.database.name}?`);
    const { app } = await start(CowModule.forRoot(uri));
    expect(app.get<Db>(getDatabaseToken()).databaseName).toBe(at.database.name);
    await app.close();
  });
});

describe('an application that cannot start leaves no client open', () => {
  class Unmapped {}
  @Entity({ collection: 'orders' })
  class Other {
    @Id() id!: ObjectId;
  }
  afterEach(() => void jest.restoreAllMocks());

  it.each<[string, ClassType[], Partial<CowModuleOptions>]>([
    ['forFeature() of a class that is no entity', [Unmapped], {}],
    ['two entities in one collection', [Order, Other], {}],
    ['an outbox that cannot be created', [Order], { outbox: '$outbox' }],
  ])('%s', async (_name, entities, options) => {
    const connect = jest.spyOn(MongoClient.prototype, 'connect');
    const close = jest.spyOn(MongoClient.prototype, 'close');
    await failing(CowModule.forRoot({ ...at.options, ...options }), CowModule.forFeature(entities));
    const opened = new Set(connect.mock.contexts);
    expect(opened.size).toBe(1);
    expect(new Set(close.mock.contexts)).toEqual(opened);
  });
});

it('a client that is shared is not closed', async () => {
  const client = new MongoClient(at.database.uri);
  const { app } = await start(CowModule.forRoot({ client, database: at.database.name }), CowModule.forFeature([Order]));
  expect(app.get(getClientToken())).toBe(client);
  await app.close();
  expect(await isOpen(client)).toBe(true);
  await client.close();
});

describe('forRootAsync()', () => {
  @Injectable()
  class Settings implements CowOptionsFactory {
    createCowOptions(): CowModuleOptions {
      return at.options;
    }
  }
  @Module({ providers: [Settings], exports: [Settings] })
  class SettingsModule {}

  it.each([
    [
      'useFactory',
      { imports: [SettingsModule], inject: [Settings], useFactory: async (s: Settings) => s.createCowOptions() },
    ],
    ['useClass', { useClass: Settings }],
    ['useExisting', { imports: [SettingsModule], useExisting: Settings }],
  ])('%s', async (_name, options) => {
    const { app } = await start(CowModule.forRootAsync(options), CowModule.forFeature([Order]));
    const orders = app.get<Repository<Order>>(getRepositoryToken(Order), { strict: false });
    expect(await app.get(UnitOfWork).run(() => orders.count())).toBe(0);
    await app.close();
  });

  it('refuses wrong options when they are there', async () => {
    const useFactory = () => ({ ...at.options, flsh: 'manual' });
    expect(await failing(CowModule.forRootAsync({ useFactory }))).toMatchObject({ code: 'InvalidOption' });
  });
});

describe('a server that cannot be reached', () => {
  it('is tried again, with a line for each try', async () => {
    const port = await freePort();
    const error = await failing(
      CowModule.forRoot({
        uri: `mongodb://user:secret@127.0.0.1:${port}`,
        retryAttempts: 2,
        retryDelay: 10,
        clientOptions: { serverSelectionTimeoutMS: 100 },
      }),
    );
    expect(error).toMatchObject({ code: 'ConnectionFailed', status: 503 });
    expect(error.message).toContain(`127.0.0.1:${port}`);
    const lines = error.log.with('Connection "default"');
    // Which of the two the driver reports depends on whether its first connection attempt ended before the 100 ms did.
    expect(lines).toEqual([
      expect.stringMatching(/try 1 of 3 failed \((connect ECONNREFUSED|Server selection timed out)/),
      expect.stringContaining('try 2 of 3 failed'),
      expect.stringContaining('try 3 of 3 failed'),
    ]);
    expect(lines[0]).toContain('the next one in 10 ms');
    expect(lines.join()).not.toContain('secret');
  });

  it('is used when it comes up', async () => {
    const port = await freePort();
    const starting = start(
      CowModule.forRoot({
        uri: `mongodb://127.0.0.1:${port}/shop`,
        atomicity: 'single-document',
        retryAttempts: 10_000, // mongod may take its time
        retryDelay: 10,
        clientOptions: { serverSelectionTimeoutMS: 1_000 },
      }),
    );
    const server = await startStandalone(port);
    const { app, log } = await starting;
    expect(log.with('Connected to')).toHaveLength(1);
    await app.close();
    await server.stop();
  });

  it('that accepts and stays silent is given up before the driver would', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const began = Date.now();
    const error = await failing(CowModule.forRoot({ uri: `mongodb://127.0.0.1:${port}`, retryAttempts: 0 }));
    expect(error.code).toBe('ConnectionFailed');
    expect(Date.now() - began).toBeLessThan(28_000); // our patience is 5 s, the driver's own 30 s
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});

describe('what will not work later either', () => {
  it('is not tried again: a wrong password', async () => {
    const uri = at.database.uri.replace('mongodb://', 'mongodb://nobody:secret@');
    const error = await failing(CowModule.forRoot({ uri, retryAttempts: 5, retryDelay: 60_000 }));
    expect(error).toMatchObject({ code: 'ConnectionFailed' });
    expect(error.message).toMatch(/Authentication failed.*not tried again/);
    expect(error.message + error.log.lines.join()).not.toContain('secret');
    expect(error.log.with('try 1')).toEqual([]);
  });

  it.each<[string, CowModuleOptions]>([
    ['uri', { uri: 'localhost:27017' }],
    ['uri', { uri: 'mongodb://127.0.0.1/?foo=1' }],
    ['clientOptions', { uri: 'mongodb://127.0.0.1', clientOptions: { fooBar: 1 } as MongoClientOptions }],
  ])('is not tried again: a wrong %s', async (option, options) => {
    const error = await failing(CowModule.forRoot({ ...options, retryDelay: 60_000 }));
    expect(error).toMatchObject({ code: 'InvalidOption' });
    expect(error.message).toContain(`"${option}"`);
  });
});

describe('a standalone server', () => {
  let server: Standalone;
  beforeAll(async () => {
    server = await startStandalone();
  });
  afterAll(() => server.stop());

  it('is refused, with the remedy', async () => {
    const error = await failing(CowModule.forRoot({ uri: server.uri, retryDelay: 60_000 }));
    expect(error).toMatchObject({ code: 'TransactionsUnsupported' });
    expect(error.message).toMatch(/rs\.initiate\(\).*'single-document'/);
  });

  it('is taken where one document at a time is enough', async () => {
    const options = { uri: server.uri, atomicity: 'single-document' } as const;
    const { app } = await start(CowModule.forRoot(options), CowModule.forFeature([Order]));
    const orders = app.get<Repository<Order>>(getRepositoryToken(Order), { strict: false });
    const unitOfWork = app.get(UnitOfWork);
    await unitOfWork.run(() => {
      orders.create({ customer: 'ada' });
      orders.create({ customer: 'bob' });
    });
    await unitOfWork.run(async () => {
      for (const order of await orders.find()) order.qty = 1;
    });
    expect(await orders.count({ qty: 1 })).toBe(2);
    await app.close();
  });
});
