import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Order } from '../support/models.js';
import { errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
let id: ObjectId;

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  id = await world.stored(Order, { customer_id: 'ada', status: 'open', total: 1, items: [{ sku: 'x', qty: 1 }] });
});

const foreignTotal = (total: number) => world.raw(Order).updateOne({ _id: id }, { $set: { total } });

describe('the identity map', () => {
  it('has one instance an id, however it is found', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      expect(await orders().findById(id.toHexString())).toBe(order);
      expect(await orders().findOne({ customer: 'ada' })).toBe(order);
      expect((await orders().find())[0]).toBe(order);
      expect((await orders().findByIds([id]))[0]).toBe(order);
    }));

  it('does not ask again for an id that it knows', () =>
    world.uow.run(async () => {
      await orders().getById(id);
      await orders().getById(id);
      expect(world.commands.named('find')).toHaveLength(1);
    }));

  it('asks again for an id that was not there', () =>
    world.uow.run(async () => {
      const late = new ObjectId();
      expect(await orders().findById(late)).toBeNull();
      await world.stored(Order, { _id: late, customer_id: 'late', items: [] });
      expect(await orders().findById(late)).toMatchObject({ customer: 'late' });
    }));

  it('is one unit of work’s', async () => {
    const first = await world.uow.run(() => orders().getById(id));
    const second = await world.uow.run(() => orders().getById(id));
    expect(second).not.toBe(first);
  });

  it('leaves the base of what is read again as it is: an outdated change conflicts', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const order = await orders().getById(id);
        await foreignTotal(2);
        expect((await orders().find())[0]!.total).toBe(1);
        order.total = 3;
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'total' });
    expect(await world.read(Order, id)).toMatchObject({ total: 2 });
  });

  it('answers what add() and create() made, before and after they are stored', () =>
    world.uow.run(async () => {
      const made = orders().create({ customer: 'new', items: [] });
      expect(await orders().findById(made.id)).toBe(made);
      expect(world.commands.all()).toEqual([]);
      await world.uow.flush();
      expect((await orders().find({ customer: 'new' }))[0]).toBe(made);
    }));
});

describe('refresh', () => {
  it('renews what was not changed, in the same instance', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      const { items } = order;
      await world.raw(Order).updateOne({ _id: id }, { $set: { total: 2, 'items.0.qty': 9 } });
      const [again] = await orders().find({}, { refresh: true });
      expect(again).toBe(order);
      expect(order.total).toBe(2);
      expect(order.items[0]!.qty).toBe(9);
      expect(items[0]!.qty).toBe(9); // what was handed out is the same list
      expect(world.uow.isModified()).toBe(false);
      order.total = 3;
      await world.uow.flush();
      expect(await world.read(Order, id)).toMatchObject({ total: 3 });
    }));

  it('works by id too', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      await foreignTotal(2);
      expect(await orders().findById(id, { refresh: true })).toBe(order);
      expect(order.total).toBe(2);
    }));

  it('leaves what was changed as it is', () =>
    world.uow.run(
      async () => {
        const order = await orders().getById(id);
        order.note = 'mine';
        await foreignTotal(2);
        await orders().find({}, { refresh: true });
        expect(order).toMatchObject({ note: 'mine', total: 1 });
      },
      { flush: 'manual' },
    ));

  it('does not bring back what was removed', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      orders().remove(order);
      expect(await orders().find({}, { refresh: true })).toEqual([]);
      expect(await orders().findById(id, { refresh: true })).toBeNull();
    });
    expect(await world.read(Order, id)).toBeNull();
  });
});

describe('a removed entity', () => {
  it('is not answered any more', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      orders().remove(order);
      expect(await orders().find()).toEqual([]);
      expect(await orders().findOne({ customer: 'ada' })).toBeNull();
      expect(await orders().findById(id)).toBeNull();
      expect(await orders().findByIds([id])).toEqual([]);
      expect((await errorOf(orders().getById(id))).code).toBe('EntityNotFound');
      await world.uow.flush();
      expect(await orders().findById(id)).toBeNull();
    }));

  it('does not hide others that match', () =>
    world.uow.run(async () => {
      await world.stored(Order, { customer_id: 'bob', status: 'open', items: [] });
      orders().remove(await orders().getById(id));
      expect(await orders().findOne({ status: 'open' })).toMatchObject({ customer: 'bob' });
      expect(await orders().find({ status: 'open' }, { limit: 1 })).toHaveLength(1);
    }));

  it('leaves its id to another', async () => {
    await world.uow.run(async () => {
      orders().remove(await orders().getById(id));
      const next = orders().create({ id, customer: 'next', items: [] });
      expect(await orders().findById(id)).toBe(next);
      await world.uow.flush();
      expect(await orders().findById(id)).toBe(next);
      next.customer = 'changed';
    });
    expect(await world.read(Order, id)).toMatchObject({ customer_id: 'changed' });
  });

  it('that was only added is forgotten', async () => {
    await world.uow.run(async () => {
      const made = orders().create({ customer: 'new', items: [] });
      orders().remove(made);
      expect(await orders().findById(made.id)).toBeNull();
    });
    expect(world.writes).toEqual([]);
  });
});
