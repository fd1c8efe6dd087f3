import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal128, ObjectId } from 'mongodb';
import { CreatedAt, Entity, Id, Prop, UpdatedAt, Version } from '../../../lib/mapping/index.js';
import { Address, LineItem, Order } from '../support/models.js';
import { anError, errorOf, useWorld } from '../support/world.js';

@Entity({ collection: 'things', discriminator: 'kind' })
class Thing {
  @Id() id!: ObjectId;
  @Prop() kind!: string;
  @Prop() name!: string;
  @Prop() price?: Decimal128;
  @Version() version!: number;
  @CreatedAt() createdAt!: Date;
  @UpdatedAt() updatedAt!: Date;
}

const world = useWorld();
const orders = () => world.repository(Order);
const things = () => world.repository(Thing);
let id: ObjectId;

beforeEach(async () => {
  id = await world.stored(Order, {
    customer_id: 'ada',
    status: 'open',
    total: 1,
    note: 'n',
    items: [{ sku: 'x', qty: 1 }],
    address: { city: 'Ulm', zip: 5 },
  });
});

describe('assign', () => {
  it('writes what the client sent, and nothing else', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      expect(orders().assign(order, { status: 'paid', total: 1 })).toBe(order);
    });
    expect(world.onlyUpdate.u).toEqual({ $set: { status: 'paid' } });
  });

  it('skips undefined, and takes null', async () => {
    class Dto {
      status = undefined;
      total = undefined;
      note = null;
    }
    await world.uow.run(async () => {
      orders().assign(await orders().getById(id), new Dto());
    });
    expect(world.onlyUpdate.u).toEqual({ $set: { note: null } });
  });

  it('skips what is not declared, and what is only inherited', async () => {
    const data = Object.create({ status: 'inherited' }) as object;
    await world.uow.run(async () => {
      const order = orders().assign(await orders().getById(id), Object.assign(data, { evil: 1, count: 5 }));
      expect(order).not.toHaveProperty('evil');
    });
    expect(world.writes).toEqual([]);
  });

  it('never writes id, version, times or discriminator', async () => {
    const thing = await world.stored<ObjectId>(Thing, { kind: 'Thing', name: 'a', version: 3 });
    await world.uow.run(async () => {
      things().assign(await things().getById(thing), {
        id: '0123456789abcdef01234567',
        kind: 'Other',
        version: 99,
        createdAt: '2020-01-01T00:00:00Z',
        updatedAt: '2020-01-01T00:00:00Z',
        name: 'b',
      });
    });
    const { updatedAt, ...stored } = (await world.read(Thing, thing))!;
    expect(stored).toEqual({ _id: thing, kind: 'Thing', name: 'b', version: 4 });
    expect(updatedAt).toBeInstanceOf(Date);
    expect((updatedAt as Date).getFullYear()).toBeGreaterThan(2020);
  });

  it('casts JSON to the declared types, embedded classes included', async () => {
    await world.uow.run(async () => {
      const order = orders().assign(await orders().getById(id), {
        placedAt: '2020-01-01T00:00:00.000Z',
        items: [{ sku: 'y', qty: 2, evil: 1 }],
        address: { city: 'Bonn', evil: 1 },
        stock: { a: 1 },
      });
      expect(order.placedAt).toEqual(new Date('2020-01-01T00:00:00.000Z'));
      expect(order.items[0]).toBeInstanceOf(LineItem);
      expect(order.address).toBeInstanceOf(Address);
      expect(order.stock).toBeInstanceOf(Map);
    });
    expect(await world.read(Order, id)).toMatchObject({
      items: [{ sku: 'y', qty: 2 }],
      address: { city: 'Bonn' },
      stock: { a: 1 },
    });
    expect(JSON.stringify(await world.read(Order, id))).not.toContain('evil');
  });

  it('changes embedded objects field by field: what the client left out stays', async () => {
    class AddressDto {
      city = 'Bonn';
      street = undefined;
      evil = 1;
    }
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      const { address } = order;
      orders().assign(order, { address: new AddressDto() });
      expect(order.address).toBe(address);
    });
    expect(world.onlyUpdate.u).toEqual({ $set: { 'address.city': 'Bonn' } });
    expect((await world.read(Order, id))!.address).toEqual({ city: 'Bonn', zip: 5 });
  });

  it('takes an instance of the embedded class whole, and one where there was none', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      orders().assign(order, { address: Object.assign(new Address(), { street: 'Gasse' }) });
    });
    expect((await world.read(Order, id))!.address).toMatchObject({ str: 'Gasse' });
    expect((await world.read(Order, id))!.address).not.toHaveProperty('city');
    await world.raw(Order).updateOne({ _id: id }, { $unset: { address: 1 } });
    await world.uow.run(async () => {
      orders().assign(await orders().getById(id), { address: { city: 'Köln' } });
    });
    expect((await world.read(Order, id))!.address).toEqual({ city: 'Köln' });
  });

  it('lets a wrong type be an error with the field’s name at the flush, and sends nothing', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        orders().assign(await orders().getById(id), { total: { $gt: 1 } as never });
      }),
    );
    expect(error).toMatchObject({ code: 'InvalidValue', status: 400, entity: 'Order', field: 'total' });
    expect(world.writes).toEqual([]);
  });

  it('leaves Object.prototype alone', async () => {
    await world.uow.run(async () => {
      orders().assign(
        await orders().getById(id),
        JSON.parse('{"__proto__":{"hacked":1},"meta":{"__proto__":{"x":1}}}'),
      );
    });
    expect({}).not.toHaveProperty('hacked');
    expect({}).not.toHaveProperty('x');
    const stored = (await world.read(Order, id))!;
    expect(Object.getOwnPropertyNames(stored.meta)).toEqual(['__proto__']);
  });

  it('works on a new entity', async () => {
    await world.uow.run(() => {
      const order = orders().create({ customer: 'x', items: [] });
      id = order.id;
      orders().assign(order, { customer: 'y' });
    });
    expect(await world.read(Order, id)).toMatchObject({ customer_id: 'y' });
  });

  it('refuses an entity of another unit of work', async () => {
    const other = await world.uow.run(() => orders().getById(id));
    await world.uow.run(() => {
      expect(() => orders().assign(other, { status: 'x' })).toThrow(anError({ code: 'ForeignEntity' }));
    });
  });
});

