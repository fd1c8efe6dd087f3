import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MongoClient, type Db } from 'mongodb';

import { decodeByDriver, type RawValue } from '../../../lib/bson/raw-value.js';
import { createApp } from '../../../sample/app.js';
import { start } from '../../../sample/main.js';
import { Shop } from './support/shop.js';

const SEEDED = ['products', 'customers', 'orders'];

describe('the first data of the sample', () => {
  let shop: Shop;
  let client: MongoClient;
  let db: Db;

  beforeEach(async () => {
    shop = new Shop({ products: 30, customers: 10, orders: 600 });
    client = await MongoClient.connect(shop.database.uri);
    db = client.db(shop.database.name);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await client.close();
    await shop.database.drop();
  });

  const startAndStop = async () => (await start(shop.config)).close();

  const contents = async () =>
    Object.fromEntries(
      await Promise.all(
        SEEDED.map(async (name) => {
          return [name, await db.collection(name).find().sort({ _id: 1 }).toArray()] as const;
        }),
      ),
    );

  const marker = () => db.collection('seed').findOne({});

  it('is made by the first start, and by no later one', async () => {
    await startAndStop();
    const first = await contents();
    expect(Object.entries(first).map(([name, documents]) => [name, documents.length])).toEqual([
      ['products', 30],
      ['customers', 10],
      ['orders', 600],
    ]);
    expect(await marker()).toMatchObject({ products: 30, completedAt: expect.any(Date) });
    await db.collection('orders').deleteOne({ _id: first.orders![0]!._id });
    await startAndStop();
    expect((await contents()).orders).toHaveLength(599);
  });

  it('shows how far it is, in lines where there is no terminal', async () => {
    const lines: string[] = [];
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean(lines.push(String(text))));
    jest.replaceProperty(process, 'env', { ...process.env, NEST_LOG_LEVEL: 'log' });
    await startAndStop();
    expect(lines.filter((line) => line.includes('Filling the shop')).map((line) => line.trim())).toEqual([
      expect.stringMatching(/Filling the shop: 290 of 640$/),
      expect.stringMatching(/Filling the shop: 540 of 640$/),
      expect.stringMatching(/Filling the shop: 640 of 640$/),
    ]);
  });

  it('is the same wherever it is made, and refers to what is there', async () => {
    await startAndStop();
    const first = await contents();
    await db.dropDatabase();
    await startAndStop();
    expect(await contents()).toEqual(first);
    const customers = new Set(first.customers!.map(({ _id }) => String(_id)));
    const products = new Map(first.products!.map((one) => [one.sku, one]));
    for (const { customerId, items } of first.orders!) {
      expect(customers).toContain(String(customerId));
      expect(new Set(items.map(({ sku }: any) => sku)).size).toBe(items.length);
      for (const { sku, price } of items) expect(products.get(sku)!.price).toBe(price);
    }
  });

  it.each([1, 2, 4])('is completed exactly by the next start after it was cut short at insert %i', async (cut) => {
    await startAndStop();
    const whole = await contents();
    await db.dropDatabase();

    // A batch is stored in part, and the application dies.
    let inserts = 0;
    const { Db } = await import('mongodb');
    const command = Db.prototype.command;
    jest.spyOn(Db.prototype, 'command').mockImplementation(async function (this: Db, sent, ...rest) {
      if (!SEEDED.includes(sent.insert as string) || ++inserts < cut) return command.call(this, sent, ...rest);
      const documents = (sent.documents as RawValue).elements().filter((_, index) => index % 3 === 1);
      await command.call(this, { ...sent, documents: documents.map((one) => decodeByDriver(one)) }, ...rest);
      throw new Error('killed');
    });
    await expect(start(shop.config)).rejects.toThrow('killed');
    jest.restoreAllMocks();
    expect((await marker())!.completedAt).toBeUndefined();
    expect(await contents()).not.toEqual(whole);

    await startAndStop();
    expect(await contents()).toEqual(whole);
    expect((await marker())!.completedAt).toEqual(expect.any(Date));
  });

  it('is not put into a database that holds other data, which stays as it is', async () => {
    await db.collection('orders').insertOne({ note: 'of another application' });
    await expect(start(shop.config)).rejects.toThrow(
      `The database "${shop.database.name}" holds data that the sample did not put there (in "orders").`,
    );
    expect((await db.listCollections().toArray()).map(({ name }) => name)).toEqual(['orders']);
    expect(await db.collection('orders').indexes()).toHaveLength(1);
    expect(await db.collection('orders').countDocuments()).toBe(1);
  });

  it('is not put there either when that is found out late', async () => {
    const { config } = shop;
    const app = await createApp(config);
    await db.collection('else').insertOne({});
    await expect(app.init()).rejects.toThrow('holds data that the sample did not put there (in "else")');
    await app.close();
    expect(Object.values(await contents()).flat()).toEqual([]);
  });

  it('may be put where there are collections, but empty ones', async () => {
    await db.createCollection('orders');
    await startAndStop();
    expect((await contents()).orders).toHaveLength(600);
  });
});
