import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoClient, ObjectId, type MongoClientOptions } from 'mongodb';
import { Entity, Id, Index, Prop } from '../../../lib/mapping/index.js';
import { Connection } from '../../../lib/unit-of-work/index.js';
import { Order, Product, type LineItem } from '../support/models.js';
import { SERVER_START, World, errorOf } from '../support/world.js';

@Entity({ collection: 'accounts' })
@Index({ login: 1 }, { unique: true })
class Account {
  @Id() id!: ObjectId;
  @Prop() login!: string;
  @Prop() big?: bigint;
}

@Entity({ collection: 'labels' })
class Label {
  @Id({ type: String }) id!: string;
  @Prop() text!: string;
  @Prop() times?: number;
}

/** What applications set on the client that they share with the library, for their own use of it. */
const OPTIONS: [string, MongoClientOptions][] = [
  ['promoteValues: false', { promoteValues: false }],
  ['promoteLongs: false', { promoteLongs: false }],
  ['useBigInt64: true', { useBigInt64: true }],
  ['promoteBuffers: true', { promoteBuffers: true }],
  ['bsonRegExp: true', { bsonRegExp: true }],
  ['ignoreUndefined: true', { ignoreUndefined: true }],
  ['serializeFunctions: true', { serializeFunctions: true }],
  ['raw: true', { raw: true }],
  ['retryWrites and retryReads: false', { retryWrites: false, retryReads: false }],
  ['w: 0', { writeConcern: { w: 0 } }],
  ['w: 1, journal', { writeConcern: { w: 1, journal: true } }],
  ['readPreference: secondaryPreferred', { readPreference: 'secondaryPreferred' }],
  ['readConcern: available', { readConcernLevel: 'available' }],
  ['one connection', { maxPoolSize: 1 }],
  ['a strict API version', { serverApi: { version: '1', strict: true, deprecationErrors: true } }],
  ['compression', { compressors: ['zlib'] }],
];

const world = new World();
let names: string[];

beforeAll(async () => {
  await world.open({});
  await world.raw(Account).createIndex({ login: 1 }, { unique: true });
  await world.others.createCollection('labels', { collation: { locale: 'en', strength: 2 } });
}, SERVER_START);
afterAll(() => world.close());

