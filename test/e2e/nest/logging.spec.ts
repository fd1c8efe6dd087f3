import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import { channel } from 'node:diagnostics_channel';
import { InjectRepository, Repository } from '../../../lib/index.js';
import { outside, RunningApp } from './support/app.js';
import { Order } from './support/entities.js';

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

it('listens while the application runs, and once in a process', async () => {
  const flushes = channel('nestjs-cow:flush');
  const first = await start();
  const second = await RunningApp.start(at, { entities: [Order], controllers: [Orders] });
  await second.http.post('/orders').send({ note: 'new' }).expect(201);
  await first.stop();
  app = undefined;
  expect(flushes.hasSubscribers).toBe(true);
  await second.http.post('/orders').send({ note: 'new' }).expect(201);
  const lines = [...first.log.with('UnitOfWork: '), ...second.log.with('UnitOfWork: ')];
  await second.stop();
  expect(flushes.hasSubscribers).toBe(false);
  expect(new Set(lines).size).toBe(1); // Nest has one logger a process: both logs are the last application's
  expect(lines).toHaveLength(2);
});
