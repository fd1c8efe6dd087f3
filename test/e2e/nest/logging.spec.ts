import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { channel } from 'node:diagnostics_channel';
import { CowModule, InjectRepository, Repository, type FlushEvent } from '../../../lib/index.js';
import { outside, RunningApp } from './support/app.js';
import { Order } from './support/entities.js';
import { Log } from './support/log.js';

@Controller('orders')
class Orders {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  @Get(':id')
  read(@Param('id') id: string) {
    return this.orders.getById(id);
  }

  @Post()
  create(@Body() body: { note: string }) {
    return this.orders.create(body);
  }

  @Patch(':id')
  async change(@Param('id') id: string, @Body() body: { note: string }) {
    (await this.orders.getById(id)).note = body.note;
  }

  @Delete(':id')
  async remove(@Param('id') id: string) {
    this.orders.remove(await this.orders.getById(id));
  }
}

const at = outside();
const environment = process.env.NODE_ENV;
let app: RunningApp | undefined;
afterEach(async () => {
  process.env.NODE_ENV = environment;
  await app?.stop();
});
afterAll(() => at.end());

const start = async () => (app = await RunningApp.start(at, { entities: [Order], controllers: [Orders] }));

beforeEach(() => at.collection('orders').deleteMany({}));

it('has a line per flush, with fields and sizes, and no value', async () => {
  const { http, log } = await start();
  const { body } = await http.post('/orders').send({ note: 'secret', customer: 'secret' }).expect(201);
  await http.get(`/orders/${body.id}`).expect(200);
  await http.patch(`/orders/${body.id}?token=secret`).send({ note: 'other secret' }).expect(200);
  await http.delete(`/orders/${body.id}`).expect(200);
  const lines = log.with('UnitOfWork: ');
  expect(lines).toEqual([
    expect.stringMatching(/^log UnitOfWork: POST \/orders → orders\.insertOne \d+ B$/),
    expect.stringMatching(
      `^log UnitOfWork: PATCH /orders/${body.id} → orders\\.updateOne \\{ \\$set: \\{ note \\} \\} \\d+ B of \\d+ B$`,
    ),
    `log UnitOfWork: DELETE /orders/${body.id} → orders.deleteOne`,
  ]);
  expect(lines.join()).not.toContain('secret');
});

it('is at the level debug in production', async () => {
  process.env.NODE_ENV = 'production';
  const { http, log } = await start();
  await http.post('/orders').send({ note: 'new' }).expect(201);
  expect(log.with('UnitOfWork: ')).toEqual([expect.stringMatching(/^debug UnitOfWork: POST/)]);
});

// The channel is the process's, and another file's application may still listen: what is asked is this one's log.
const publish = () =>
  channel('nestjs-cow:flush').publish({
    flushId: '1',
    label: 'a test',
    durationMS: 1,
    writes: [],
  } satisfies FlushEvent);

it('listens while the application runs, and once in a process', async () => {
  const first = await start();
  const second = await RunningApp.start(at, { entities: [Order], controllers: [Orders] });
  // Nest has one logger a process: both logs are the last application's.
  const lines = () => [...first.log.with('UnitOfWork: '), ...second.log.with('UnitOfWork: ')];
  await second.http.post('/orders').send({ note: 'new' }).expect(201);
  expect(lines()).toHaveLength(1);
  await first.stop();
  app = undefined;
  await second.http.post('/orders').send({ note: 'new' }).expect(201);
  publish();
  expect(lines()).toHaveLength(3);
  await second.stop();
  publish();
  expect(lines()).toHaveLength(3);
});

it('does not listen for an application that fails to start', async () => {
  const log = new Log();
  const { client } = at;
  const testing = await Test.createTestingModule({
    imports: [CowModule.forRoot({ client, database: at.database.name }), CowModule.forFeature([Order])],
    providers: [{ provide: 'failing', useValue: { onModuleInit: () => Promise.reject(new Error('no start')) } }],
  })
    .setLogger(log)
    .compile();
  await expect(testing.createNestApplication().init()).rejects.toThrow('no start');
  publish();
  expect(log.with('UnitOfWork: ')).toEqual([]);
});
