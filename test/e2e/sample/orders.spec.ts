import { describe, expect, it, jest } from '@jest/globals';
import type { Document } from 'mongodb';

import { OrdersService } from '../../../sample/orders/orders.service.js';
import { useShop } from './support/shop.js';

describe('the orders of the sample', () => {
  const shop = useShop();

  const order = async (nth = 0) => {
    const document = await shop.document('orders', nth);
    return { document, path: `/orders/${document._id}` };
  };

  describe('GET /orders', () => {
    it('lists the latest first, as JSON', async () => {
      const { body } = await shop.http.get('/orders?limit=5').expect(200);
      const expected = await shop.db.collection('orders').find().sort({ placedAt: -1 }).limit(5).toArray();
      expect(body).toEqual(expected.map(asJson));
    });

    it('lists those of a status', async () => {
      await shop.db.collection('orders').updateMany({}, [{ $set: { status: 'paid' } }]);
      await shop.db
        .collection('orders')
        .updateOne({ _id: (await order(3)).document._id }, { $set: { status: 'open' } });
      const { body } = await shop.http.get('/orders?status=open').expect(200);
      expect(body.map(({ id }: { id: string }) => id)).toEqual([String((await order(3)).document._id)]);
    });

    it.each(['limit=0', 'limit=101', 'limit=x', 'status=lost', 'status[$ne]=open', 'unknown=1'])(
      'refuses %s',
      async (query) => {
        await shop.http.get(`/orders?${query}`).expect(400);
      },
    );

    it('sends no write', async () => {
      expect(await shop.writesOf(shop.http.get('/orders?limit=100').expect(200))).toEqual([]);
    });
  });

  describe('GET /orders/:id', () => {
    it('answers the order, and sends no write', async () => {
      const { document, path } = await order();
      const call = shop.http.get(path).expect(200);
      expect(await shop.writesOf(call)).toEqual([]);
      expect((await call).body).toEqual(asJson(document));
    });

    it('answers 404 for an order that is not there, 400 for what is no id', async () => {
      await shop.http.get('/orders/000000000000000000000000').expect(404);
      await shop.http.get('/orders/nonsense').expect(400);
    });
  });

  describe('PATCH /orders/:id', () => {
    it('sends one update of the one nested field, its guard and the time', async () => {
      const { document, path } = await order(1);
      const writes = await shop.writesOf(
        shop.http
          .patch(path)
          .send({ address: { city: 'Jena' } })
          .expect(200),
      );
      expect(writes).toHaveLength(1);
      expect(writes[0]).toMatchObject({ name: 'update', outcome: 'succeeded', reply: { n: 1, nModified: 1 } });
      const [statement, ...others] = writes[0]!.command.updates;
      expect(others).toEqual([]);
      expect(statement.u).toEqual({ $set: { 'address.city': 'Jena' }, $max: { updatedAt: expect.any(Date) } });
      expect(statement.q).toMatchObject({ _id: document._id, 'address.city': { $eq: document.address.city } });
      expect(Object.keys(statement.q).sort()).toEqual(['_id', 'address', 'address.city']);
      expect(await shop.document('orders', 1)).toEqual({
        ...document,
        address: { ...document.address, city: 'Jena' },
        updatedAt: expect.any(Date),
      });
    });

    it('sends nothing for the same request again', async () => {
      const { path } = await order(1);
      const call = () =>
        shop.http
          .patch(path)
          .send({ address: { city: 'Gera' } })
          .expect(200);
      expect(await shop.writesOf(call())).toHaveLength(1);
      const { updatedAt } = (await order(1)).document;
      expect(await shop.writesOf(call())).toEqual([]);
      expect((await order(1)).document.updatedAt).toEqual(updatedAt);
    });

    it('sends nothing for an empty body', async () => {
      const { path } = await order(1);
      expect(await shop.writesOf(shop.http.patch(path).send({}).expect(200))).toEqual([]);
    });

    it('changes the quantity of one line, found by its SKU, and no other line', async () => {
      const { document, path } = await orderWithLines(2);
      const { sku, quantity } = document.items[1];
      const writes = await shop.writesOf(
        shop.http
          .patch(path)
          .send({ items: [{ sku, quantity: quantity + 3 }] })
          .expect(200),
      );
      expect(writes.filter(({ name }) => name === 'update')).toHaveLength(1);
      const after = await shop.db.collection('orders').findOne({ _id: document._id });
      const lines = document.items.map((line: Document) =>
        line.sku === sku ? { ...line, quantity: quantity + 3 } : line,
      );
      expect(after).toEqual({ ...document, items: lines, updatedAt: expect.any(Date) });
    });

    it('changes several fields in one update, and answers the order as it is stored', async () => {
      const { path } = await order(2);
      const body = { note: 'Ring twice', tags: ['gift', 'late'], status: 'shipped', address: { zip: '1', city: 'X' } };
      const call = shop.http.patch(path).send(body).expect(200);
      expect((await shop.writesOf(call)).map(({ name }) => name)).toContain('update');
      const stored = await shop.document('orders', 2);
      expect(stored).toMatchObject({ ...body });
      expect((await call).body).toEqual(asJson(stored));
    });

    it.each([
      ['an unknown field', { colour: 'red' }],
      ['the id', { id: '000000000000000000000000' }],
      ['an unknown nested field', { address: { planet: 'Mars' } }],
      ['null', { note: null }],
      ['null for an address', { address: null }],
      ['an operator', { note: { $gt: '' } }],
      ['a status that is none', { status: 'lost' }],
      ['a quantity of 0', { items: [{ sku: 'P-00001', quantity: 0 }] }],
      ['one SKU twice', { items: ['x', 'x'].map((sku) => ({ sku, quantity: 1 })) }],
      ['a line that the order lacks', { items: [{ sku: 'nothing', quantity: 1 }] }],
      ['an unknown field that was seen', { note: 'x', seen: { colour: 'red' } }],
    ])('refuses %s, and sends nothing', async (_what, body) => {
      const { path } = await order(2);
      expect(await shop.writesOf(shop.http.patch(path).send(body).expect(400))).toEqual([]);
    });

    it('sends nothing when the handler throws after its changes', async () => {
      const { document, path } = await order(4);
      const service = shop.app.get(OrdersService);
      const update = service.update.bind(service);
      const broken = jest.spyOn(service, 'update').mockImplementation(async (id, changes) => {
        await update(id, changes);
        throw new Error('after the change');
      });
      const silent = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
      try {
        expect(await shop.writesOf(shop.http.patch(path).send({ note: 'never' }).expect(500))).toEqual([]);
      } finally {
        broken.mockRestore();
        silent.mockRestore();
      }
      expect(await shop.document('orders', 4)).toEqual(document);
    });
  });

  describe('DELETE /orders/:id', () => {
    it('removes the order, once', async () => {
      const { document, path } = await order(5);
      const call = shop.http.delete(path).expect(204);
      expect((await shop.writesOf(call)).map(({ name }) => name)).toEqual(['delete']);
      expect(await shop.db.collection('orders').findOne({ _id: document._id })).toBeNull();
      expect(await shop.writesOf(shop.http.delete(path).expect(404))).toEqual([]);
    });
  });

  /** The first order with so many lines, or more. */
  async function orderWithLines(lines: number) {
    const document = (await shop.documents('orders')).find(({ items }) => items.length >= lines)!;
    return { document, path: `/orders/${document._id}` };
  }
});

/** A document as the sample answers it. */
function asJson({ _id, ...fields }: Document): unknown {
  return JSON.parse(JSON.stringify({ id: _id, ...fields }));
}
