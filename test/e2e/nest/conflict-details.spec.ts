import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Param, Patch } from '@nestjs/common';
import { ObjectId } from 'mongodb';
import { InjectRepository, Repository } from '../../../lib/index.js';
import { outside, PLATFORMS, RunningApp } from './support/app.js';
import { Order } from './support/entities.js';

const at = outside();

/** Another client writes between the read and the flush. */
@Controller('orders')
class Conflicting {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  @Patch(':id')
  async change(@Param('id') id: string) {
    const order = await this.orders.getById(id);
    await at.collection('orders').updateOne({ _id: new ObjectId(id) }, { $set: { note: 'their secret' } });
    order.note = 'our secret';
  }
}

describe.each(PLATFORMS)('the answer to a conflict, on %s', (platform) => {
  let app: RunningApp;
  let id: string;

  beforeAll(async () => {
    id = await at.insert('orders', { customer: 'Ada', note: 'old secret', items: [] });
  });

  afterEach(() => app.stop());

  const answer = async (conflictDetails?: boolean) => {
    await at.collection('orders').updateOne({ _id: new ObjectId(id) }, { $set: { note: 'old secret' } });
    app = await RunningApp.start(at, {
      platform,
      entities: [Order],
      controllers: [Conflicting],
      ...(conflictDetails === undefined ? {} : { cow: { conflictDetails } }),
    });
    const { body } = await app.http.patch(`/orders/${id}`).expect(409);
    return body as Record<string, unknown>;
  };

  it('names the field, and quotes nothing that is stored', async () => {
    const body = await answer();
    expect(body).toMatchObject({ statusCode: 409, code: 'ConcurrentModification', entity: 'Order', id, field: 'note' });
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('says what both sides have where the application asks for it', async () => {
    const body = await answer(true);
    expect(body.details).toEqual([
      { entity: 'Order', id, field: 'note', original: 'old secret', yours: 'our secret', theirs: 'their secret' },
    ]);
  });
});

afterAll(() => at.end());
