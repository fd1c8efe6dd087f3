import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Entity, Id, Prop } from '../../../lib/mapping/index.js';
import { LineItem, Order } from '../support/models.js';
import { anError, errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
let id: ObjectId;

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  id = await world.stored(Order, {
    customer_id: 'ada',
    status: 'open',
    items: [{ sku: 'x', qty: 1 }],
    meta: { a: {} },
  });
});

describe('a readonly query', () => {
  it('answers plain instances that are not tracked', () =>
    world.uow.run(async () => {
      const [order] = await orders().find({}, { readonly: true });
      expect(order).toBeInstanceOf(Order);
      expect(order!.count).toBe(1);
      expect(order!.items[0]).toBeInstanceOf(LineItem);
      expect(await orders().getById(id)).not.toBe(order);
    }));

  it('freezes them, nested values included', () =>
    world.uow.run(async () => {
      const [order] = await orders().find({}, { readonly: true });
      expect(() => (order!.status = 'paid')).toThrow(TypeError);
      expect(() => order!.items.push({} as never)).toThrow(TypeError);
      expect(() => (order!.items[0]!.qty = 2)).toThrow(TypeError);
      expect(() => (order!.meta!.b = 1)).toThrow(TypeError);
    }));

  it('does not take the instance that is tracked', () =>
    world.uow.run(
      async () => {
        const tracked = await orders().getById(id);
        tracked.status = 'paid';
        const [order] = await orders().find({}, { readonly: true });
        expect(order!.status).toBe('open');
        expect(tracked.status).toBe('paid');
      },
      { flush: 'manual' },
    ));

  it('loads the very paths of a projection', () =>
    world.uow.run(async () => {
      const [order] = await orders().find({}, { readonly: true, fields: ['items.qty'] });
      expect(order!.items).toEqual([expect.objectContaining({ qty: 1 })]);
      expect(world.commands.named('find')[0]!.command.projection).toMatchObject({ 'items.qty': 1 });
    }));

  it('cannot be given to the unit of work', () =>
    world.uow.run(async () => {
      const [order] = await orders().find({}, { readonly: true });
      expect(() => orders().remove(order!)).toThrow(anError({ code: 'ForeignEntity' }));
      expect(() => orders().assign(order!, {})).toThrow(anError({ code: 'ForeignEntity' }));
    }));
});

describe('a readonly unit of work', () => {
  const inReadonly = <T>(fn: () => Promise<T>) => world.uow.run(fn, { readonly: true });

  it('tracks nothing', () =>
    inReadonly(async () => {
      const order = await orders().getById(id);
      expect(Object.isFrozen(order)).toBe(true);
      expect((await orders().find())[0]).not.toBe(order);
    }));

  it('refuses every write', () =>
    inReadonly(async () => {
      const order = await orders().getById(id);
      const violation = anError({ code: 'ReadOnlyViolation', entity: 'Order' });
      expect(() => orders().create({})).toThrow(violation);
      expect(() => orders().add(new Order())).toThrow(violation);
      expect(() => orders().assign(order, {})).toThrow(violation);
      expect(() => orders().remove(order)).toThrow(violation);
      await expect(orders().insertMany([{ customer: 'x' }])).rejects.toThrow(violation);
      await expect(orders().updateMany({}, { customer: 'x' })).rejects.toThrow(violation);
      await expect(orders().updateEach([{ id: new ObjectId(), data: { customer: 'x' } }])).rejects.toThrow(violation);
      await expect(orders().deleteMany({})).rejects.toThrow(violation);
      await expect(orders().upsert({ customer: 'x' }, { status: 'y' })).rejects.toThrow(violation);
      expect(world.writes).toEqual([]);
    }));

  it('refuses a flush', () =>
    inReadonly(async () => {
      expect(await errorOf(world.uow.flush())).toMatchObject({ code: 'ReadOnlyViolation' });
    }));
});

describe('a readonly entity', () => {
  @Entity({ collection: 'orders', readonly: true })
  class OrderView {
    @Id() id!: ObjectId;
    @Prop({ name: 'customer_id' }) customer!: string;
    @Prop(() => [LineItem]) items!: LineItem[];
  }
  const views = () => world.repository(OrderView);

  it('is frozen, never tracked, and never written', () =>
    world.uow.run(async () => {
      const view = await views().getById(id);
      expect(view).toMatchObject({ id, customer: 'ada' });
      expect(() => (view.customer = 'x')).toThrow(TypeError);
      const violation = anError({ code: 'ReadOnlyViolation', entity: 'OrderView' });
      expect(() => views().create({})).toThrow(violation);
      expect(() => views().remove(view)).toThrow(violation);
      await expect(views().deleteMany({})).rejects.toThrow(violation);
      await world.uow.flush();
      expect(world.writes).toEqual([]);
    }));
});
