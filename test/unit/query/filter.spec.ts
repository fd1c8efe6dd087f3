import { describe, expect, it } from '@jest/globals';
import { Binary, BSON, Decimal128, Long, ObjectId, UUID } from 'mongodb';
import { entityMapOf } from '../../../lib/mapping/index.js';
import { compileFilter, op, rootFieldsOf, type Filter } from '../../../lib/query/index.js';
import { Address, Animal, CardPayment, Cat, Dog, LineItem, Order, orders, Puppy } from './shop.js';
import { thrownBy } from './thrown.js';

const compile = (filter: Filter<Order>) => compileFilter(orders, filter);
const compileAny = (filter: unknown) => compileFilter(orders, filter);
const hex = '64b0c0c0c0c0c0c0c0c0c0c0';

describe('a plain value', () => {
  it('compares by equality', () => {
    const placedAt = new Date();
    expect(compile({})).toEqual({});
    expect(compile({ status: 'open', total: 5, paid: false, placedAt })).toEqual({
      status: 'open',
      total: 5,
      paid: false,
      placedAt,
    });
  });

  it('is found by the stored name', () => {
    expect(compile({ customer: new ObjectId(hex), id: new ObjectId(hex), 'address.city': 'Bonn' })).toEqual({
      customer_id: new ObjectId(hex),
      _id: new ObjectId(hex),
      'address.town': 'Bonn',
    });
    expect(compile({ 'items.sku': 'a', 'items.0.sku': 'b', points: 3, 'points.0': 3 })).toEqual({
      'items.stock_number': 'a',
      'items.0.stock_number': 'b',
      scores: 3,
      'scores.0': 3,
    });
    expect(compile({ 'items.origins.city': 'x' })).toEqual({ 'items.origins.town': 'x' });
    expect(compile({ 'stock.de': 1, 'offices.hq.city': 'Bonn', 'meta.a.b': 1 })).toEqual({
      'stock.de': 1,
      'offices.hq.town': 'Bonn',
      'meta.a.b': 1,
    });
  });

  it('is cast from its JSON form', () => {
    const uuid = new UUID();
    expect(compile({ customer: hex, watchers: hex })).toEqual({
      customer_id: new ObjectId(hex),
      watchers: new ObjectId(hex),
    });
    expect(compileAny({ placedAt: '2026-01-02T03:04:05.000Z' })).toEqual({
      placedAt: new Date('2026-01-02T03:04:05Z'),
    });
    expect(compileAny({ token: uuid.toHexString(), price: '1.50' })).toEqual({
      token: uuid,
      price: Decimal128.fromString('1.50'),
    });
    expect(compileAny({ big: '9007199254740993' })).toEqual({ big: Long.fromString('9007199254740993') });
  });

  it('may be any kind of number where the field is one', () => {
    expect(compile({ price: 0.1 })).toEqual({ price: Decimal128.fromString('0.1') });
    expect(compile({ big: 5 })).toEqual({ big: 5 });
    expect(compile({ big: op.gt(1.5) })).toEqual({ big: { $gt: 1.5 } });
    expect(compile({ long: 5n })).toEqual({ long: Long.fromNumber(5) });
    expect(compileAny({ total: 5n })).toEqual({ total: Long.fromNumber(5) });
    expect(compileAny({ total: Decimal128.fromString('5.5') })).toEqual({ total: Decimal128.fromString('5.5') });
  });

  it('is $eq where MongoDB would read something else', () => {
    expect(compile({ address: { city: 'Bonn', zip: 5 } })).toEqual({ address: { $eq: { town: 'Bonn', zip: 5 } } });
    expect(compile({ tags: ['a', 'b'] })).toEqual({ tags: { $eq: ['a', 'b'] } });
    expect(compile({ pattern: /x/i })).toEqual({ pattern: { $eq: /x/i } });
    expect(compileAny({ meta: /x/ })).toEqual({ meta: { $eq: /x/ } });
    expect(compile({ meta: { a: [1, { b: null }] } })).toEqual({ meta: { $eq: { a: [1, { b: null }] } } });
    expect(compile({ stock: { de: 1 } })).toEqual({ stock: { $eq: { de: 1 } } });
    expect(compile({ stock: new Map([['de', 1]]) })).toEqual({ stock: { $eq: { de: 1 } } });
    expect(compile({ offices: { hq: { city: 'x' } } })).toEqual({ offices: { $eq: { hq: { town: 'x' } } } });
  });

  it('of binary kinds stays a value', () => {
    const photo = new Binary(Buffer.from('x'));
    expect(compile({ photo, bytes: Buffer.from('y') })).toEqual({ photo, bytes: new Binary(Buffer.from('y')) });
  });

  it('of an array field is an element or the whole', () => {
    expect(compile({ tags: 'a', items: { sku: 'a', qty: 1 } })).toEqual({
      tags: 'a',
      items: { $eq: { stock_number: 'a', qty: 1 } },
    });
    expect(compile({ items: [{ sku: 'a' }] })).toEqual({ items: { $eq: [{ stock_number: 'a' }] } });
    expect(compile({ matrix: [1, 2] })).toEqual({ matrix: { $eq: [1, 2] } });
    expect(compile({ matrix: [[1, 2], [3]] })).toEqual({ matrix: { $eq: [[1, 2], [3]] } });
    expect(compile({ watchers: [hex] })).toEqual({ watchers: { $eq: [new ObjectId(hex)] } });
  });

  it('of a Set field ignores order and duplicates', () => {
    const same = { $all: ['a', 'b'], $not: { $elemMatch: { $nin: ['a', 'b'] } } };
    expect(compile({ roles: new Set(['a', 'b']) })).toEqual({ roles: same });
    expect(compile({ roles: op.eq(['a', 'b']) })).toEqual({ roles: same });
    expect(compile({ roles: op.ne(new Set(['a', 'b'])) })).toEqual({ roles: { $not: same } });
    expect(compile({ roles: new Set() })).toEqual({ roles: { $eq: [] } });
    expect(compile({ roles: 'a' })).toEqual({ roles: 'a' });
    expect(compile({ items: op.elemMatch({ roles: new Set(['a']) }) })).toEqual({
      items: { $elemMatch: { roles: { $all: ['a'], $not: { $elemMatch: { $nin: ['a'] } } } } },
    });
    expect(Object.keys(compile({ 'items.0.roles': new Set(['a']) }))).toEqual(['items.0.roles']);
    expect(thrownBy(() => compile({ 'items.roles': new Set(['a']) })).message).toContain('op.elemMatch');
  });

  it('that is null matches null and missing', () => {
    expect(compile({ note: null, total: null, 'address.zip': null, id: null })).toEqual({
      note: null,
      total: null,
      'address.zip': null,
      _id: null,
    });
  });

  it('of an embedded union is encoded by its class', () => {
    expect(compileAny({ payment: { kind: 'card', amount: 5, number: '1' } })).toEqual({
      payment: { $eq: { kind: 'card', amount: 5, card_number: '1' } },
    });
    const card = Object.assign(new CardPayment(), { amount: 5, number: '1' });
    expect(compile({ payment: card })).toEqual({ payment: { $eq: { kind: 'card', amount: 5, card_number: '1' } } });
    expect(compileAny({ 'payment.number': '1' })).toEqual({ 'payment.card_number': '1' });
    expect(compileAny({ payments: op.elemMatch({ number: '1' }) })).toEqual({
      payments: { $elemMatch: { card_number: '1' } },
    });
  });

  it('may be an instance of the embedded class, whose missing fields are missing', () => {
    const address = Object.assign(new Address(), { city: 'Bonn', zip: undefined, unrelated: 1 });
    expect(compile({ address })).toEqual({ address: { $eq: { town: 'Bonn' } } });
  });
});

