import { afterEach, describe, expect, it } from '@jest/globals';
import { entityMapOf } from '../../../lib/mapping/index.js';
import { castId, compileFields, compileFilter, compileSort, op } from '../../../lib/query/index.js';
import { Order, orders } from './shop.js';
import { thrownBy } from './thrown.js';

/** Whatever MongoDB reads as more than a name, and what js-bson or JavaScript do. */
const NAMES = [
  ...['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$exists', '$type', '$regex', '$options', '$mod'],
  ...['$all', '$size', '$elemMatch', '$not', '$and', '$or', '$nor', '$where', '$expr', '$function', '$accumulator'],
  ...['$text', '$search', '$comment', '$jsonSchema', '$near', '$geoWithin', '$literal', '$unknown', '$', '$$ROOT'],
  ...['__proto__', '_bsontype'],
];

const BODIES: [string, string][] = NAMES.flatMap((name): [string, string][] => [
  [`${name}: text`, `{${JSON.stringify(name)}:""}`],
  [`${name}: null`, `{${JSON.stringify(name)}:null}`],
  [`${name}: object`, `{${JSON.stringify(name)}:{"$gt":""}}`],
  [`${name}: array`, `{${JSON.stringify(name)}:[{}]}`],
]);

/** Where the body of a request may end up in a filter. */
const POSITIONS: [string, (body: any) => unknown][] = [
  ['the filter', (body) => body],
  ['a string', (body) => ({ note: body })],
  ['the id', (body) => ({ id: body })],
  ['an ObjectId', (body) => ({ customer: body })],
  ['a number', (body) => ({ total: body })],
  ['a boolean', (body) => ({ paid: body })],
  ['a date', (body) => ({ placedAt: body })],
  ['a decimal', (body) => ({ price: body })],
  ['a bigint', (body) => ({ big: body })],
  ['binary', (body) => ({ photo: body })],
  ['an enum', (body) => ({ status: body })],
  ['an embedded value', (body) => ({ address: body })],
  ['a field of it', (body) => ({ address: { city: body } })],
  ['a path into it', (body) => ({ 'address.city': body })],
  ['an embedded union', (body) => ({ payment: body })],
  ['an array', (body) => ({ tags: body })],
  ['an element', (body) => ({ tags: [body] })],
  ['an array of embedded values', (body) => ({ items: body })],
  ['its element', (body) => ({ items: [body] })],
  ['a field of its element', (body) => ({ items: [{ sku: body }] })],
  ['a path through it', (body) => ({ 'items.sku': body })],
  ['a position of it', (body) => ({ 'items.0': body })],
  ['an array in an array', (body) => ({ matrix: [[body]] })],
  ['a Set', (body) => ({ roles: body })],
  ['a member', (body) => ({ roles: [body] })],
  ['a Map', (body) => ({ stock: body })],
  ['an entry', (body) => ({ stock: { de: body } })],
  ['a path into it', (body) => ({ 'stock.de': body })],
  ['an embedded entry', (body) => ({ offices: { hq: body } })],
  ['a free-form value', (body) => ({ meta: body })],
  ['a free-form part', (body) => ({ meta: { a: [{ b: body }] } })],
  ['a free-form path', (body) => ({ 'meta.a.b': body })],
  ['a Map that the application made', (body) => ({ meta: new Map(Object.entries(body)) })],
  ['an instance that it made', (body) => ({ meta: Object.assign(Object.create({ own: 1 }), { body }) })],
  ['op.eq', (body) => ({ note: op.eq(body) })],
  ['op.eq, free-form', (body) => ({ meta: op.eq(body) })],
  ['op.ne, free-form', (body) => ({ meta: op.ne(body) })],
  ['op.gt', (body) => ({ total: op.gt(body) })],
  ['op.gt, free-form', (body) => ({ meta: op.gt(body) })],
  ['op.in', (body) => ({ note: op.in(body) })],
  ['a value of op.in', (body) => ({ note: op.in([body]) })],
  ['a value of op.in, free-form', (body) => ({ meta: op.in([body]) })],
  ['a value of op.nin, free-form', (body) => ({ meta: op.nin([{ a: body }]) })],
  ['a value of op.all', (body) => ({ meta: op.all([body]) })],
  ['op.exists', (body) => ({ note: op.exists(body) })],
  ['op.contains', (body) => ({ note: op.contains(body) })],
  ['its options', (body) => ({ note: op.contains('x', body) })],
  ['op.matches', (body) => ({ note: op.matches(body) })],
  ['op.size', (body) => ({ tags: op.size(body) })],
  ['op.mod', (body) => ({ total: op.mod(body, 0) })],
  ['op.not', (body) => ({ meta: op.not(body) })],
  ['op.allOf', (body) => ({ meta: op.allOf(body) })],
  ['op.elemMatch', (body) => ({ items: op.elemMatch(body) })],
  ['op.elemMatch, free-form', (body) => ({ meta: op.elemMatch(body) })],
  ['a field in op.elemMatch', (body) => ({ items: op.elemMatch({ sku: body }) })],
  ['op.and', (body) => op.and(body)],
  ['op.or', (body) => op.or({ total: 1 }, body)],
  ['op.nor', (body) => op.nor(op.and({ note: body }))],
];

