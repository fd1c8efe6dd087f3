import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId, UUID } from 'mongodb';
import { Entity, Id, Prop } from '../../../lib/mapping/index.js';
import { op } from '../../../lib/query/index.js';
import { LineItem, Order } from '../support/models.js';
import { errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
const ids = { ada: new ObjectId(), bob: new ObjectId(), eve: new ObjectId() };

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  await world.raw(Order).insertMany([
    { _id: ids.ada, customer_id: 'ada', status: 'open', total: 10, items: [{ sku: 'x', qty: 1 }] },
    { _id: ids.bob, customer_id: 'bob', status: 'open', total: 20, items: [] },
    { _id: ids.eve, customer_id: 'eve', status: 'paid', total: 30, items: [{ sku: 'y', qty: 2 }] },
  ]);
});

const customers = (found: readonly Order[]) => found.map(({ customer }) => customer);

describe('find', () => {
  it('answers entities of the class, by property names', () =>
    world.uow.run(async () => {
      const [found, ...more] = await orders().find({ customer: 'ada' });
      expect(more).toEqual([]);
      expect(found).toBeInstanceOf(Order);
      expect(found).toMatchObject({ id: ids.ada, customer: 'ada', total: 10 });
      expect(found!.items[0]).toBeInstanceOf(LineItem);
      expect(world.commands.named('find')[0]!.command.filter).toEqual({ customer_id: 'ada' });
    }));

  it('answers all without a filter, and nothing where nothing matches', () =>
    world.uow.run(async () => {
      expect(await orders().find()).toHaveLength(3);
      expect(await orders().find({ status: 'lost' })).toEqual([]);
    }));

  it('knows operators, paths, sort, limit and skip', () =>
    world.uow.run(async () => {
      expect(customers(await orders().find({ total: op.gt(10) }, { sort: { total: -1 } }))).toEqual(['eve', 'bob']);
      expect(customers(await orders().find({ 'items.sku': 'y' }))).toEqual(['eve']);
      expect(customers(await orders().find({}, { sort: { customer: 'asc' }, skip: 1, limit: 1 }))).toEqual(['bob']);
      expect(customers(await orders().find(op.or({ customer: 'ada' }, { status: 'paid' })))).toEqual(['ada', 'eve']);
    }));

  it('refuses an unknown field, an unknown option and a smuggled operator before it asks the server', () =>
    world.uow.run(async () => {
      expect(await errorOf(orders().find({ nope: 1 } as never))).toMatchObject({ code: 'InvalidQuery', status: 400 });
      expect(await errorOf(orders().find({ customer: { $ne: null } } as never))).toMatchObject({
        code: 'InvalidQuery',
      });
      expect(await errorOf(orders().find({}, { limt: 1 } as never))).toMatchObject({ code: 'InvalidOption' });
      expect(world.commands.all()).toEqual([]);
    }));

  it('answers what is stored in another type than declared as it is', async () => {
    await world.raw(Order).updateOne({ _id: ids.ada }, { $set: { total: 'ten' } });
    await world.uow.run(async () => {
      expect((await orders().getById(ids.ada)).total).toBe('ten');
    });
    expect(world.writes).toEqual([]);
  });
});

describe('findOne and getOne', () => {
  it('answer the first, in the order asked for', () =>
    world.uow.run(async () => {
      expect((await orders().findOne({ status: 'open' }, { sort: { total: -1 } }))!.customer).toBe('bob');
      expect((await orders().getOne({ status: 'paid' })).customer).toBe('eve');
      expect(world.commands.named('find')[0]!.command.limit).toBe(1);
    }));

  it('findOne answers null, getOne is an EntityNotFound', () =>
    world.uow.run(async () => {
      expect(await orders().findOne({ status: 'lost' })).toBeNull();
      const error = await errorOf(orders().getOne({ status: 'lost' }));
      expect(error).toMatchObject({ code: 'EntityNotFound', status: 404, entity: 'Order' });
    }));
});

describe('findById and getById', () => {
  it('take an ObjectId or its text', () =>
    world.uow.run(async () => {
      expect((await orders().findById(ids.ada))!.customer).toBe('ada');
      expect((await orders().getById(ids.bob.toHexString())).customer).toBe('bob');
    }));

  it('findById answers null, getById is an EntityNotFound that names the id', () =>
    world.uow.run(async () => {
      const id = new ObjectId();
      expect(await orders().findById(id)).toBeNull();
      const error = await errorOf(orders().getById(id));
      expect(error).toMatchObject({ code: 'EntityNotFound', status: 404, entity: 'Order' });
      expect(error.message).toContain(id.toHexString());
    }));

  it.each([['12'], ['zzzzzzzzzzzzzzzzzzzzzzzz'], [''], [null], [undefined], [{ $ne: null }], [7], [[]], [{}]])(
    'refuses %p with a 400, and asks nothing',
    (id) =>
      world.uow.run(async () => {
        expect(await errorOf(orders().findById(id as never))).toMatchObject({ code: 'InvalidId', status: 400 });
        expect(await errorOf(orders().getById(id as never))).toMatchObject({ code: 'InvalidId', status: 400 });
        expect(await errorOf(orders().findByIds([ids.ada, id as never]))).toMatchObject({ code: 'InvalidId' });
        expect(world.commands.all()).toEqual([]);
      }),
  );

  it('take options', () =>
    world.uow.run(async () => {
      const found = await orders().findById(ids.ada, { readonly: true });
      expect(found!.customer).toBe('ada');
      expect(await orders().findById(new ObjectId(), { readonly: true })).toBeNull();
    }));
});