describe('a filter is refused', () => {
  const cases: [string, unknown, string][] = [
    ['of undefined', { status: undefined }, 'Order.status: it is undefined.'],
    ['of undefined in a value', { address: { city: undefined } }, 'Order.address.city: it is undefined.'],
    ['of undefined in an array', { tags: ['a', undefined] }, 'Order.tags.1: it is undefined.'],
    ['of undefined in a Map', { stock: new Map([['de', undefined]]) }, 'Order.stock.de: it is undefined.'],
    ['of undefined in a Set', { roles: new Set([undefined]) }, 'Order.roles: it is undefined.'],
    ['of an unknown field', { totall: 5 }, 'Order.totall: Order declares no field "totall".'],
    ['of a method', { pay: 5 }, 'Order.pay: Order declares no field "pay".'],
    ['of the stored name', { customer_id: hex }, 'Order.customer_id: Order declares no field'],
    ['of an unknown embedded field', { 'address.street': 'x' }, 'Address.address.street: Address declares no field'],
    ['of an unknown field in a value', { address: { street: 'x' } }, 'Order.address.street: Address declares no field'],
    ['of one in an element', { items: [{ skuu: 'x' }] }, 'Order.items.0.skuu: LineItem declares no field'],
    ['of one in an entry', { offices: { hq: { x: 1 } } }, 'Order.offices.hq.x: Address declares no field'],
    ['of a path below a scalar', { 'total.x': 5 }, 'Order.total.x:'],
    ['of an empty path', { '': 5 }, 'Order declares no field ""'],
    ['of an empty part', { 'address.': 5 }, 'declares no field ""'],
    ['of NUL in a path', { 'meta.a\0b': 5 }, 'contains NUL'],
    ['of NUL in a name', { meta: { 'a\0b': 5 } }, 'contains NUL'],
    ['of an endless path', { [`meta${'.a'.repeat(200)}`]: 5 }, 'too many parts'],
    ['of another type', { total: '5' }, 'Order.total: expected a number, got a string.'],
    ['of another embedded type', { address: 'Bonn' }, 'Order.address: expected an object of Address, got a string.'],
    ['of no ObjectId', { customer: 'x' }, 'Order.customer: expected an ObjectId, got a string.'],
    ['of no element', { tags: 5 }, 'Order.tags: expected a string, got a number.'],
    ['of no element of the array', { tags: ['a', 5] }, 'Order.tags.1: expected a string, got a number.'],
    ['of an invalid date', { placedAt: new Date(NaN) }, 'Order.placedAt: expected a valid Date'],
    ['of text beyond Decimal128', { price: '1e99999' }, 'Order.price: expected a Decimal128, got a string.'],
    ['of a bigint beyond 64 bits', { big: 2n ** 64n }, 'Order.big: expected a bigint of 64 bits'],
    ['of a pattern for text', { note: /x/ }, 'Order.note: expected a string, got a value of RegExp.'],
    ['of a function', { meta: () => 1 }, 'Order.meta: expected a value that BSON can store'],
    ['of a symbol', { note: Symbol('x') }, 'Order.note: expected a string, got a symbol.'],
    ['of an operator in a value', { address: { city: op.ne('x') } }, 'Order.address.city: an operator stands inside'],
    ['of a group as a value', { address: op.or({}) }, 'Order.address: an operator stands inside a value.'],
    ['of a group of nothing', op.or(), 'Order: op.or() was given no filter.'],
    ['of an array in a group', op.and([] as never), 'Order: the filter is no plain object.'],
    ['of an operator in a group', op.and(op.gt(5)), 'Order: the filter is no plain object.'],
    ['that is no object', 'x', 'Order: the filter is no plain object.'],
    ['that is undefined', undefined, 'Order: the filter is no plain object.'],
    ['that is null', null, 'Order: the filter is no plain object.'],
    ['that is an array', [{ total: 5 }], 'Order: the filter is no plain object.'],
    ['that is an operator', op.eq(5), 'Order: the filter is no plain object.'],
    ['that is an instance of a class', new Order(), 'Order: the filter is no plain object.'],
    ['that is an id', new ObjectId(), 'Order: the filter is no plain object.'],
    ['that is a Map', new Map([['total', 5]]), 'Order: the filter is no plain object.'],
    ['that is a function', () => ({}), 'Order: the filter is no plain object.'],
  ];
  it.each(cases)('because %s', (_, filter, message) => {
    const error = thrownBy(() => compileAny(filter));
    expect(error.message).toContain(message);
    expect(error.status).toBe(400);
  });

  it('when it contains itself, or lies too deep', () => {
    const meta: Record<string, unknown> = {};
    meta.meta = meta;
    expect(thrownBy(() => compileAny({ meta })).message).toContain('deeper than 100 levels');
    const body = JSON.parse(`{"meta":${'['.repeat(5000)}${']'.repeat(5000)}}`);
    expect(thrownBy(() => compileAny(body)).message).toContain('deeper than 100 levels');
  });

  it('without telling stored or given values', () => {
    const secret = 'hunter2';
    expect(thrownBy(() => compileAny({ total: secret })).message).not.toContain(secret);
    expect(thrownBy(() => compileAny({ customer: { $ne: secret } })).message).not.toContain(secret);
  });
});