afterEach(() => {
  expect(Reflect.ownKeys(Object.prototype).filter((key) => !BUILT_IN.has(key))).toEqual([]);
});
const BUILT_IN = new Set(Reflect.ownKeys(Object.prototype));

describe.each(POSITIONS)('a parsed body in place of %s', (_, place) => {
  it('is never an operator', () => {
    for (const [name, text] of BODIES) {
      let error;
      try {
        error = thrownBy(() => compileFilter(orders, place(JSON.parse(text))));
      } catch (cause) {
        throw new Error(`with ${name}`, { cause });
      }
      expect([name, error.status, ['InvalidQuery', 'InvalidValue'].includes(error.code)]).toEqual([name, 400, true]);
    }
  });
});

describe('imitations', () => {
  const genuine = op.gt(5);
  const imitations: [string, any][] = [
    ['its members', JSON.parse('{"name":"gt","operands":[5],"#name":"gt","#operands":[5]}')],
    ['its JSON', JSON.parse(JSON.stringify({ ...genuine }))],
    ['its prototype', Object.create(Object.getPrototypeOf(genuine))],
    ['its constructor', JSON.parse('{"constructor":{"name":"Operator"}}')],
    ['a Proxy of it', new Proxy(genuine, {})],
    ['a copy of it', structuredClone(genuine)],
  ];
  it.each(imitations)('by %s are no operators', (_, imitation) => {
    const outcome = (filter: unknown) => {
      try {
        return JSON.stringify(compileFilter(orders, filter));
      } catch (error) {
        return (error as { status?: number }).status;
      }
    };
    expect(outcome({ total: imitation })).toBe(400);
    expect([400, '{}']).toContain(outcome(imitation)); // a copy has nothing left: it is an empty filter
    expect(outcome({ meta: imitation })).not.toContain('$gt');
  });

  it('of an ObjectId are no ids', () => {
    for (const text of [
      '{"_bsontype":"ObjectId","id":"aaaaaaaaaaaa"}',
      '{"_bsontype":"ObjectID","id":{"type":"Buffer","data":[1,2,3]}}',
      '{"$oid":"64b0c0c0c0c0c0c0c0c0c0c0"}',
      '{"buffer":{"0":1},"toHexString":"x"}',
      '["64b0c0c0c0c0c0c0c0c0c0c0"]',
      '{"toString":null}',
      '{"$ne":null}',
      '{}',
      'null',
      'true',
      '5',
      '""',
      '"aaaaaaaaaaaa"',
    ]) {
      const error = thrownBy(() => castId(orders, JSON.parse(text)));
      expect([text, error.code, error.status]).toEqual([text, 'InvalidId', 400]);
    }
  });
});

describe('names from outside', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', '$where', 'meta.__proto__.x'];
  it.each(names)('%s are no paths', (name) => {
    const body = JSON.parse(`{${JSON.stringify(name)}:{"polluted":1}}`);
    expect(thrownBy(() => compileFilter(orders, body)).code).toBe('InvalidQuery');
    expect(thrownBy(() => compileSort(orders, JSON.parse(`{${JSON.stringify(name)}:1}`))).code).toBe('InvalidQuery');
    expect(thrownBy(() => compileFields(orders, [name], { exact: true })).code).toBe('InvalidQuery');
    expect(({} as any).polluted).toBeUndefined();
  });

  it('stay names inside free-form values', () => {
    const body = JSON.parse('{"meta":{"constructor":{"prototype":{"polluted":1}},"toString":1,"hasOwnProperty":2}}');
    expect(JSON.stringify(compileFilter(entityMapOf(Order), body))).toBe(JSON.stringify({ meta: { $eq: body.meta } }));
    expect(({} as any).polluted).toBeUndefined();
  });
});