describe.each(OPTIONS)('a client with %s', (_name, options) => {
  let client: MongoClient;
  beforeAll(async () => {
    client = await new MongoClient(world.database.uri, options).connect();
    world.connection = new Connection('shared', client, client.db(world.database.name), world.connection.settings);
  });
  afterAll(() => client.close());
  beforeEach(() => {
    names = ['a', 'b'].map((name) => `${name} ${new ObjectId().toHexString()}`);
  });

  const orders = () => world.repository(Order);
  const products = () => world.repository(Product);
  const accounts = () => world.repository(Account);
  const labels = () => world.repository(Label);
  const stored = () => world.stored<ObjectId>(Order, { customer_id: 'ada', status: 'open', tags: [], items: [] });

  it('writes one document, and several', async () => {
    const ids = [await stored(), await stored()];
    await world.uow.run(async () => {
      const order = await orders().getById(ids[0]!);
      order.status = 'paid';
      order.items.push({ sku: 'a', qty: 1 } as LineItem);
      order.views = 3;
    });
    await world.uow.run(async () => {
      for (const order of await orders().findByIds(ids)) {
        order.status = 'sent';
        order.tags!.push('x');
        order.meta = { n: 1 };
      }
      orders().create({ customer: 'new', items: [] });
    });
    const [one, two] = await world
      .raw(Order)
      .find({ _id: { $in: ids } })
      .sort({ _id: 1 })
      .toArray();
    expect(one).toMatchObject({ status: 'sent', views: 3, items: [{ sku: 'a', qty: 1 }], tags: ['x'], meta: { n: 1 } });
    expect(two).toMatchObject({ status: 'sent', items: [], tags: ['x'] });
    await world.uow.run(async () => {
      for (const order of await orders().findByIds(ids)) orders().remove(order);
    });
    expect(await world.raw(Order).countDocuments({ _id: { $in: ids } })).toBe(0);
  });

  it('tells of conflicts', async () => {
    const ids = [await stored(), await stored()];
    for (const count of [1, 2]) {
      const error = await errorOf(
        world.uow.run(async () => {
          const found = await orders().findByIds(ids.slice(0, count));
          await world.raw(Order).updateOne({ _id: ids[0] }, { $set: { status: `theirs ${count}` } });
          for (const order of found) order.status = 'mine';
        }),
      );
      expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'status', id: String(ids[0]) });
      expect(error.details[0]).toMatchObject({ yours: 'mine', theirs: `theirs ${count}` });
    }
  });

  it('tells of versions', async () => {
    const made = await world.uow.run(() => products().create({ name: 'a', stock: 1 }));
    await world.uow.run(async () => {
      const product = await products().getById(made.id);
      product.stock++;
      await world.uow.flush();
      product.stock++;
      await world.uow.flush();
      expect(product.version).toBe(3);
      expect(product.updatedAt).toBeInstanceOf(Date);
    });
    const error = await errorOf(
      world.uow.run(async () => {
        const product = await products().getById(made.id);
        await world.raw(Product).updateOne({ _id: made.id }, { $inc: { version: 1 } });
        product.stock = 9;
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'version' });
  });

  it('tells of duplicate keys, whoever inserts or updates', async () => {
    const [login, other] = names as [string, string];
    await accounts().insertMany([{ login }, { login: other }]);
    const [, second] = await world
      .raw(Account)
      .find({ login: { $in: names } })
      .sort({ login: 1 })
      .toArray();
    const ways: (() => Promise<unknown>)[] = [
      () => world.uow.run(() => accounts().create({ login })),
      () => world.uow.run(() => [accounts().create({ login: `${login}x` }), accounts().create({ login })]),
      () => accounts().insertMany([{ login: `${login}y` }, { login }]),
      () => accounts().import([{ login }]),
      () => accounts().updateMany({ login: other }, { login }),
      () => accounts().updateEach([{ id: second!._id, data: { login } }]),
      () =>
        accounts().updateEach([
          { id: second!._id, data: { big: 1n } },
          { id: second!._id, data: { login } },
        ]),
      () => accounts().upsert({ login: other }, { login }),
    ];
    for (const [index, way] of ways.entries()) {
      const error = await errorOf(way());
      expect([index, error.code, error.field]).toEqual([index, 'DuplicateKey', 'login']);
      expect(error.message).toContain('(index login_1)');
    }
  });

  it('answers what was written at once', async () => {
    const [login, other] = names as [string, string];
    expect(await accounts().insertMany([{ login, big: 2n ** 60n }, { login: other }])).toHaveLength(2);
    expect(await accounts().count({ login })).toBe(1);
    expect(await accounts().exists({ login })).toBe(true);
    expect(await accounts().exists({ login: 'nobody' })).toBe(false);
    expect(await accounts().updateMany({ login }, { big: 2n ** 61n })).toBe(1);
    const id = await accounts().upsert({ login: `${login} new` }, { big: 1n });
    expect(id).toBeInstanceOf(ObjectId);
    expect(await accounts().updateEach([{ id: id as ObjectId, data: { big: 2n } }])).toBe(1);
    expect(await accounts().upsert({ login: `${login} new` }, { big: 1n })).toEqual(id);
    await world.uow.run(async () => {
      expect((await accounts().getOne({ login })).big).toBe(2n ** 61n);
      const partly = await accounts().getOne({ login }, { fields: ['id'] });
      partly.big = 5n;
    });
    await world.uow.run(async () => {
      const [one] = await accounts().find({ login }, { fields: ['login'] });
      one!.big = 7n;
    });
    expect((await world.raw(Account).findOne({ login }))!.big).toBe(7);
    const read: unknown[] = [];
    for await (const one of accounts().stream({ login }, { batchSize: 1 })) read.push(one.login);
    expect(read).toEqual([login]);
    expect(await accounts().deleteMany({ login })).toBe(1);
  });

  it('reads more than a batch', async () => {
    const [login] = names as [string];
    await accounts().insertMany(Array.from({ length: 250 }, (_, index) => ({ login: `${login} ${index}` })));
    await world.uow.run(async () => {
      expect(await accounts().find({}, { batchSize: 100 })).toHaveLength(await world.raw(Account).countDocuments());
    });
  });

  it('respects the collation of a collection', async () => {
    const [id] = names as [string];
    await labels().insertMany([{ id, text: 'a' }]);
    const error = await errorOf(
      world.uow.run(async () => {
        const label = await labels().getById(id);
        await world.raw(Label).updateOne({ _id: id as never }, { $set: { text: 'A' } });
        label.text = 'b';
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'text' });
  });
});
