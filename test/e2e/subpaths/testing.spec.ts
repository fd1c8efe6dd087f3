import { AssertionError } from 'node:assert';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { MongoClient, ObjectId } from 'mongodb';
import { findBinary } from '../../../tools/mongod/find-binary.mjs';
import {
  Connection,
  CowModule,
  Entity,
  Id,
  InjectRepository,
  Prop,
  Repository,
  UnitOfWork,
  UpdatedAt,
  Version,
} from '../../../lib/index.js';
import {
  clearCommitted,
  committed,
  CowTesting,
  CowTestingModule,
  expectCommitted,
  expectNothingCommitted,
  startTestServer,
  type Factory,
} from '../../../lib/testing/index.js';
import { testDatabase } from '../../support/mongo.js';

@Entity({ collection: 'orders', discriminator: 'kind' })
class Order {
  @Id() id!: ObjectId;
  @Prop() customer!: string;
  @Prop() note?: string;
  @Prop(() => [String]) tags: string[] = [];
  @Version() version!: number;
  @UpdatedAt() updatedAt!: Date;
}

@Entity()
class Subscription extends Order {
  @Prop() months!: number;
}

@Entity({ collection: 'notes' })
class Note {
  @Id() id!: ObjectId;
  @Prop() text!: string;
}

@Injectable()
class Orders {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  async note(id: ObjectId, note: string) {
    const order = await this.orders.getById(id);
    order.note = note;
    return order;
  }
}

/** Does a server answer there? */
async function isThere(uri: string): Promise<boolean> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1_000 });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

