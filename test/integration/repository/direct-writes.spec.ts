import { beforeEach, describe, expect, it } from '@jest/globals';
import { IsPositive } from 'class-validator';
import { ObjectId } from 'mongodb';
import { CreatedAt, Entity, Id, Prop, UpdatedAt, Version } from '../../../lib/mapping/index.js';
import { op } from '../../../lib/query/index.js';
import { LineItem, Order } from '../support/models.js';
import { errorOf, useWorld } from '../support/world.js';

@Entity({ collection: 'articles' })
class Article {
  @Id() id!: ObjectId;
  @Prop({ name: 'n' }) name!: string;
  @Prop() @IsPositive() stock: number = 1;
  @Prop() sku?: string;
  @Version() version!: number;
  @CreatedAt() createdAt!: Date;
  @UpdatedAt() updatedAt!: Date;
}

const world = useWorld();
const articles = () => world.repository(Article);
const all = () => world.raw(Article).find().sort({ n: 1 }).toArray();

beforeEach(async () => {
  await world.raw(Article).deleteMany({});
  await world.raw(Article).createIndex({ sku: 1 }, { unique: true, sparse: true });
});

// None of these is in a unit of work: what acts at once needs none.

describe('insertMany', () => {
  it('stores records with id, defaults, version and times, in one command, and answers the ids', async () => {
    const mine = Object.assign(new Article(), { name: 'b' });
    const ids = await articles().insertMany([{ name: 'a', stock: 2 }, mine]);
    expect(world.writes.map(({ name }) => name)).toEqual(['insert']);
    expect(await all()).toEqual([
      { _id: ids[0], n: 'a', stock: 2, version: 1, createdAt: expect.any(Date), updatedAt: expect.any(Date) },
      { _id: ids[1], n: 'b', stock: 1, version: 1, createdAt: expect.any(Date), updatedAt: expect.any(Date) },
    ]);
    expect(mine.id).toEqual(ids[1]);
  });

  it('of nothing sends nothing', async () => {
    expect(await articles().insertMany([])).toEqual([]);
    expect(world.commands.all()).toEqual([]);
  });

  it('validates all before it sends any, unless told not to', async () => {
    const error = await errorOf(articles().insertMany([{ name: 'a' }, { name: 'b', stock: -1 }]));
    expect(error).toMatchObject({ code: 'ValidationFailed', issues: [{ entity: 'Article', field: 'stock' }] });
    expect(world.commands.all()).toEqual([]);
    await articles().insertMany([{ name: 'b', stock: -1 }], { validate: false });
    expect(await all()).toHaveLength(1);
  });

  it('checks types in any case', async () => {
    const error = await errorOf(articles().insertMany([{ name: { $gt: '' } as never }], { validate: false }));
    expect(error).toMatchObject({ code: 'InvalidValue', entity: 'Article', field: 'name' });
  });

  it('reports a duplicate key by entity, field and index', async () => {
    await articles().insertMany([{ name: 'a', sku: 's' }]);
    const error = await errorOf(articles().insertMany([{ name: 'b', sku: 's' }]));
    expect(error).toMatchObject({ code: 'DuplicateKey', status: 409, entity: 'Article', field: 'sku' });
    expect(error.message).toContain('sku_1');
  });
});

