import { describe, expect, it } from '@jest/globals';
import { IsEmail, IsInt } from 'class-validator';
import { ObjectId } from 'mongodb';
import { Entity, Id, Prop } from '../../../lib/mapping/index.js';
import { LineItem, Order, Product } from '../support/models.js';
import { anError, errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);

describe('create', () => {
  it('constructs, adds, and inserts with one command', async () => {
    const made = await world.uow.run(() => {
      const order = orders().create({ customer: 'ada', items: [{ sku: 'x', qty: 1 }] });
      expect(order).toBeInstanceOf(Order);
      expect(order.id).toBeInstanceOf(ObjectId);
      expect(order.status).toBe('new');
      expect(order.items[0]).toBeInstanceOf(LineItem);
      expect(world.uow.isModified(order)).toBe(true);
      return order;
    });
    expect(world.writes.map(({ name }) => name)).toEqual(['insert']);
    expect(await world.read(Order, made.id)).toEqual({
      _id: made.id,
      customer_id: 'ada',
      status: 'new',
      items: [{ sku: 'x', qty: 1 }],
    });
  });

  it('casts what JSON says, and leaves out what the class does not declare', async () => {
    const id = new ObjectId();
    await world.uow.run(() => {
      orders().create({
        id: id.toHexString(),
        customer: 'ada',
        placedAt: '2020-01-02T03:04:05.000Z',
        stock: { a: 1 },
        items: [{ sku: 'x', qty: 1, evil: true }],
        evil: true,
      } as never);
    });
    expect(await world.read(Order, id)).toEqual({
      _id: id,
      customer_id: 'ada',
      status: 'new',
      placedAt: new Date('2020-01-02T03:04:05.000Z'),
      stock: { a: 1 },
      items: [{ sku: 'x', qty: 1 }],
    });
  });

  it('does not take a version from the data', () =>
    world.uow.run(async () => {
      const made = world.repository(Product).create({ name: 'p', stock: 1, version: 99 });
      await world.uow.flush();
      expect(made.version).toBe(1);
      expect(await world.read(Product, made.id)).toMatchObject({ version: 1 });
    }));

  it('needs an id where none can be made', async () => {
    @Entity({ collection: 'keyed' })
    class Keyed {
      @Id() id!: string;
      @Prop() n?: number;
    }
    await world.uow.run(() => {
      expect(() => world.repository(Keyed).create({ n: 1 })).toThrow(anError({ code: 'InvalidId', entity: 'Keyed' }));
      world.repository(Keyed).create({ id: 'k', n: 1 });
    });
    expect(await world.read(Keyed, 'k')).toEqual({ _id: 'k', n: 1 });
  });

  it('refuses a second of one id', () =>
    world.uow.run(
      async () => {
        const id = await world.stored<ObjectId>(Order, { customer_id: 'ada', items: [] });
        await orders().getById(id);
        expect(() => orders().create({ id })).toThrow(anError({ code: 'ForeignEntity' }));
        orders().create({ id: new ObjectId('0123456789abcdef01234567') });
        expect(() => orders().create({ id: new ObjectId('0123456789abcdef01234567') })).toThrow(
          /has the id of another/,
        );
      },
      { flush: 'manual' },
    ));
});

