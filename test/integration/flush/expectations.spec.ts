import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectId } from 'mongodb';
import { Order, Product } from '../support/models.js';
import { anError, barrier, errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
const products = () => world.repository(Product);
let id: ObjectId;
let product: ObjectId;

beforeEach(async () => {
  id = await world.stored(Order, {
    customer_id: 'ada',
    status: 'open',
    items: [{ sku: 'x', qty: 1 }],
    address: { city: 'Ulm', str: 'Weg' },
    meta: { a: { b: 1 }, c: 1 },
    tags: ['a'],
  });
  product = await world.stored(Product, { name: 'p', stock: 5, version: 1 });
});

/** Expects paths of the order to stay, lets someone else change it, then writes. */
const race = (paths: string[], foreign: object | undefined, mutate: (order: Order) => unknown) =>
  world.uow.run(async () => {
    const order = await orders().getById(id);
    world.uow.expectUnchanged(order, ...paths);
    if (foreign) await world.raw(Order).updateOne({ _id: id }, foreign);
    world.commands.clear();
    await mutate(order);
  });

describe('expectUnchanged, of an entity with a change of its own', () => {
  it('adds to the guards of the one command', async () => {
    await race(['status', 'customer'], undefined, (order) => (order.note = 'x'));
    expect(world.onlyUpdate.q).toMatchObject({ _id: id, status: { $eq: 'open' }, customer_id: { $eq: 'ada' } });
    expect(await world.read(Order, id)).toMatchObject({ note: 'x' });
  });

  it.each<[string, string, object]>([
    ['a field', 'status', { $set: { status: 'paid' } }],
    ['a renamed field', 'customer', { $set: { customer_id: 'bob' } }],
    ['a missing field', 'note', { $set: { note: null } }],
    ['a field of an embedded value', 'address.city', { $set: { 'address.city': 'Bonn' } }],
    ['a field whose parent is gone', 'address.city', { $unset: { address: 1 } }],
    ['a field whose parent became an array', 'address.city', { $set: { address: [{ city: 'Ulm' }] } }],
    ['a missing field whose parent was given one', 'points.x', { $set: { points: [{ x: 1, y: 1 }] } }],
    ['a free-form path', 'meta.a.b', { $set: { 'meta.a.b': 2 } }],
    ['a whole value', 'meta', { $set: { 'meta.c': 2 } }],
    ['a path into an array', 'items.qty', { $set: { 'items.0.qty': 2 } }],
    ['an element', 'items.0.qty', { $set: { 'items.0.qty': 2 } }],
    ['an array', 'tags', { $push: { tags: 'b' } }],
  ])('conflicts on %s', async (_, path, foreign) => {
    const error = await errorOf(race([path], foreign, (order) => (order.total = 1)));
    expect(error).toMatchObject({ code: 'ConcurrentModification', entity: 'Order', field: path, id: id.toHexString() });
    expect(await world.read(Order, id)).not.toHaveProperty('total');
  });

  it.each([
    ['status'],
    ['note'],
    ['address.city'],
    ['address.street'],
    ['points.x'],
    ['items.qty'],
    ['items.0.qty'],
    ['tags'],
    ['meta'],
  ])('passes when %s stays, and others change', async (path) => {
    await race([path], { $set: { unrelated: 1 } }, (order) => (order.total = 1));
    expect(await world.read(Order, id)).toMatchObject({ total: 1, unrelated: 1 });
  });

  it('holds for one flush', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      world.uow.expectUnchanged(order, 'status');
      order.note = '1';
      await world.uow.flush();
      await world.raw(Order).updateOne({ _id: id }, { $set: { status: 'paid' } });
      order.note = '2';
      await world.uow.flush();
      expect(await world.read(Order, id)).toMatchObject({ note: '2', status: 'paid' });
    }));

  it('is dropped by a rollback', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      world.uow.expectUnchanged(order, 'status');
      world.uow.rollback();
      await world.raw(Order).updateOne({ _id: id }, { $set: { status: 'paid' } });
      order.note = 'x';
      await world.uow.flush();
      expect(await world.read(Order, id)).toMatchObject({ note: 'x' });
    }));

  it('guards a removal', async () => {
    const error = await errorOf(race(['status'], { $set: { status: 'paid' } }, (order) => orders().remove(order)));
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'status' });
    expect(await world.read(Order, id)).toMatchObject({ status: 'paid' });
    await race(['status'], undefined, (order) => orders().remove(order));
    expect(await world.read(Order, id)).toBeNull();
  });
});