describe('updateMany', () => {
  beforeEach(async () => {
    await world.raw(Article).insertMany([
      { n: 'a', stock: 1, version: 1, updatedAt: new Date(0) },
      { n: 'b', stock: 1, version: 7, updatedAt: new Date(0) },
      { n: 'c', stock: 2 },
    ]);
  });

  it('sets, raises versions and moves the time of the last change', async () => {
    const before = Date.now();
    expect(await articles().updateMany({ stock: 1 }, { stock: 5 })).toBe(2);
    const [a, b, c] = await all();
    expect(a).toMatchObject({ stock: 5, version: 2 });
    expect(b).toMatchObject({ stock: 5, version: 8 });
    expect(c).toEqual({ _id: expect.any(ObjectId), n: 'c', stock: 2 });
    expect((a!.updatedAt as Date).getTime()).toBeGreaterThanOrEqual(before);
  });

  it('makes a stale copy conflict', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const article = await articles().getOne({ name: 'a' });
        await articles().updateMany({ name: 'a' }, { stock: 5 });
        article.name = 'changed';
      }),
    );
    expect(error.code).toBe('ConcurrentModification');
  });

  it('unsets', async () => {
    await articles().updateMany({ name: 'c' }, { name: 'd' }, { unset: ['stock'] });
    expect((await all())[2]).toEqual({ _id: expect.any(ObjectId), n: 'd', version: 1, updatedAt: expect.any(Date) });
  });

  it.each([
    ['what is not declared', { nope: 1 }, 'InvalidQuery'],
    ['undefined', { name: undefined }, 'InvalidQuery'],
    ['nothing', {}, 'InvalidQuery'],
    ['the id', { id: new ObjectId() }, 'ImmutableField'],
    ['the version', { version: 1 }, 'ImmutableField'],
    ['a wrong type', { stock: { $gt: 1 } }, 'InvalidValue'],
  ])('refuses %s', async (_, data, code) => {
    expect((await errorOf(articles().updateMany({}, data as never))).code).toBe(code);
    expect(world.commands.all()).toEqual([]);
  });

  it('needs a filter that is one', async () => {
    expect((await errorOf(articles().updateMany({ name: undefined }, { stock: 1 }))).code).toBe('InvalidQuery');
    expect((await errorOf(articles().deleteMany({ name: undefined }))).code).toBe('InvalidQuery');
    expect(world.commands.all()).toEqual([]);
  });
});

describe('deleteMany', () => {
  it('deletes what matches and says how many', async () => {
    await articles().insertMany([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    expect(await articles().deleteMany({ name: op.in(['a', 'b', 'x']) })).toBe(2);
    expect(await all()).toMatchObject([{ n: 'c' }]);
  });
});

describe('upsert', () => {
  it('inserts with defaults, version and times, then updates', async () => {
    const id = await articles().upsert({ sku: 's' }, { name: 'a' });
    const [first] = await all();
    expect(first).toEqual({
      ...{ _id: id, sku: 's', n: 'a', stock: 1, version: 1 },
      ...{ createdAt: expect.any(Date), updatedAt: expect.any(Date) },
    });
    expect(await articles().upsert({ sku: 's' }, { name: 'b', stock: 4 })).toEqual(id);
    expect(await all()).toEqual([{ ...first, n: 'b', stock: 4, version: 2, updatedAt: expect.any(Date) }]);
  });

  it('by id stores it under that id', async () => {
    const id = new ObjectId();
    expect(await articles().upsert({ id }, { name: 'a' })).toEqual(id);
    expect(await all()).toMatchObject([{ _id: id, n: 'a' }]);
  });

  it('does not raise what it inserts above 1, whatever version the data says', async () => {
    expect((await errorOf(articles().upsert({ sku: 's' }, { name: 'a', version: 9 }))).code).toBe('ImmutableField');
  });

  it('validates', async () => {
    expect((await errorOf(articles().upsert({ sku: 's' }, { stock: -1 }))).code).toBe('ValidationFailed');
    expect(await all()).toEqual([]);
  });
});

describe('the documents', () => {
  it('of embedded values hold declared fields only', async () => {
    const orders = world.repository(Order);
    const [id] = await orders.insertMany([
      { customer: 'ada', items: [Object.assign(new LineItem(), { sku: 'x', qty: 1, evil: 1 })] },
    ]);
    expect(await world.read(Order, id)).toMatchObject({ items: [{ sku: 'x', qty: 1 }] });
    await orders.updateMany({ id: id as ObjectId }, { items: [{ sku: 'y', qty: 2, evil: 1 } as never] });
    expect((await world.read(Order, id))!.items).toEqual([{ sku: 'y', qty: 2 }]);
  });
});
