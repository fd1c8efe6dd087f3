import { describe, expect, it } from '@jest/globals';
import { useShop } from '../support/shop.js';

describe('an import', () => {
  const shop = useShop();

  const row = (sku: string, more: object = {}) => ({
    sku,
    name: `Name of ${sku}`,
    description: '',
    price: 100,
    stock: 1,
    ...more,
  });
  const product = (sku: string) => shop.db.collection('products').findOne({ sku });

  it('takes the good rows, and reports on every row', async () => {
    const known = await shop.document('products');
    const same = {
      sku: known.sku,
      name: known.name,
      description: known.description,
      price: known.price,
      stock: known.stock,
    };
    const rows = [
      row('N-1'),
      row('N-2', { price: -1 }),
      row('N-3', { name: '' }),
      same,
      row('P-00002', { stock: 77 }),
      row('N-1', { price: 999 }),
      { name: 'without a SKU' },
      row('N-4', { stock: 'many' }),
      row('N-2', { price: 5 }),
    ];
    const call = shop.http.post('/products/import').send({ rows }).expect(200);
    const writes = await shop.writesOf(call);
    expect((await call).body).toEqual([
      { row: 1, outcome: 'added' },
      { row: 2, outcome: 'rejected', reason: expect.stringContaining('price') },
      { row: 3, outcome: 'rejected', reason: expect.stringContaining('name') },
      { row: 4, outcome: 'unchanged' },
      { row: 5, outcome: 'changed' },
      { row: 6, outcome: 'rejected', reason: 'Row 1 has this SKU already.' },
      { row: 7, outcome: 'rejected', reason: expect.stringContaining('sku') },
      { row: 8, outcome: 'rejected', reason: expect.stringContaining('stock') },
      { row: 9, outcome: 'added' },
    ]);
    expect(await product('N-1')).toMatchObject({ price: 100, views: 0, version: 1 });
    expect(await product('N-2')).toMatchObject({ price: 5 });
    expect(await product('P-00002')).toMatchObject({ stock: 77, version: 2 });
    expect(await product('N-3')).toBeNull();
    expect(await product('N-4')).toBeNull();
    expect(await product(known.sku)).toEqual(known);
    // One transaction: two inserts and an update.
    expect(writes.filter(({ name }) => name === 'commitTransaction')).toHaveLength(1);
    expect(writes.flatMap(({ command }) => command.documents ?? []).map(({ sku }) => sku)).toEqual(['N-1', 'N-2']);
    expect(writes.flatMap(({ command }) => command.updates ?? [])).toHaveLength(1);
  });

  it('sends nothing when every row is refused', async () => {
    const rows = [row('X-1', { price: -1 }), row('X-2', { stock: 1.5 })];
    const call = shop.http.post('/products/import').send({ rows }).expect(200);
    expect(await shop.writesOf(call)).toEqual([]);
    expect((await call).body.map(({ outcome }: any) => outcome)).toEqual(['rejected', 'rejected']);
  });

  it('writes a long list in parts, each a transaction, and asks once for the products of a part', async () => {
    const rows = Array.from({ length: 250 }, (_, nth) => row(`L-${nth}`, nth % 10 === 3 ? { price: -1 } : {}));
    const call = shop.http.post('/products/import').send({ rows }).expect(200);
    const writes = await shop.writesOf(call);
    const reads = shop.commands.named('find').filter(({ command }) => command.txnNumber === undefined);
    expect(reads).toHaveLength(3);
    const { body } = await call;
    expect(body).toHaveLength(250);
    expect(body.filter(({ outcome }: any) => outcome === 'rejected')).toHaveLength(25);
    expect(writes.filter(({ name }) => name === 'commitTransaction')).toHaveLength(3);
    expect(await shop.db.collection('products').countDocuments({ sku: /^L-/ })).toBe(225);
  });

  it('takes no operator for a SKU', async () => {
    const rows = [{ ...row('x'), sku: { $ne: null } }];
    const { body } = await shop.http.post('/products/import').send({ rows }).expect(200);
    expect(body).toMatchObject([{ outcome: 'rejected' }]);
    await shop.http
      .post('/products/import')
      .send({ rows: ['no row'] })
      .expect(400);
  });
});
