import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Document } from 'mongodb';

import { useShop } from './support/shop.js';

describe('POST /orders of the sample', () => {
  const shop = useShop();
  let customer: Document;
  let products: Document[];

  const place = (items: [sku: string, quantity: number][], more: object = {}) =>
    shop.http
      .post('/orders')
      .send({ customerId: String(customer._id), items: items.map(([sku, quantity]) => ({ sku, quantity })), ...more });

  const stockOf = async (sku: string) => (await shop.db.collection('products').findOne({ sku }))!.stock;

  const setStock = (sku: string, stock: number) =>
    shop.db.collection('products').updateOne({ sku }, { $set: { stock }, $inc: { version: 1 } });

  beforeEach(async () => {
    customer = await shop.document('customers');
    await shop.db.collection('products').updateMany({}, { $set: { stock: 10 }, $inc: { version: 1 } });
    products = await shop.documents('products');
    products.sort((a, b) => (a.sku < b.sku ? -1 : 1));
  });

  it('takes the stock of each product and adds the order, in one transaction', async () => {
    const call = place(
      [
        ['P-00001', 2],
        ['P-00003', 5],
      ],
      { note: 'Ring twice', tags: ['gift'] },
    ).expect(201);
    const writes = await shop.writesOf(call);
    expect(writes.map(({ name }) => name)).toEqual(['update', 'insert', 'commitTransaction']);
    const [update, insert] = writes as [(typeof writes)[0], (typeof writes)[0]];
    expect(update.command.txnNumber).toEqual(insert.command.txnNumber);
    expect(update.command.updates.map(({ u }: Document) => Object.keys(u.$set))).toEqual([['stock'], ['stock']]);

    expect(await Promise.all(['P-00001', 'P-00002', 'P-00003'].map(stockOf))).toEqual([8, 10, 5]);
    const { body } = await call;
    const line = (nth: number, quantity: number) => {
      const { sku, name, price } = products[nth]!;
      return { sku, name, price, quantity };
    };
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      customerId: String(customer._id),
      items: [line(0, 2), line(2, 5)],
      address: customer.address,
      tags: ['gift'],
      note: 'Ring twice',
      status: 'open',
      placedAt: expect.any(String),
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    const { body: again } = await shop.http.get(`/orders/${body.id}`).expect(200);
    expect(again).toEqual(body);
  });

  it('refuses more than there is, clearly, and takes nothing', async () => {
    await setStock('P-00002', 3);
    const call = place([
      ['P-00001', 1],
      ['P-00002', 4],
    ]).expect(409);
    expect(await shop.writesOf(call)).toEqual([]);
    expect((await call).body).toEqual({
      statusCode: 409,
      code: 'InsufficientStock',
      message: 'Of product P-00002 there are 3 in stock, and 4 were ordered.',
      sku: 'P-00002',
      requested: 4,
      available: 3,
    });
    expect(await stockOf('P-00001')).toBe(10);
  });

  it.each<[string, number, object]>([
    ['an unknown customer', 404, { customerId: '000000000000000000000000' }],
    ['an unknown product', 404, { items: [{ sku: 'nothing', quantity: 1 }] }],
    ['what is no customer', 400, { customerId: 'me' }],
    ['no lines', 400, { items: [] }],
    ['lines that are none', 400, { items: [null] }],
    ['no pieces', 400, { items: [{ sku: 'P-00001', quantity: 0 }] }],
    ['one product in two lines', 400, { items: [1, 2].map((quantity) => ({ sku: 'P-00001', quantity })) }],
    ['a price of its own', 400, { items: [{ sku: 'P-00001', quantity: 1, price: 1 }] }],
    ['an operator', 400, { items: [{ sku: { $gt: '' }, quantity: 1 }] }],
  ])('refuses %s', async (_what, status, body) => {
    expect(await shop.writesOf(place([['P-00001', 1]], body).expect(status))).toEqual([]);
  });

  it('sells each piece once: of 50 orders at once for the last 30 pieces, exactly 30 succeed', async () => {
    await setStock('P-00005', 30);
    const before = await shop.db.collection('orders').countDocuments();
    const answers = await Promise.all(Array.from({ length: 50 }, () => place([['P-00005', 1]])));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(30);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(new Set(refused.map(({ body }) => body.code))).toEqual(new Set(['InsufficientStock']));
    expect(await stockOf('P-00005')).toBe(0);
    expect(await shop.db.collection('orders').countDocuments()).toBe(before + 30);
  }, 900_000);
});
