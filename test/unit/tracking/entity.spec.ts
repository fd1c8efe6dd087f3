import 'reflect-metadata';
import assert from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Exclude, Expose, instanceToPlain, plainToClassFromExist, plainToInstance } from 'class-transformer';
import { Allow, IsEmail, IsOptional, MinLength, validate } from 'class-validator';
import { ObjectId } from 'mongodb';
import { Entity, Id, Prop } from '../../../lib/mapping/index.js';
import { snapshot } from '../../../lib/tracking/entity-state.js';
import { Managed } from '../../../lib/unit-of-work/managed.js';
import { stateOf } from '../../../lib/unit-of-work/state-of.js';
import { Address, Item, load, loadOrder, Order, ORDER_ID, orderData, orderDocument, plainOrder } from './subjects.js';

const FIELDS = Object.keys(orderData());

const isClean = (entity: object) => !stateOf(entity).isModified() && stateOf(entity).changedFields().length === 0;

describe('a loaded entity read as a plain object', () => {
  let order: Order;
  beforeEach(() => {
    order = loadOrder();
  });
  /** Law: reading never dirties. */
  afterEach(() => expect(isClean(order)).toBe(true));

  it('has the fields of its document, by the names of the class', () => {
    expect(order.customer).toBe('Ada');
    expect(order.id).toEqual(ORDER_ID);
    expect(order.items[0]).toBeInstanceOf(Item);
    expect(order.note).toBeUndefined();
    expect((order as unknown as { hidden?: number }).hidden).toBeUndefined();
  });

  it('hands out one value a field', () => {
    for (const field of FIELDS as (keyof Order)[]) expect(order[field]).toBe(order[field]);
  });

  it('is an instance of its class', () => {
    expect(order).toBeInstanceOf(Order);
    expect(order.constructor).toBe(Order);
    expect(order.constructor.name).toBe('Order');
    expect(Object.getPrototypeOf(order)).toBe(Order.prototype);
    expect(Object.prototype.isPrototypeOf.call(Order.prototype, order)).toBe(true);
    expect(Object.prototype.toString.call(order)).toBe('[object Object]');
    expect(typeof order).toBe('object');
    expect(Array.isArray(order)).toBe(false);
  });

  it('runs getters and methods of the class on itself', () => {
    expect(order.lines).toBe(3);
    expect(order.buyer).toBe('Ada');
    expect(order.quantity()).toBe(6);
  });

  it('is spread', () => {
    const copy = { ...order };
    expect(copy).toEqual(orderData());
    expect(Object.keys(copy).sort()).toEqual([...FIELDS].sort());
  });

  it('is destructured, with the rest', () => {
    const { customer, items, note = 'none', ...rest } = order;
    expect([customer, items.length, note]).toEqual(['Ada', 3, 'none']);
    expect(Object.keys(rest).sort()).toEqual(FIELDS.filter((field) => !['customer', 'items'].includes(field)).sort());
  });

  it('lists its keys, values and entries in the order of the class', () => {
    const inOrder = [
      'id',
      'customer',
      'count',
      'total',
      'big',
      'at',
      'data',
      'binary',
      'tags',
      'labels',
      'stock',
      'address',
      'items',
      'meta',
    ];
    expect(Object.keys(order)).toEqual(inOrder);
    expect(Reflect.ownKeys(order)).toEqual(inOrder);
    expect(Object.getOwnPropertyNames(order)).toEqual(inOrder);
    expect(Object.values(order)[1]).toBe('Ada');
    expect(Object.entries(order).find(([key]) => key === 'count')).toEqual(['count', 3]);
    const seen: string[] = [];
    for (const key in order) seen.push(key);
    expect(seen).toEqual(inOrder);
  });

  it('knows which fields it has', () => {
    expect('customer' in order).toBe(true);
    expect('note' in order).toBe(false);
    expect('lines' in order).toBe(true);
    expect('hidden' in order).toBe(false);
    expect('toString' in order).toBe(true);
    expect(Object.hasOwn(order, 'customer')).toBe(true);
    expect(Object.hasOwn(order, 'note')).toBe(false);
    expect(Object.hasOwn(order, 'lines')).toBe(false);
    expect(Object.prototype.hasOwnProperty.call(order, 'items')).toBe(true);
    expect(Object.prototype.propertyIsEnumerable.call(order, 'items')).toBe(true);
    expect(Reflect.has(order, 'customer')).toBe(true);
  });

  it('describes its fields as ordinary properties', () => {
    expect(Object.getOwnPropertyDescriptor(order, 'customer')).toEqual({
      value: 'Ada',
      writable: true,
      enumerable: true,
      configurable: true,
    });
    expect(Object.getOwnPropertyDescriptor(order, 'note')).toBeUndefined();
    expect(Object.keys(Object.getOwnPropertyDescriptors(order))).toEqual(Object.keys(order));
  });

  it('becomes JSON by the documented mapping', () => {
    expect(JSON.parse(JSON.stringify(order))).toEqual({
      ...JSON.parse(JSON.stringify({ items: orderData().items, meta: orderData().meta, address: orderData().address })),
      id: ORDER_ID.toHexString(),
      customer: 'Ada',
      count: 3,
      total: '1.50',
      big: '9007199254740993',
      at: '1970-01-01T00:00:01.000Z',
      data: 'AQID',
      binary: 'BAU=',
      tags: ['x', 'y'],
      labels: ['red', 'blue'],
      stock: { a: 1, b: 2 },
    });
    expect(JSON.parse(JSON.stringify({ list: [order] })).list[0].total).toBe('1.50');
    expect(JSON.parse(JSON.stringify(order, ['customer']))).toEqual({ customer: 'Ada' });
  });

  it('is inspected as an instance of its class', () => {
    expect(inspect(order)).toBe(inspect(plainOrder()));
    expect(inspect(order)).toMatch(/^Order \{/);
    expect(inspect(order, { depth: 9 })).toContain("options: [ Option { name: 'gift' } ]");
    expect(inspect({ a: { b: { c: order } } })).toContain('c: [Order]');
    expect(inspect([order], { depth: 1 })).toContain('items: [Array]');
    expect(`${inspect(order, { compact: true, breakLength: Infinity })}`).not.toContain('\n');
  });

  it('is equal to a plain instance for jest, both ways', () => {
    const plain = plainOrder();
    expect(order).toEqual(plain);
    expect(plain).toEqual(order);
    expect(order).toStrictEqual(plain);
    expect(plain).toStrictEqual(order);
    expect(order).toMatchObject(plain);
    expect(plain).toMatchObject(order);
    expect(order).toMatchObject({ customer: 'Ada', items: [{ sku: 'p' }, { sku: 'q' }, { sku: 'r' }] });
    expect([order]).toContainEqual(plain);
    expect(order).toEqual(expect.objectContaining({ customer: 'Ada' }));
    expect(order).toHaveProperty('address.city', 'London');
    expect(order).toEqual(loadOrder());
    expect(order).toStrictEqual(loadOrder());
    expect(order).toEqual(orderData());
    expect(orderData()).toEqual(order);
  });

  it('differs from what differs for jest, both ways', () => {
    const other = Object.assign(plainOrder(), { customer: 'Grace' });
    expect(order).not.toEqual(other);
    expect(other).not.toEqual(order);
    expect(order).not.toStrictEqual(orderData());
    expect(order).not.toMatchObject({ customer: 'Grace' });
    expect(order).not.toEqual({ ...orderData(), note: 'more' });
    const failure = () => expect(order).toEqual(other);
    expect(failure).toThrow(/Grace/);
  });

  it('is equal to a plain instance for Node, both ways', () => {
    const plain = plainOrder();
    assert.deepEqual(order, plain);
    assert.deepEqual(plain, order);
    assert.deepStrictEqual(order, plain);
    assert.deepStrictEqual(plain, order);
    expect(isDeepStrictEqual(order, plain)).toBe(true);
    expect(isDeepStrictEqual(plain, order)).toBe(true);
    expect(isDeepStrictEqual(order, loadOrder())).toBe(true);
    expect(isDeepStrictEqual(order, { ...order })).toBe(false); // of another class
    assert.notDeepStrictEqual(order, Object.assign(plainOrder(), { count: 4 }));
    assert.notDeepStrictEqual(Object.assign(plainOrder(), { count: 4 }), order);
  });

  it('is assigned from', () => {
    expect(Object.assign({}, order)).toEqual(orderData());
    expect(Object.fromEntries(Object.entries(order))).toEqual(orderData());
  });

  it('is awaited as a value, since it has no then', async () => {
    expect(await Promise.resolve(order)).toBe(order);
    expect((order as { then?: unknown }).then).toBeUndefined();
  });

  it('answers what strangers ask of any object', () => {
    expect(order.valueOf()).toBe(order);
    expect((order as unknown as { __proto__: unknown }).__proto__).toBe(Order.prototype);
    expect((order as unknown as Record<symbol, unknown>)[Symbol.iterator]).toBeUndefined();
    expect(new WeakMap([[order, 1]]).get(order)).toBe(1);
    expect(new Set([order, order]).size).toBe(1);
  });
});

describe('snapshot', () => {
  it('is a plain instance, which structuredClone takes where it refuses the entity', () => {
    const order = loadOrder();
    expect(() => structuredClone(order)).toThrow(/could not be cloned/);
    const clone = structuredClone(snapshot(order));
    expect({ ...clone, stock: [...clone.stock] }).toMatchObject({
      customer: 'Ada',
      tags: ['x', 'y'],
      address: { city: 'London', street: 'Strand' },
      stock: [
        ['a', 1],
        ['b', 2],
      ],
    });
    expect(snapshot(order)).toStrictEqual(plainOrder());
    expect(Object.getPrototypeOf(snapshot(order))).toBe(Order.prototype);
  });

  it('has the present values, and no tie to the entity', () => {
    const order = loadOrder();
    order.customer = 'Grace';
    order.tags.push('z');
    order.meta.self = order.meta;
    const copy = snapshot(order);
    expect(copy).toMatchObject({ customer: 'Grace', tags: ['x', 'y', 'z'] });
    expect(copy.meta.self).toBe(copy.meta);
    delete order.meta.self;
    copy.customer = 'Jane';
    copy.tags.length = 0;
    copy.address.city = 'Paris';
    copy.stock.clear();
    expect(stateOf(order).changedFields().sort()).toEqual(['customer', 'tags']);
    expect(order.tags).toEqual(['x', 'y', 'z']);
    expect(() => stateOf(copy)).toThrow();
  });

  it('of a plain instance is a copy too', () => {
    const plain = plainOrder();
    expect(snapshot(plain)).toStrictEqual(plain);
    expect(snapshot(plain)).not.toBe(plain);
    expect(snapshot(plain).items).not.toBe(plain.items);
  });
});

describe('a loaded entity changed as a plain object', () => {
  it('is assigned', () => {
    const order = loadOrder();
    order.customer = 'Grace';
    order.note = 'hi';
    order.count++;
    order.count += 2;
    expect(order).toMatchObject({ customer: 'Grace', note: 'hi', count: 6 });
    expect(stateOf(order).getChanges()).toEqual({ customer: 'Grace', note: 'hi', count: 6 });
    expect(Object.keys(order)).toEqual([
      'id',
      'customer',
      'note',
      ...FIELDS.filter((f) => !['id', 'customer'].includes(f)),
    ]);
  });

  it('is deleted from', () => {
    const order = loadOrder() as Partial<Order>;
    expect(delete order.customer).toBe(true);
    expect(delete order.items).toBe(true);
    expect(delete order.note).toBe(true);
    expect(order.customer).toBeUndefined();
    expect('customer' in order).toBe(false);
    expect(Object.hasOwn(order, 'items')).toBe(false);
    expect(Object.keys(order)).not.toContain('customer');
    expect(JSON.parse(JSON.stringify(order))).not.toHaveProperty('customer');
    expect(inspect(order)).not.toContain('customer');
    expect(stateOf(order).getChanges()).toStrictEqual({ customer: undefined, items: undefined });
    order.customer = 'Ada';
    expect(stateOf(order).changedFields()).toEqual(['items']);
  });

  it('takes setters and methods of the class', () => {
    const order = loadOrder();
    order.buyer = 'Grace';
    expect(order.customer).toBe('Grace');
    expect(Object.keys(order)).not.toContain('buyer');
    expect(stateOf(order).changedFields()).toEqual(['customer']);
    expect(() => {
      (order as { lines: number }).lines = 5; // a getter alone
    }).toThrow(TypeError);
  });

  it('is assigned to, and patched by spread', () => {
    const order = loadOrder();
    const dto = { note: 'hi', address: { city: 'Paris' } };
    expect(Object.assign(order, dto)).toBe(order);
    expect(stateOf(order).changedFields().sort()).toEqual(['address', 'note']);
    expect(order.address).toBe(dto.address);
    Object.assign(order, { ...orderData(), id: order.id });
    expect(stateOf(order).changedFields()).toEqual(['note']);
  });

  it('keeps what it does not declare in memory', () => {
    const order = loadOrder() as Order & { extra?: number };
    const tag = Symbol('tag');
    order.extra = 1;
    Object.defineProperty(order, tag, { value: 'symbol', enumerable: true, configurable: true, writable: true });
    expect([order.extra, (order as unknown as Record<symbol, unknown>)[tag]]).toEqual([1, 'symbol']);
    expect(Object.keys(order)).toEqual(
      [...Object.keys(plainOrder()), 'extra'].sort(
        (a, b) => Object.keys(order).indexOf(a) - Object.keys(order).indexOf(b),
      ),
    );
    expect(Reflect.ownKeys(order)).toEqual(expect.arrayContaining(['customer', 'extra', tag]));
    expect({ ...order }).toMatchObject({ extra: 1, [tag]: 'symbol' });
    expect(isClean(order)).toBe(true);
    order.extra = 2;
    expect(delete order.extra).toBe(true);
    expect('extra' in order).toBe(false);
    expect(isClean(order)).toBe(true);
  });

  it('finds changes of what was handed out, also by a held reference, a copy or a moved part', () => {
    const order = loadOrder();
    const { items, ...rest } = { ...order };
    items[0]!.qty = 9;
    rest.at.setDate(3);
    rest.data.writeUInt8(9, 0);
    rest.stock.forEach((value, key, map) => map.set(key, value + 1));
    rest.labels.clear();
    rest.tags.push(...rest.tags);
    const [first] = order.items;
    first!.options!.pop();
    order.meta.moved = order.meta.size;
    delete order.meta.size;
    expect(stateOf(order).changedFields().sort()).toEqual(['at', 'data', 'items', 'labels', 'meta', 'stock', 'tags']);
  });

  it('does not take a sorted copy for a change', () => {
    const order = loadOrder();
    [...order.items].sort((a, b) => b.qty - a.qty);
    order.tags.toReversed();
    order.items.map((item) => ({ ...item, qty: 0 }));
    expect(isClean(order)).toBe(true);
  });
});

@Entity({ collection: 'users' })
class User {
  @Id() id!: ObjectId;
  @Prop() @IsEmail() email!: string;
  @Prop() @MinLength(3) @Expose({ name: 'login' }) name!: string;
  @Prop() @Exclude() @IsOptional() password?: string;
  @Prop() age?: number;

  @Expose() get initial(): string {
    return this.name.slice(0, 1);
  }
}

@Entity({ collection: 'badges' })
class Badge {
  @Id() @Allow() id!: ObjectId;
  @Prop() @Allow() title!: string;
  @Prop() level?: number;
}

const user = () =>
  load(User, { _id: ORDER_ID, email: 'ada@example.org', name: 'Ada', password: 'secret', age: 36 }).entity;

describe('class-transformer', () => {
  it('makes a plain object of an entity, by its decorators', () => {
    const entity = user();
    const { id, ...plain } = instanceToPlain(entity);
    expect(id).toBeDefined();
    expect(plain).toEqual({ email: 'ada@example.org', login: 'Ada', age: 36, initial: 'A' });
    expect(isClean(entity)).toBe(true);
  });

  it('makes an instance that is no entity, and fills one that is', () => {
    const made = plainToInstance(User, { email: 'x@example.org', login: 'Grace', password: 'no' });
    expect(made).toBeInstanceOf(User);
    expect(made.name).toBe('Grace');
    expect(made.password).toBeUndefined();
    const entity = user();
    expect(plainToClassFromExist(entity, { login: 'Grace', age: 37 })).toBe(entity);
    expect(stateOf(entity).getChanges()).toEqual({ name: 'Grace', age: 37 });
  });
});

describe('class-validator', () => {
  it('validates an entity, and changes nothing', async () => {
    const entity = user();
    expect(await validate(entity)).toEqual([]);
    expect(isClean(entity)).toBe(true);
    entity.email = 'nobody';
    entity.name = 'x';
    const errors = await validate(entity);
    expect(errors.map(({ property }) => property).sort()).toEqual(['email', 'name']);
    expect(stateOf(entity).changedFields()).toEqual(['email', 'name']);
  });

  it('forbids undecorated fields when asked to', async () => {
    const entity = user();
    const errors = await validate(entity, { whitelist: true, forbidNonWhitelisted: true });
    expect(errors.map(({ property }) => property).sort()).toEqual(['age', 'id']);
    expect(isClean(entity)).toBe(true);
  });

  it('deletes undecorated fields by a whitelist, as it would of a plain instance: tracked, and not the id', async () => {
    const entity = user();
    await expect(async () => validate(entity, { whitelist: true })).rejects.toThrow(/User\.id cannot be changed/);
    expect(entity.id).toEqual(ORDER_ID);

    const badge = load(Badge, { _id: ORDER_ID, title: 'Dr', level: 3 }).entity;
    expect(await validate(badge, { whitelist: true })).toEqual([]);
    expect({ ...badge }).toEqual({ id: ORDER_ID, title: 'Dr' });
    expect(stateOf(badge).changedFields()).toEqual(['level']);
  });
});

describe('a partly loaded entity', () => {
  const partial = () => load(Order, orderDocument(), ['id', 'customer', 'tags']).entity;

  it('shows what was loaded', () => {
    const order = partial();
    expect(Object.keys(order)).toEqual(['id', 'customer', 'tags']);
    expect({ ...order }).toEqual({ id: ORDER_ID, customer: 'Ada', tags: ['x', 'y'] });
    expect('items' in order).toBe(false);
    expect(Object.hasOwn(order, 'items')).toBe(false);
    expect(Object.getOwnPropertyDescriptor(order, 'items')).toBeUndefined();
    expect(JSON.parse(JSON.stringify(order))).toEqual({
      id: ORDER_ID.toHexString(),
      customer: 'Ada',
      tags: ['x', 'y'],
    });
    expect(inspect(order)).toContain('customer');
    expect(snapshot(order)).toEqual({ id: ORDER_ID, customer: 'Ada', tags: ['x', 'y'] });
    expect(isClean(order)).toBe(true);
  });

  it('refuses to read what was not, and names it', () => {
    expect(() => partial().items).toThrow(/Order\.items/);
    expect(() => partial().lines).toThrow(/Order\.items/);
  });

  it('is written, and frozen', () => {
    const order = partial();
    order.note = 'hi';
    Object.defineProperty(order, 'count', { value: 5, writable: true, enumerable: true, configurable: true });
    expect([order.note, order.count]).toEqual(['hi', 5]);
    expect(stateOf(order).changedFields()).toEqual(['note', 'count']);
    expect(Object.keys(Object.freeze(order))).toEqual(
      expect.arrayContaining(['id', 'customer', 'tags', 'note', 'count']),
    );
    expect(() => order.items).toThrow(/Order\.items/);
    expect(() => Managed.of(order)!.unread('items')).not.toThrow();
  });
});

describe('embedded values', () => {
  it('are plain instances of their classes', () => {
    const order = loadOrder();
    expect(order.address).toBeInstanceOf(Address);
    expect(Object.keys(order.address)).toEqual(['city', 'street']);
    expect(structuredClone(order.address)).toMatchObject({ city: 'London' });
  });
});
