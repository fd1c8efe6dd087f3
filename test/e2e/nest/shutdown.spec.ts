import { expect, it } from '@jest/globals';
import { Controller, Param, Patch } from '@nestjs/common';
import { InjectRepository, Repository } from '../../../lib/index.js';
import { outside, PLATFORMS, RunningApp } from './support/app.js';
import { Order } from './support/entities.js';

let [entered, leave]: (() => void)[] = [];

@Controller('orders')
class Orders {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  @Patch(':id')
  async change(@Param('id') id: string) {
    const order = await this.orders.getById(id);
    entered!();
    await new Promise<void>((resolve) => (leave = resolve));
    order.note = 'written at the end';
  }
}

it.each(PLATFORMS)('a request in flight is written before the client is closed (%s)', async (platform) => {
  const at = outside();
  const id = await at.insert('orders', { note: 'old' });
  const app = await RunningApp.start(at, { platform, entities: [Order], controllers: [Orders] });
  const isInside = new Promise<void>((resolve) => (entered = resolve));
  const answer = app.http
    .patch(`/orders/${id}`)
    .set('connection', 'close') // a kept connection would keep the server for its time of idleness
    .then(({ status }) => status);
  await isInside;
  const stopping = app.stop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  leave!();
  expect(await answer).toBe(200);
  await stopping;
  expect(await at.collection('orders').findOne()).toMatchObject({ note: 'written at the end' });
  await at.end();
});