describe('assign with seen', () => {
  const save = (data: object, seen: Record<string, unknown>) =>
    world.uow.run(async () => {
      orders().assign(await orders().getById(id), data, { seen });
    });

  it('passes when the client saw what is stored', async () => {
    await save({ status: 'paid' }, { status: 'open', total: 1 });
    expect(await world.read(Order, id)).toMatchObject({ status: 'paid' });
  });

  it('conflicts on each field of the data that has changed since, and sends nothing', async () => {
    const error = await errorOf(save({ status: 'paid', total: 9, note: 'x' }, { status: 'new', total: 2, note: 'n' }));
    expect(error).toMatchObject({ code: 'ConcurrentModification', status: 409, entity: 'Order', id: id.toHexString() });
    expect(error.issues).toMatchObject([{ field: 'status' }, { field: 'total' }]);
    expect(world.writes).toEqual([]);
  });

  it('does not care for fields that are not written', async () => {
    await save({ status: 'paid' }, { status: 'open', total: 77 });
    expect(await world.read(Order, id)).toMatchObject({ status: 'paid' });
  });

  it('compares JSON forms: dates, decimals and nested values in any order of keys', async () => {
    await world
      .raw(Order)
      .updateOne({ _id: id }, { $set: { placedAt: new Date(5), meta: { a: 1, b: [2, { c: 3 }] } } });
    const order = await world.uow.run(async () => JSON.parse(JSON.stringify(await orders().getById(id))) as object);
    await save({ placedAt: '2020-01-01T00:00:00Z' }, { ...order });
    await save({ meta: { a: 2 } }, { meta: { b: [2, { c: 3 }], a: 1 } });
    expect(await world.read(Order, id)).toMatchObject({ meta: { a: 2 }, placedAt: new Date('2020-01-01T00:00:00Z') });
    expect((await errorOf(save({ meta: {} }, { meta: { a: 1 } }))).field).toBe('meta');
  });

  it('of an embedded object compares the fields that the data writes', async () => {
    const address = { city: 'Bonn' };
    await save({ address }, { address: { city: 'Ulm', street: 'what nobody writes' } });
    expect((await world.read(Order, id))!.address).toEqual({ city: 'Bonn', zip: 5 });
    expect(await errorOf(save({ address: { city: 'Köln' } }, { address: { city: 'Ulm' } }))).toMatchObject({
      code: 'ConcurrentModification',
      issues: [{ field: 'address.city' }],
    });
  });

  it('takes null for what is missing', async () => {
    await save({ address: { city: 'Bonn' }, placedAt: new Date() }, { placedAt: null, address: { city: 'Ulm' } });
    expect(await world.read(Order, id)).toMatchObject({ address: { city: 'Bonn' } });
  });

  it('still guards against what happens after the comparison', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const order = await orders().getById(id);
        orders().assign(order, { status: 'paid' }, { seen: { status: 'open' } });
        await world.raw(Order).updateOne({ _id: id }, { $set: { status: 'lost' } });
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'status' });
  });
});
