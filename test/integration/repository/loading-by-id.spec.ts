import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Order, Product } from '../support/models.js';
import { until } from '../../support/until.js';
import { errorOf, useWorld } from '../support/world.js';

const world = useWorld({}, 'own server');
const orders = () => world.repository(Order);
let ids: ObjectId[];

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  ids = [1, 2, 3].map(() => new ObjectId());
  await world.raw(Order).insertMany(ids.map((_id, n) => ({ _id, customer_id: `c${n}`, items: [] })));
});

const finds = () => world.commands.named('find').map(({ command }) => command);

describe('findById calls of one tick', () => {
  it('become one $in query', () =>
    world.uow.run(async () => {
      const found = await Promise.all(ids.map((id) => orders().findById(id)));
      expect(found.map((order) => order?.customer)).toEqual(['c0', 'c1', 'c2']);
      expect(finds()).toHaveLength(1);
      expect(finds()[0]!.filter).toEqual({ _id: { $in: ids } });
    }));

  it('also behind promises that are settled already', () =>
    world.uow.run(async () => {
      const later = async (id: ObjectId) => {
        await Promise.resolve();
        return orders().getById(id);
      };
      await Promise.all(ids.map(later));
      expect(finds()).toHaveLength(1);
    }));

  it('of one id are one plain query, and one instance', () =>
    world.uow.run(async () => {
      const [a, b] = await Promise.all([orders().getById(ids[0]!), orders().getById(ids[0]!.toHexString())]);
      expect(a).toBe(b);
      expect(finds()).toMatchObject([{ filter: { _id: ids[0] } }]);
    }));

  it('of two classes are two queries', () =>
    world.uow.run(async () => {
      const product = await world.stored<ObjectId>(Product, { name: 'p', stock: 1, version: 1 });
      await Promise.all([orders().getById(ids[0]!), world.repository(Product).getById(product)]);
      expect(finds().map(({ find }) => find as string)).toEqual(['orders', 'products']);
    }));

  it('of two units of work are two queries, two instances', async () => {
    const load = () => world.uow.run(() => orders().getById(ids[0]!));
    const [a, b] = await Promise.all([load(), load()]);
    expect(a).not.toBe(b);
    expect(finds()).toHaveLength(2);
  });
});

describe('a load in flight', () => {
  it('is shared by later calls for the id', () =>
    world.uow.run(async () => {
      const first = orders().getById(ids[0]!);
      await until(() => finds().length === 1); // sent by now
      const second = orders().getById(ids[0]!);
      expect(await first).toBe(await second);
      expect(finds()).toHaveLength(1);
    }));

  it('fails for all that share it, and the next one asks anew', () =>
    world.uow.run(async () => {
      const admin = world.others.client.db('admin');
      await admin.command({
        configureFailPoint: 'failCommand',
        mode: { times: 1 },
        data: { failCommands: ['find'], errorCode: 8, appName: world.database.name },
      });
      const results = await Promise.allSettled([...ids, ids[0]!].map((id) => orders().findById(id)));
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
      expect(await orders().findById(ids[0]!)).toMatchObject({ customer: 'c0' });
    }));

  it('answers each its own: one missing id does not fail the others', () =>
    world.uow.run(async () => {
      const missing = orders().getById(new ObjectId());
      const found = orders().getById(ids[1]!);
      expect((await errorOf(missing)).code).toBe('EntityNotFound');
      expect((await found).customer).toBe('c1');
      expect(finds()).toHaveLength(1);
    }));
});

describe('read concern', () => {
  it('of tracked reads of versioned classes is majority', () =>
    world.uow.run(async () => {
      const id = await world.stored<ObjectId>(Product, { name: 'p', stock: 1, version: 1 });
      const products = world.repository(Product);
      await products.getById(id);
      await products.find({ name: 'p' });
      await products.find({ name: 'p' }, { readonly: true });
      await products.find({ name: 'p' }, { readConcern: { level: 'local' } });
      await orders().getById(ids[0]!);
      expect(finds().map(({ readConcern }) => readConcern?.level as unknown)).toEqual([
        'majority',
        'majority',
        undefined,
        'local',
        undefined,
      ]);
    }));
});
