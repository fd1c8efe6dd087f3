import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { type MongoClient } from 'mongodb';
import request from 'supertest';
import { startEmbedded, type Embedded } from '../../../tools/mongod/embedded.mjs';
import { CowModule, getClientToken, type CowModuleOptions } from '../../../lib/index.js';
import { CowHealthIndicator, type CowHealthOptions } from '../../../lib/terminus/index.js';
import { startStandalone } from '../nest/support/standalone.js';

const PATIENT: CowHealthOptions = { timeout: 60_000 }; // a slow machine is no failure

let options = PATIENT;

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly mongodb: CowHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check() {
    return this.health.check([() => this.mongodb.isHealthy('mongodb', options)]);
  }
}

@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  providers: [CowHealthIndicator],
  controllers: [HealthController],
})
class HealthModule {}

describe('nestjs-cow/terminus', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    options = PATIENT;
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function start(cow: CowModuleOptions): Promise<INestApplication> {
    const testing = await Test.createTestingModule({
      imports: [CowModule.forRoot({ database: 'health', retryAttempts: 0, ...cow }), HealthModule],
    }).compile();
    const app = testing.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    (app.getHttpServer() as Server).keepAliveTimeout = 300_000; // as between checks on a slow machine
    ends.push(() => app.close());
    return app;
  }

  async function server(): Promise<Embedded> {
    const embedded = await startEmbedded();
    ends.push(() => embedded.stop());
    return embedded;
  }

  const ask = (app: INestApplication) => request(app.getHttpServer()).get('/health');

  it('says which primary of which replica set answers, and how busy the pool is', async () => {
    const { uri, port } = await server();
    const app = await start({ uri, clientOptions: { maxPoolSize: 7 } });
    const { body } = (await ask(app).expect(200)) as { body: { details: unknown } };
    expect(body.details).toEqual({
      mongodb: {
        status: 'up',
        replicaSet: 'nestjs-cow',
        primary: `127.0.0.1:${port}`,
        pool: { inUse: 0, waiting: 0, limit: 7 },
      },
    });
  });

  it('is down, and says why, when no primary answers', async () => {
    const embedded = await server();
    const app = await start({ uri: embedded.uri, clientOptions: { serverSelectionTimeoutMS: 3_000 } });
    await ask(app).expect(200);
    await embedded.stop();
    options = { timeout: 300 }; // it does not wait for the driver
    const { body } = (await ask(app).expect(503)) as { body: { error: { mongodb: { message: string } } } };
    expect(body.error.mongodb).toMatchObject({ status: 'down', message: expect.any(String) as unknown as string });
    expect(body.error.mongodb.message).toMatch(/did not answer in 300 ms|ECONNREFUSED|connection/i);
  });

  it('counts operations that have a connection, and those that wait for one', async () => {
    const { uri } = await server();
    const app = await start({ uri, clientOptions: { maxPoolSize: 1, appName: 'busy' } });
    const client = app.get<MongoClient>(getClientToken());
    const admin = client.db('admin');
    await admin.command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: ['ping'], blockConnection: true, blockTimeMS: 60_000, appName: 'busy' },
    });
    const waiting = [admin.command({ ping: 1 }), admin.command({ ping: 1 })];
    options = { timeout: 200 };
    let error: { mongodb: { pool: object } };
    do {
      const { body } = (await ask(app).expect(503)) as { body: { error: typeof error } };
      ({ error } = body);
      await sleep(20);
    } while (!('waiting' in error.mongodb.pool) || Number(error.mongodb.pool.waiting) < 1);
    expect(error.mongodb).toMatchObject({ status: 'down', pool: { inUse: 1, limit: 1 } });
    // Let the pings end with their connection.
    const results = Promise.allSettled(waiting);
    await client.close(true);
    await results;
  });

  it('tells a standalone server, which has no replica set', async () => {
    const { uri, stop } = await startStandalone();
    ends.push(stop);
    const app = await start({ uri, atomicity: 'single-document' });
    const { body } = (await ask(app).expect(200)) as { body: { details: { mongodb: object } } };
    expect(body.details.mongodb).toMatchObject({ status: 'up' });
    expect(body.details.mongodb).not.toHaveProperty('replicaSet');
  });

  it('checks the connection that is named', async () => {
    const { uri } = await server();
    const app = await start({ uri, connectionName: 'second' });
    options = { ...PATIENT, connectionName: 'second' };
    await ask(app).expect(200);
  });
});
