import { describe, expect, it, jest } from '@jest/globals';
import { BSON } from 'mongodb';

import { CommitsController } from '../../../sample/commits/commits.controller.js';
import { CommitsService } from '../../../sample/commits/commits.service.js';
import { EventStream } from './support/event-stream.js';
import { Shop, useShop } from './support/shop.js';

describe('GET /commits of the sample', () => {
  const shop = useShop();

  it('tells every listener of each committed command, its bytes and those of the whole document', async () => {
    const streams = await Promise.all([1, 2].map(() => EventStream.open(`${shop.url}/commits`)));
    const { _id, note } = await shop.document('orders');
    await shop.http.get(`/orders/${_id}`).expect(200);
    await shop.http.patch(`/orders/${_id}`).send({ note }).expect(200); // changes nothing
    await shop.http.patch(`/orders/${_id}`).send({ note: 'seen by all' }).expect(200);
    for (const stream of streams) {
      await stream.until(1);
      expect(stream.headers['content-type']).toMatch(/^text\/event-stream/);
      expect(stream.events[0]).toMatchObject({ event: 'hello', data: { process: expect.any(String) } });
      expect(stream.commits).toHaveLength(1);
      const [commit] = stream.commits;
      expect(commit).toMatchObject({ flushId: expect.any(String), durationMS: expect.any(Number) });
      expect(commit.label).toMatch(/^PATCH \/orders/);
      expect(Date.parse(commit.at)).toBeGreaterThan(Date.now() - 60_000);
      const u = { $set: { note: 'seen by all' }, $max: { updatedAt: { $date: expect.any(String) } } };
      expect(commit.writes).toEqual([
        {
          entity: 'Order',
          collection: 'orders',
          operation: 'updateOne',
          id: String(_id),
          command: expect.objectContaining({ q: expect.objectContaining({ _id: { $oid: String(_id) } }), u }),
          bytes: BSON.calculateObjectSize({ $set: { note: 'seen by all' }, $max: { updatedAt: new Date() } }),
          documentBytes: BSON.calculateObjectSize(await shop.document('orders')),
          statementBytes: expect.any(Number),
          whole: {
            statement: BSON.EJSON.serialize({ q: { _id }, u: await shop.document('orders') }),
            bytes: BSON.calculateObjectSize({ q: { _id }, u: await shop.document('orders') }),
          },
        },
      ]);
      expect(commit.writes[0].statementBytes).toBeGreaterThan(commit.writes[0].bytes);
      expect(commit.request).toMatchObject({ method: 'PATCH', path: `/orders/${_id}` });
      stream.close();
    }
  });

  it('tells of the very command that the driver sent', async () => {
    const stream = await EventStream.open(`${shop.url}/commits`);
    const { _id } = await shop.document('orders', 1);
    shop.commands.clear();
    await shop.http.patch(`/orders/${_id}`).send({ note: 'observed' }).expect(200);
    await stream.until(1);
    const [sent] = shop.commands.writes();
    const [{ commands }] = stream.commits;
    expect(commands).toMatchObject([{ name: 'update', outcome: 'succeeded', bytes: sent!.bson.length }]);
    expect(commands[0].command).toEqual(JSON.parse(BSON.EJSON.stringify(sent!.command)));
    stream.close();
  });

  it('tells of each request that asked the database what it read, and that it wrote nothing', async () => {
    const stream = await EventStream.open(`${shop.url}/commits`);
    const { _id, note } = await shop.document('orders', 2);
    await shop.http.get('/products').set('x-request-id', 'looked').expect(200);
    await shop.http.patch(`/orders/${_id}`).set('x-request-id', 'equal').send({ note }).expect(200);
    await shop.http
      .patch(`/orders/${_id}`)
      .set('x-request-id', 'stale')
      .send({ note: 'x', seen: { note: 'y' } });
    await shop.http.get('/page/main.js').set('x-request-id', 'file').expect(200);
    await shop.http.patch(`/orders/${_id}`).set('x-request-id', 'not a name!').send({ note: 'z' }).expect(200);
    await stream.untilTold('request', 4);
    const told = stream.told('request');
    expect(told.slice(0, 3)).toMatchObject([
      { id: 'looked', method: 'GET', path: '/products', status: 200, reads: ['find'], writes: [] },
      { id: 'equal', method: 'PATCH', status: 200, reads: ['find'], writes: [] },
      { id: 'stale', method: 'PATCH', status: 409, reads: ['find'], writes: [] },
    ]);
    expect(told[3]).toMatchObject({ id: expect.stringMatching(/^[\w-]{36}$/), reads: ['find'], writes: ['update'] });
    expect(stream.commits).toMatchObject([{ request: { id: told[3].id } }]);
    stream.close();
  });

  it('tells of what was committed in the end, not of the tries before', async () => {
    const stream = await EventStream.open(`${shop.url}/commits`);
    const { _id: customerId } = await shop.document('customers');
    const order = { customerId, items: [{ sku: 'P-00002', quantity: 1 }] };
    await Promise.all(Array.from({ length: 4 }, () => shop.http.post('/orders').send(order).expect(201)));
    await stream.until(4);
    for (const { commands } of stream.commits) {
      expect(commands.filter(({ name }: any) => name === 'insert')).toHaveLength(1);
      expect(commands.at(-1)).toMatchObject({ name: 'commitTransaction', outcome: 'succeeded' });
      expect(new Set(commands.map(({ transaction }: any) => transaction)).size).toBe(1);
    }
    stream.close();
  });

  it('tells of an order that was placed, and of one that was removed', async () => {
    const stream = await EventStream.open(`${shop.url}/commits`);
    const { _id: customerId } = await shop.document('customers');
    const items = [{ sku: 'P-00001', quantity: 1 }];
    const { body } = await shop.http.post('/orders').send({ customerId, items }).expect(201);
    await shop.http.delete(`/orders/${body.id}`).expect(204);
    await stream.until(2);
    const [placed, removed] = stream.commits;
    expect(placed.writes.map(({ collection, operation }: any) => [collection, operation])).toEqual([
      ['products', 'updateOne'],
      ['orders', 'insertOne'],
    ]);
    expect(placed.writes[1].bytes).toBe(placed.writes[1].documentBytes);
    expect(removed.writes).toMatchObject([{ operation: 'deleteOne', id: body.id, bytes: 0 }]);
    stream.close();
  });

  it('says now and then that it is still there, so that nothing in between hangs up', () => {
    jest.useFakeTimers();
    try {
      const messages: unknown[] = [];
      const listening = new CommitsController(shop.app.get(CommitsService))
        .watch()
        .subscribe((one) => messages.push(one));
      jest.advanceTimersByTime(60_000);
      listening.unsubscribe();
      expect(messages).toEqual([
        { type: 'hello', retry: 1_000, data: { process: expect.any(String) } },
        ...Array(4).fill({ comment: 'still here' }),
      ]);
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('ends with the application, listeners or not', async () => {
    const other = new Shop();
    await other.open();
    const streams = await Promise.all([1, 2, 3].map(() => EventStream.open(`${other.url}/commits`)));
    await other.close(); // without an end of the streams it would wait for their clients, which stay
    await Promise.all(streams.map(({ ended }) => ended));
  });
});