describe('groups', () => {
  it('join filters', () => {
    expect(compile(op.or({ status: 'open' }, { total: op.gt(5) }))).toEqual({
      $or: [{ status: 'open' }, { total: { $gt: 5 } }],
    });
    expect(compile(op.and({ customer: hex }, op.nor({ total: 1 }, op.or({ total: 2 }))))).toEqual({
      $and: [{ customer_id: new ObjectId(hex) }, { $nor: [{ total: 1 }, { $or: [{ total: 2 }] }] }],
    });
  });

  it('may stand in the elements of an array', () => {
    expect(compile({ items: op.elemMatch(op.or({ sku: 'a' }, { 'origins.city': 'x' })) })).toEqual({
      items: { $elemMatch: { $or: [{ stock_number: 'a' }, { 'origins.town': 'x' }] } },
    });
  });
});

describe('classes below a discriminator', () => {
  const id = new ObjectId();

  it('are found among their own documents only', () => {
    expect(compileFilter(entityMapOf(Animal), { id })).toEqual({ _id: id });
    expect(compileFilter(entityMapOf(Cat), { id })).toEqual({ _id: id, species: 'cat' });
    expect(compileFilter(entityMapOf(Puppy), {})).toEqual({ species: 'puppy' });
    expect(compileFilter(entityMapOf(Dog), {})).toEqual({ species: { $in: ['Dog', 'puppy'] } });
  });

  it('whatever else the filter says of the discriminator', () => {
    expect(compileFilter(entityMapOf(Cat), { species: 'Dog' })).toEqual({ species: 'Dog', $and: [{ species: 'cat' }] });
    expect(compileFilter(entityMapOf(Cat), op.or({ name: 'x' }, { species: 'Dog' }))).toEqual({
      $or: [{ name: 'x' }, { species: 'Dog' }],
      species: 'cat',
    });
    expect(compileFilter(entityMapOf(Cat), op.and({ species: 'Dog' }))).toEqual({
      $and: [{ species: 'Dog' }],
      species: 'cat',
    });
  });
});

it('lists the root fields that a filter looks at', () => {
  const fields = (filter: Filter<Order>) => [...rootFieldsOf(orders, filter)];
  expect(fields({})).toEqual([]);
  expect(fields({ 'items.sku': 'a', items: op.size(1), customer: hex })).toEqual(['items', 'customer']);
  expect(fields(op.or({ id: hex }, op.and({ 'address.city': 'x' }, { id: hex })))).toEqual(['id', 'address']);
});

it('leaves the filter as it was, and answers what the driver can send', () => {
  const item = Object.assign(new LineItem(), { sku: 'a' });
  const filter = { items: op.elemMatch({ sku: 'a' }), tags: ['a'], customer: hex, meta: { a: 1 } };
  const before = { ...filter };
  expect(() => BSON.serialize(compileAny({ ...filter, 'items.0': item }))).not.toThrow();
  expect(filter).toEqual(before);
});