describe('findByIds', () => {
  it('keeps the order of the ids, leaves out what is missing and repeats what is asked twice', () =>
    world.uow.run(async () => {
      const wanted = [ids.eve, ids.ada.toHexString(), new ObjectId(), ids.bob, ids.ada];
      expect(customers(await orders().findByIds(wanted))).toEqual(['eve', 'ada', 'bob', 'ada']);
      expect(world.commands.named('find')).toHaveLength(1);
    }));

  it('does so with options too', () =>
    world.uow.run(async () => {
      const wanted = [ids.eve, ids.ada.toHexString(), new ObjectId(), ids.bob];
      expect(customers(await orders().findByIds(wanted, { readonly: true }))).toEqual(['eve', 'ada', 'bob']);
    }));

  it('of no ids asks nothing', () =>
    world.uow.run(async () => {
      expect(await orders().findByIds([])).toEqual([]);
      expect(world.commands.all()).toEqual([]);
    }));
});

describe('count and exists', () => {
  it('ask the server', async () => {
    expect(await orders().count()).toBe(3);
    expect(await orders().count({ status: 'open' })).toBe(2);
    expect(await orders().exists({ status: 'paid' })).toBe(true);
    expect(await orders().exists({ status: 'lost' })).toBe(false);
    expect(await orders().exists()).toBe(true);
  });

  it('refuse what find refuses', async () => {
    expect(await errorOf(orders().count({ nope: 1 } as never))).toMatchObject({ code: 'InvalidQuery' });
    expect(await errorOf(orders().exists({ customer: { $gt: '' } } as never))).toMatchObject({ code: 'InvalidQuery' });
  });
});

describe('aggregate', () => {
  it('answers plain documents by stored names', async () => {
    const found = await orders().aggregate([
      { $match: { status: 'open' } },
      { $group: { _id: '$status', sum: { $sum: '$total' } } },
    ]);
    expect(found).toEqual([{ _id: 'open', sum: 30 }]);
  });

  it.each([
    [[{ $out: 'other' }]],
    [[{ $merge: { into: 'other' } }]],
    [[{ $match: { $where: 'true' } }]],
    [[{ $match: { $expr: { $function: { body: 'function(){}', args: [], lang: 'js' } } } }]],
    [[{ $group: { _id: 1, n: { $accumulator: {} } } }]],
    [[{ $lookup: { from: 'x', pipeline: [{ $out: 'y' }], as: 'z' } }]],
    [[{ $facet: { a: [{ $merge: 'y' }] } }]],
    [[{}]],
    [{ $match: {} }],
  ])('refuses %j', async (pipeline) => {
    expect(await errorOf(orders().aggregate(pipeline as never))).toMatchObject({ code: 'InvalidQuery', status: 400 });
    expect(world.commands.all()).toEqual([]);
  });

  it('sends what was checked, whatever becomes of the pipeline', async () => {
    let reads = 0;
    const stage = {};
    Object.defineProperty(stage, '$match', {
      enumerable: true,
      get: () => (reads++ === 0 ? { status: 'paid' } : { $where: 'true' }),
    });
    await orders()
      .aggregate([stage])
      .catch(() => undefined);
    expect(JSON.stringify(world.commands.all().map(({ command }) => command))).not.toContain('$where');
  });

  it('names the entity in its errors', async () => {
    expect(await errorOf(orders().aggregate([{ $out: 'x' }]))).toMatchObject({ entity: 'Order' });
  });
});

describe('collection', () => {
  it('is the driver’s', async () => {
    expect(orders().collection.collectionName).toBe('orders');
    expect(await orders().collection.countDocuments()).toBe(3);
  });
});

describe('ids of other types', () => {
  @Entity({ collection: 'texts' })
  class Text {
    @Id() id!: string;
    @Prop() n?: number;
  }
  @Entity({ collection: 'numbers' })
  class Numbered {
    @Id() id!: number;
    @Prop() n?: number;
  }
  @Entity({ collection: 'uuids' })
  class Identified {
    @Id() id!: UUID;
    @Prop() n?: number;
  }

  it('text: a hex string stays one', async () => {
    const id = new ObjectId().toHexString();
    await world.stored(Text, { _id: id, n: 1 });
    await world.uow.run(async () => {
      const found = await world.repository(Text).getById(id);
      expect(found).toMatchObject({ id, n: 1 });
      found.n = 2;
    });
    expect(await world.read(Text, id)).toEqual({ _id: id, n: 2 });
  });

  it('numbers: one id, whatever the type it is stored as', async () => {
    await world.raw(Numbered).insertOne({ _id: 5 as never, n: 1 });
    await world.uow.run(async () => {
      const repository = world.repository(Numbered);
      expect(await repository.getById(5)).toBe((await repository.find({ id: 5 }))[0]);
      expect(await errorOf(repository.findById('5'))).toMatchObject({ code: 'InvalidId' });
    });
  });

  it('UUIDs: also as text', async () => {
    const id = new UUID();
    await world.stored(Identified, { _id: id, n: 1 });
    await world.uow.run(async () => {
      const repository = world.repository(Identified);
      const found = await repository.getById(id.toString());
      expect(found.id).toBeInstanceOf(UUID);
      expect(await repository.findById(id)).toBe(found);
      found.n = 3;
    });
    expect(await world.read(Identified, id)).toMatchObject({ n: 3 });
  });
});
