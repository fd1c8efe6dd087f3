import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectId } from 'mongodb';
import { Order, Product } from '../support/models.js';
import { anError, errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
let id: ObjectId;

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  id = await world.stored(Order, {
    customer_id: 'ada',
    status: 'open',
    total: 1,
    items: [{ sku: 'x', qty: 1 }],
    address: { city: 'Ulm', str: 'Weg' },
    unknown: 7,
  });
});

const partly = () => orders().getOne({}, { fields: ['status'] });
const foreign = (set: object) => world.raw(Order).updateOne({ _id: id }, { $set: set });

describe('an entity loaded in part', () => {
  it('asks the server for its fields only', () =>
    world.uow.run(async () => {
      const order = await partly();
      expect(order.status).toBe('open');
      expect(world.commands.named('find')[0]!.command.projection).toEqual({ _id: 1, status: 1 });
    }));

  it('throws where another field is read, and names it', () =>
    world.uow.run(async () => {
      const order = await partly();
      expect(() => order.customer).toThrow(anError({ code: 'FieldNotLoaded', entity: 'Order', field: 'customer' }));
      expect(() => order.customer).toThrow(/Order\.customer was not loaded/);
      expect(() => order.items).toThrow(/Order\.items was not loaded/);
    }));

  it('shows what it has: spread, keys and JSON do not throw', () =>
    world.uow.run(async () => {
      const order = await partly();
      expect(Object.keys(order)).toEqual(['id', 'status']);
      expect({ ...order }).toEqual({ id, status: 'open' });
      expect(JSON.parse(JSON.stringify(order))).toEqual({ id: id.toHexString(), status: 'open' });
      expect('customer' in order).toBe(false);
    }));

  it('writes what was loaded with one guarded update', async () => {
    await world.uow.run(async () => {
      (await partly()).status = 'paid';
    });
    expect(world.onlyUpdate.u).toEqual({ $set: { status: 'paid' } });
    expect(await world.read(Order, id)).toMatchObject({ status: 'paid', customer_id: 'ada', unknown: 7 });
  });

  it('always has the version, and raises it', async () => {
    const product = await world.stored<ObjectId>(Product, { name: 'p', stock: 1, version: 4 });
    await world.uow.run(async () => {
      const found = await world.repository(Product).getOne({ id: product }, { fields: ['name'] });
      expect(found.version).toBe(4);
      found.name = 'q';
    });
    expect(await world.read(Product, product)).toMatchObject({ name: 'q', version: 5, stock: 1 });
  });
});

describe('a field that was not loaded, overwritten', () => {
  it('has its original read first, and guards by it', async () => {
    await world.uow.run(async () => {
      const order = await partly();
      order.total = 5;
      expect(world.commands.named('find')).toHaveLength(1);
    });
    expect(world.commands.named('find')).toHaveLength(2);
    expect(world.onlyUpdate.u).toEqual({ $set: { total: 5 } });
    expect(world.onlyUpdate.q).toMatchObject({ total: { $eq: 1 } });
    expect(await world.read(Order, id)).toMatchObject({ total: 5, status: 'open', unknown: 7 });
  });

  it('sends nothing when it has that value already', async () => {
    await world.uow.run(async () => {
      (await partly()).total = 1;
    });
    expect(world.writes).toEqual([]);
  });

  it('conflicts when what was loaded has changed meanwhile', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const order = await partly();
        await foreign({ status: 'lost' });
        order.total = 5;
      }),
    );
    expect(error).toMatchObject({
      code: 'ConcurrentModification',
      entity: 'Order',
      field: 'status',
      id: id.toHexString(),
    });
    expect(world.writes).toEqual([]);
  });

  it('conflicts when the document is gone', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const order = await partly();
        await world.raw(Order).deleteOne({ _id: id });
        order.total = 5;
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', entity: 'Order', id: id.toHexString() });
    expect(await world.read(Order, id)).toBeNull();
  });

  it('can be taken back', async () => {
    await world.uow.run(async () => {
      const order = await partly();
      order.total = 5;
      world.uow.rollback();
      expect(() => order.total).toThrow(/not loaded/);
    });
    expect(world.writes).toEqual([]);
  });

  it('can be tried again after a rollback', () =>
    world.uow.run(async () => {
      const order = await partly();
      await foreign({ status: 'lost' });
      order.total = 5;
      expect((await errorOf(world.uow.flush())).code).toBe('ConcurrentModification');
      world.uow.rollback();
      const again = await orders().getById(id);
      again.total = 6;
      await world.uow.flush();
      expect(await world.read(Order, id)).toMatchObject({ status: 'lost', total: 6 });
    }));
});

describe('a wider read', () => {
  it('fills what is missing', () =>
    world.uow.run(async () => {
      const order = await partly();
      expect(await orders().getById(id)).toBe(order);
      expect(order.customer).toBe('ada');
      expect(order.address!.street).toBe('Weg');
    }));

  it('takes what is new when nothing was changed', () =>
    world.uow.run(async () => {
      const order = await partly();
      await foreign({ status: 'lost' });
      await orders().find();
      expect(order).toMatchObject({ status: 'lost', customer: 'ada' });
    }));

  it('keeps changes', async () => {
    await world.uow.run(async () => {
      const order = await partly();
      order.status = 'paid';
      await orders().find();
      expect(order).toMatchObject({ status: 'paid', customer: 'ada' });
      order.customer = 'bob';
    });
    expect(await world.read(Order, id)).toMatchObject({ status: 'paid', customer_id: 'bob', unknown: 7 });
  });

  it('conflicts when what is changed was loaded otherwise', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const order = await partly();
        order.status = 'paid';
        await foreign({ status: 'lost' });
        await orders().find();
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'status', id: id.toHexString() });
    expect(await world.read(Order, id)).toMatchObject({ status: 'lost' });
  });

  it('of other fields adds them', () =>
    world.uow.run(async () => {
      const order = await partly();
      await orders().find({}, { fields: ['total'] });
      expect(order).toMatchObject({ status: 'open', total: 1 });
      order.total = 2;
      order.status = 'paid';
      await world.uow.flush();
      expect(await world.read(Order, id)).toMatchObject({ status: 'paid', total: 2, customer_id: 'ada' });
    }));

  it('does not bring back what was removed', async () => {
    await world.uow.run(async () => {
      orders().remove(await partly());
      expect(await orders().find()).toEqual([]);
    });
    expect(await world.read(Order, id)).toBeNull();
  });

  it('does not narrow what is loaded whole', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      await partly();
      expect(order.customer).toBe('ada');
    }));
});