describe('add', () => {
  it('keeps the instance itself, before and after the insert', async () => {
    const order = new Order();
    order.customer = 'ada';
    order.items = [];
    await world.uow.run(async () => {
      expect(orders().add(order)).toBe(order);
      expect(orders().add(order)).toBe(order); // again changes nothing
      order.note = 'before';
      await world.uow.flush();
      expect(await orders().getById(order.id)).toBe(order);
      world.commands.clear();
      order.note = 'after';
      order.items.push({ sku: 'x', qty: 1 } as LineItem);
    });
    expect(world.onlyUpdate.u).toEqual({
      $set: { note: 'after' },
      $push: { items: { $each: [{ sku: 'x', qty: 1 }] } },
    });
    expect(await world.read(Order, order.id)).toMatchObject({ note: 'after', items: [{ sku: 'x', qty: 1 }] });
  });

  it('sends nothing more when nothing more has changed', async () => {
    await world.uow.run(async () => {
      const order = Object.assign(new Order(), { customer: 'ada', items: [], placedAt: new Date(), meta: { a: [1] } });
      orders().add(order);
      await world.uow.flush();
      await world.uow.flush();
      JSON.stringify(order);
    });
    expect(world.writes.map(({ name }) => name)).toEqual(['insert']);
  });

  it('gives it an id, and defaults it lacks', () =>
    world.uow.run(
      () => {
        const order = Object.assign(new Order(), { customer: 'ada', status: undefined as never }) as Order;
        orders().add(order);
        expect(order.id).toBeInstanceOf(ObjectId);
        expect(order.status).toBe('new');
      },
      { flush: 'manual' },
    ));

  it('refuses what is no instance, and what another unit of work has', async () => {
    const id = await world.stored<ObjectId>(Order, { customer_id: 'ada', items: [] });
    const other = await world.uow.run(() => orders().getById(id));
    await world.uow.run(() => {
      expect(() => orders().add({ customer: 'x' } as Order)).toThrow(/no instance of Order/);
      expect(() => orders().add(other)).toThrow(/another unit of work/);
    });
  });

  it('takes an instance again whose unit of work did not store it', async () => {
    const order = Object.assign(new Order(), { customer: 'ada', items: [] });
    await errorOf(
      world.uow.run(() => {
        orders().add(order);
        throw new Error('no');
      }),
    );
    await world.uow.run(() => {
      orders().add(order);
      world.uow.rollback();
      orders().add(order);
      orders().remove(order);
      orders().add(order);
      world.uow.detach(order);
      orders().add(order);
    });
    expect(await world.read(Order, order.id)).toMatchObject({ customer_id: 'ada' });
    expect(world.writes.map(({ name }) => name)).toEqual(['insert']);
  });

  it('does not take what is stored for new again', async () => {
    const order = Object.assign(new Order(), { customer: 'ada', items: [] });
    await world.uow.run(() => void orders().add(order));
    await world.uow.run(() => {
      expect(() => orders().add(order)).toThrow(anError({ code: 'ForeignEntity' }));
    });
  });
});

describe('validate', () => {
  @Entity({ collection: 'users' })
  class User {
    @Id() id!: ObjectId;
    @Prop() @IsEmail() email!: string;
    @Prop() @IsInt() age!: number;
  }
  const users = () => world.repository(User);

  it('checks an entity as it is now, on request', () =>
    world.uow.run(
      async () => {
        const id = await world.stored<ObjectId>(User, { email: 'broken', age: 1 });
        const user = await users().getById(id);
        const error = await errorOf(users().validate(user));
        expect(error).toMatchObject({ code: 'ValidationFailed', status: 400 });
        expect(error.issues).toMatchObject([
          { entity: 'User', field: 'email', constraints: { isEmail: expect.any(String) } },
        ]);
        user.email = 'ada@example.org';
        await users().validate(user);
        user.age = 1.5;
        expect((await errorOf(users().validate(user))).issues).toMatchObject([{ field: 'age' }]);
        await errorOf(users().validate(users().create({ email: 'x', age: 1 })));
      },
      { flush: 'manual' },
    ));

  it('checks what a query reads, on request', () =>
    world.uow.run(async () => {
      await world.raw(User).deleteMany({});
      await world.stored(User, { email: 'broken', age: 1 });
      expect(await users().find()).toHaveLength(1);
      expect((await errorOf(users().find({}, { validate: true }))).issues).toMatchObject([{ field: 'email' }]);
    }));
});

describe('remove', () => {
  it('deletes with one command', async () => {
    const id = await world.stored<ObjectId>(Order, { customer_id: 'ada', items: [] });
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.note = 'changed before';
      orders().remove(order);
      orders().remove(order); // again changes nothing
    });
    expect(world.writes).toMatchObject([{ name: 'delete', command: { deletes: [{ q: { _id: id }, limit: 1 }] } }]);
    expect(await world.read(Order, id)).toBeNull();
  });

  it('refuses what the unit of work does not know', () =>
    world.uow.run(() => {
      expect(() => orders().remove(new Order())).toThrow(anError({ code: 'ForeignEntity', entity: 'Order' }));
    }));

  it('is taken back by a rollback', async () => {
    const id = await world.stored<ObjectId>(Order, { customer_id: 'ada', items: [] });
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      orders().remove(order);
      world.uow.rollback();
      expect(await orders().findById(id)).toBe(order);
    });
    expect(world.writes).toEqual([]);
  });
});