describe('expectUnchanged, of an entity that is not changed', () => {
  const sellBeside = (foreign?: object) =>
    race(['status'], foreign, async () => {
      (await products().getById(product)).stock--;
    });

  it('alone sends nothing', async () => {
    await race(['status'], { $set: { status: 'paid' } }, () => undefined);
    expect(world.commands.all()).toEqual([]);
  });

  it('beside a write to another conflicts, and nothing is written', async () => {
    const error = await errorOf(sellBeside({ $set: { status: 'paid' } }));
    expect(error).toMatchObject({
      code: 'ConcurrentModification',
      entity: 'Order',
      field: 'status',
      id: id.toHexString(),
    });
    expect(await world.read(Product, product)).toMatchObject({ stock: 5, version: 1 });
  });

  it('beside a write to another locks the document, and leaves it byte for byte', async () => {
    const bytes = async () =>
      Buffer.from((await world.raw(Order).findOne({ _id: id }, { raw: true })) as unknown as Uint8Array).toString(
        'hex',
      );
    const before = await bytes();
    await sellBeside();
    expect(world.commands.all().map(({ name }) => name)).toContain('commitTransaction');
    expect(world.updates.filter(({ q }) => id.equals(q._id as ObjectId)).map(({ u }) => u as object)).toEqual([
      { $set: { __cow_lock: 1 } },
      { $unset: { __cow_lock: '' } },
    ]);
    expect(await bytes()).toBe(before);
    expect(await world.read(Product, product)).toMatchObject({ stock: 4 });
  });

  it('with a version raises it', async () => {
    await world.uow.run(async () => {
      const found = await products().getById(product);
      world.uow.expectUnchanged(found, 'stock');
      (await orders().getById(id)).note = 'x';
      await world.uow.flush();
      expect(found.version).toBe(2);
      found.stock = 1;
    });
    expect(await world.read(Product, product)).toMatchObject({ stock: 1, version: 3 });
  });

  it('leaves what was handed out of it tracked', async () => {
    await race(['status'], undefined, async (order) => {
      const { items } = order;
      (await products().getById(product)).stock--;
      await world.uow.flush();
      items[0]!.qty = 7;
      order.note = 'after';
    });
    expect(await world.read(Order, id)).toMatchObject({ note: 'after', items: [{ sku: 'x', qty: 7 }] });
  });

  it('prevents write skew: of two units of work that cross, one commits', async () => {
    // At least one of two doctors must be on duty: each reads the other and goes.
    const doctors = [id, await world.stored<ObjectId>(Order, { customer_id: 'eve', status: 'open', items: [] })];
    const meet = barrier(2);
    const leave = (own: number, expects: boolean) =>
      world.uow.run(async () => {
        const [mine, other] = await orders().findByIds([doctors[own]!, doctors[1 - own]!]);
        if (other!.status !== 'open') throw new Error('nobody else is here');
        if (expects) world.uow.expectUnchanged(other!, 'status');
        await meet();
        mine!.status = 'gone';
      });
    const results = await Promise.allSettled([leave(0, true), leave(1, true)]);
    const present = await world.raw(Order).countDocuments({ _id: { $in: doctors }, status: 'open' });
    expect(present).toBe(1);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const failed = results.find((result) => result.status === 'rejected')!;
    expect(failed.reason).toMatchObject({ code: 'ConcurrentModification', field: 'status' });
  });

  it('prevents it every time, with versions too', async () => {
    for (let round = 0; round < 10; round++) {
      const pair = await Promise.all(
        [1, 2].map(() => world.stored<ObjectId>(Product, { name: 'p', stock: 1, version: 1 })),
      );
      const meet = barrier(2);
      const results = await Promise.allSettled(
        [0, 1].map((own) =>
          world.uow.run(async () => {
            const [mine, other] = await products().findByIds([pair[own]!, pair[1 - own]!]);
            world.uow.expectUnchanged(other!, 'stock');
            await meet();
            mine!.stock = 0;
          }),
        ),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await world.raw(Product).countDocuments({ _id: { $in: pair }, stock: 1 })).toBe(1);
    }
  });
});

describe('expectUnchanged', () => {
  it('of a new entity means nothing', async () => {
    await world.uow.run(() => {
      const order = orders().create({ customer: 'x', items: [] });
      world.uow.expectUnchanged(order, 'status');
    });
    expect(world.writes).toHaveLength(1);
  });

  it('refuses what is not declared, not loaded, or of another unit of work', async () => {
    const foreign = await world.uow.run(() => orders().getById(id));
    await world.uow.run(async () => {
      const [order] = await orders().find({ id }, { fields: ['status'] });
      expect(() => world.uow.expectUnchanged(order!, 'nope')).toThrow(anError({ code: 'InvalidQuery' }));
      expect(() => world.uow.expectUnchanged(order!, 'customer')).toThrow(anError({ code: 'FieldNotLoaded' }));
      expect(() => world.uow.expectUnchanged(foreign, 'status')).toThrow(anError({ code: 'ForeignEntity' }));
    });
  });
});
