import { describe, expect, it } from '@jest/globals';

import { useShop } from './support/shop.js';

describe('the products and customers of the sample', () => {
  const shop = useShop();

  const product = async (nth = 0) => {
    const document = await shop.document('products', nth);
    return { document, path: `/products/${document._id}` };
  };

  it('lists products', async () => {
    const call = shop.http.get('/products?limit=3').expect(200);
    expect(await shop.writesOf(call)).toEqual([]);
    expect((await call).body.map(({ sku }: { sku: string }) => sku)).toEqual(['P-00001', 'P-00002', 'P-00003']);
    await shop.http.get('/products?limit=1000').expect(400);
  });

  it('answers a product, its version as ETag', async () => {
    const { document, path } = await product();
    const { _id, ...fields } = document;
    const call = shop.http.get(path).expect(200);
    expect(await shop.writesOf(call)).toEqual([]);
    expect((await call).body).toEqual(JSON.parse(JSON.stringify({ id: _id, ...fields })));
    expect((await call).headers.etag).toBe(`"${document.version}"`);
    await shop.http.get('/products/000000000000000000000000').expect(404);
    await shop.http.get('/products/nonsense').expect(400);
  });

  it('changes a product by one update under its version, and answers the new one', async () => {
    const { document, path } = await product(1);
    const call = shop.http.patch(path).send({ price: 1_234 }).expect(200);
    const writes = await shop.writesOf(call);
    expect(writes).toHaveLength(1);
    expect(writes[0]!.command.updates[0]).toMatchObject({
      q: { _id: document._id, version: { $eq: document.version } },
      u: { $set: { price: 1_234 }, $inc: { version: 1 }, $max: { updatedAt: expect.any(Date) } },
    });
    const { body, headers } = await call;
    expect(body).toMatchObject({ price: 1_234, version: document.version + 1 });
    expect(headers.etag).toBe(`"${document.version + 1}"`);
    expect(await shop.writesOf(shop.http.patch(path).send({ price: 1_234 }).expect(200))).toEqual([]);
  });

  it.each([{ price: -1 }, { price: 1.5 }, { stock: null }, { sku: 'x' }, { version: 7 }, { name: '' }])(
    'refuses %j',
    async (body) => {
      const { path } = await product(1);
      expect(await shop.writesOf(shop.http.patch(path).send(body).expect(400))).toEqual([]);
    },
  );

  it('changes a product only while it has the version of If-Match', async () => {
    const { path } = await product(2);
    const { etag } = (await shop.http.get(path).expect(200)).headers;
    await shop.http.patch(path).set('If-Match', etag!).send({ stock: 7 }).expect(200);
    const late = shop.http.patch(path).set('If-Match', etag!).send({ stock: 8 }).expect(409);
    expect(await shop.writesOf(late)).toEqual([]);
    expect((await late).body).toMatchObject({ code: 'ConcurrentModification', entity: 'Product', field: 'version' });
    expect((await product(2)).document.stock).toBe(7);
  });

  it('counts every view, without a conflict and without a new version', async () => {
    const { document, path } = await product(3);
    await Promise.all(Array.from({ length: 20 }, () => shop.http.post(`${path}/views`).expect(204)));
    expect((await product(3)).document).toEqual({
      ...document,
      views: document.views + 20,
      updatedAt: expect.any(Date),
    });
  });

  it('answers a customer', async () => {
    const { _id, ...fields } = await shop.document('customers');
    const call = shop.http.get(`/customers/${_id}`).expect(200);
    expect(await shop.writesOf(call)).toEqual([]);
    expect((await call).body).toEqual(JSON.parse(JSON.stringify({ id: _id, ...fields })));
    await shop.http.get('/customers/000000000000000000000000').expect(404);
    await shop.http.get('/customers/nonsense').expect(400);
  });
});
