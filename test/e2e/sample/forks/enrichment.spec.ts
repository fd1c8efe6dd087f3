import { describe, expect, it } from '@jest/globals';
import { useShop } from '../support/shop.js';

describe('parallel enrichment', () => {
  const shop = useShop();

  const prepare = async (nth: number, changes: object = {}) => {
    const { _id } = await shop.document('orders', nth);
    await shop.db
      .collection('orders')
      .updateOne({ _id }, { $set: { 'items.0.name': 'Old name', tags: ['first order'], ...changes } });
    return await shop.document('orders', nth);
  };

  it('combines what each branch found, in one command', async () => {
    const before = await prepare(0, { 'items.0.quantity': 20, placedAt: new Date('2030-01-01') });
    const customer = await shop.db.collection('customers').findOne({ _id: before.customerId });
    await shop.db
      .collection('customers')
      .updateOne({ _id: before.customerId }, { $set: { 'address.city': 'Elsewhere' } });
    await shop.db.collection('orders').insertOne({ ...before, _id: undefined, placedAt: new Date(0) });
    await shop.db.collection('orders').updateOne({ _id: before._id }, { $set: { address: customer!.address } });
    const call = shop.http.post(`/orders/${before._id}/enrichment`).expect(200);
    const writes = await shop.writesOf(call);
    expect(writes.map(({ name }) => name)).toEqual(['update']);
    const reads = shop.commands.named('find').filter(({ command }) => command.find === 'orders');
    expect(reads).toHaveLength(1); // the three branches ask for the order in one tick
    const product = await shop.db.collection('products').findOne({ sku: before.items[0].sku });
    const after = await shop.document('orders', 0);
    expect(after.items[0]).toEqual({ ...before.items[0], name: product!.name });
    expect(after.address).toEqual({ ...customer!.address, city: 'Elsewhere' });
    expect(after.tags).toEqual(['bulky']);
    expect((await call).body).toMatchObject({ tags: ['bulky'], address: { city: 'Elsewhere' } });
  });

  it('leaves nothing behind when a branch throws', async () => {
    const before = await prepare(1, { 'items.0.sku': 'GONE', 'items.0.quantity': 20 });
    const call = shop.http.post(`/orders/${before._id}/enrichment`).expect(404);
    expect(await shop.writesOf(call)).toEqual([]);
    expect((await call).body).toMatchObject({ code: 'EntityNotFound', entity: 'Product' });
    expect(await shop.document('orders', 1)).toEqual(before);
  });

  it('sends nothing the second time', async () => {
    const { _id } = await shop.document('orders', 2);
    await shop.http.post(`/orders/${_id}/enrichment`).expect(200);
    expect(await shop.writesOf(shop.http.post(`/orders/${_id}/enrichment`).expect(200))).toEqual([]);
  });
});