describe('nestjs-cow/testing', () => {
  let app: TestingModule;
  let testing: CowTesting;
  let orders: Factory<Order>;

  beforeAll(async () => {
    app = await Test.createTestingModule({
      imports: [CowTestingModule.forRoot({ entities: [Order, Subscription] })],
      providers: [Orders],
    }).compile();
    await app.init();
    testing = app.get(CowTesting);
    orders = testing.factory(Order, (n) => ({ customer: `customer ${n}` }));
  });
  afterEach(() => testing.reset());
  afterAll(() => app.close());

  const database = () => app.get(Connection).db;
  const stored = () => database().collection('orders').find().toArray();

  describe('CowTestingModule', () => {
    it('gives each suite a database of its own, and drops it at the end', async () => {
      const other = await Test.createTestingModule({
        imports: [CowTestingModule.forRoot({ entities: [Order] })],
      }).compile();
      await other.init();
      const { databaseName } = other.get(Connection).db;
      expect(databaseName).toMatch(/^cow_test_/);
      expect(databaseName).not.toBe(database().databaseName);
      await other
        .get(CowTesting)
        .factory(Order, () => ({}))
        .stored();
      const names = async () =>
        (await database().admin().listDatabases({ nameOnly: true })).databases.map(({ name }) => name);
      expect(await names()).toContain(databaseName);
      await other.close();
      expect(await names()).not.toContain(databaseName);
    });

    it('starts an embedded server where nothing names one', async () => {
      const given = process.env.MONGODB_URI;
      const { path } = await findBinary();
      delete process.env.MONGODB_URI;
      process.env.MONGOMS_SYSTEM_BINARY = path;
      process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK = 'false';
      try {
        const other = await Test.createTestingModule({
          imports: [CowTestingModule.forRoot({ entities: [Order] })],
        }).compile();
        await other.init();
        const { uri } = await startTestServer(); // the one that runs: its address is in the environment
        expect(uri).not.toBe(given);
        const order = await other.get(CowTesting).run(() => other.get(CowTesting).repository(Order).create());
        expect(order.version).toBe(1);
        await other.close();
        await expect(isThere(uri)).resolves.toBe(false);
        expect(process.env.MONGODB_URI).toBeUndefined();
      } finally {
        process.env.MONGODB_URI = given;
        delete process.env.MONGOMS_SYSTEM_BINARY;
      }
    });

    it('makes its helper also for an application with a forRoot() of its own', async () => {
      const { uri, name, drop } = testDatabase();
      const other = await Test.createTestingModule({
        imports: [CowModule.forRoot({ uri, database: name }), CowModule.forFeature([Order])],
        providers: [Orders],
      }).compile();
      await other.init();
      const helper = new CowTesting(other.get(Connection), other.get(UnitOfWork));
      const order = await helper.factory(Order, () => ({ customer: 'Ada' })).stored();
      await helper.run(() => other.get(Orders).note(order.id, 'x'));
      expectCommitted(Order, { $set: { note: 'x' } });
      await other.close();
      await drop();
    });
  });

  describe('rolledBack()', () => {
    it('runs a test in a unit of work of which nothing is written', async () => {
      const { id } = await orders.stored();
      await testing.rolledBack(async () => {
        const order = await app.get(Orders).note(id, 'x');
        expect(order.note).toBe('x');
        expect(app.get(UnitOfWork).isModified(order)).toBe(true);
      })();
      expectNothingCommitted();
      expect(await stored()).toMatchObject([{ _id: id, customer: expect.any(String) as unknown as string }]);
      expect((await stored())[0]).not.toHaveProperty('note');
    });

    it('rolls back when the test fails, too', async () => {
      const fail = testing.rolledBack(() => {
        orders.create();
        throw new Error('the test failed');
      });
      await expect(fail()).rejects.toThrow('the test failed');
      expect(await stored()).toEqual([]);
    });
  });

  describe('reset()', () => {
    it('goes back to what keep() saw, values and types alike', async () => {
      const seed = await orders.stored({ customer: 'seed' });
      await database()
        .collection('orders')
        .updateOne({ _id: seed.id }, { $set: { whole: 5.0, legacy: [null] } });
      const before = await stored();
      await testing.keep();
      await orders.storedMany(2);
      await testing.run(() => app.get(Orders).note(seed.id, 'changed'));
      await testing.reset();
      expect(await stored()).toEqual(before);
      expect(committed()).toEqual([]);
      await database().collection('orders').deleteMany({});
      await testing.keep();
    });
  });

  describe('expectCommitted()', () => {
    it('compares one update, whatever the library adds of its own', async () => {
      const { id } = await orders.stored({ tags: ['a'] });
      await testing.run(async () => {
        const order = await app.get(Orders).note(id, 'x');
        order.tags.push('b');
      });
      expectCommitted(Order, { $push: { tags: { $each: ['b'] } }, $set: { note: 'x' } });
      expectCommitted(Order, { $push: { tags: { $each: ['b'] } }, $set: { note: 'x' }, $inc: { version: 1 } });
    });

    it.each([
      ['another value', { $set: { note: 'y' } }],
      ['a part of the update', { $set: {} }],
      ['more than was sent', { $set: { note: 'x', customer: 'z' } }],
      ['another operator', { $unset: { note: '' } }],
      ['an insert', { insert: { note: 'x' } }],
    ])('fails for %s, and shows what was committed', async (_what, expected) => {
      const { id } = await orders.stored();
      await testing.run(() => app.get(Orders).note(id, 'x'));
      const check = () => expectCommitted(Order, expected);
      expect(check).toThrow(AssertionError);
      expect(check).toThrow(/Committed were:\n.*note: 'x'/s);
    });

    it('knows inserts and deletes, and the classes below one', async () => {
      const { id } = await testing.run(() => testing.repository(Subscription).create({ customer: 'Ada', months: 3 }));
      expectCommitted(Subscription, { insert: { customer: 'Ada', months: 3 } });
      expectCommitted(Order, { insert: { months: 3 } });
      expect(() => expectCommitted(Order, { insert: { months: 4 } })).toThrow(AssertionError);
      clearCommitted();
      expectNothingCommitted(Order);
      await testing.run(async () => testing.repository(Order).remove(await testing.repository(Order).getById(id)));
      expectCommitted(Order, { delete: id });
      expect(() => expectCommitted(Order, { delete: new ObjectId() })).toThrow(AssertionError);
      expect(() => expectNothingCommitted()).toThrow(/Expected no commit\. Committed were:\norders: { delete/);
      expectNothingCommitted(Note);
      expect(() => expectCommitted(Note, { delete: id })).toThrow('Nothing of Note was committed.');
    });
  });

  describe('factories', () => {
    it('make entities that differ, with what a test wants instead', async () => {
      const factory = testing.factory(Order, (n) => ({ customer: `c${n}` }));
      expect([factory.build().customer, factory.build().customer]).toEqual(['c1', 'c2']);
      expect(factory.build({ customer: 'Ada' })).toBeInstanceOf(Order);
      const many = await factory.storedMany(3, { note: 'n' });
      expect(many.map(({ customer, note }) => `${customer} ${note}`)).toEqual(['c4 n', 'c5 n', 'c6 n']);
      expect(new Set((await stored()).map(({ _id }) => String(_id)))).toEqual(
        new Set(many.map((one) => String(one.id))),
      );
      await testing.run(() => factory.create({ customer: 'Bob' }));
      expectCommitted(Order, { insert: { customer: 'Bob' } });
    });
  });
});
