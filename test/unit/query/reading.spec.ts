import { describe, expect, it } from '@jest/globals';
import { Binary, Decimal128, Long, ObjectId, UUID } from 'mongodb';
import { Entity, entityMapOf, Id } from '../../../lib/mapping/index.js';
import {
  castId,
  checkFindOptions,
  checkPipeline,
  compileFields,
  compileSort,
  type FindOptions,
} from '../../../lib/query/index.js';
import { Animal, Cat, type Order, orders } from './shop.js';
import { thrownBy } from './thrown.js';

const hex = '64b0c0c0c0c0c0c0c0c0c0c0';

describe('sort', () => {
  it('goes by stored names, in the given order', () => {
    const sort = compileSort(orders, { 'items.sku': 'desc', customer: 1, id: 'asc', 'stock.de': -1 });
    expect(Object.entries(sort)).toEqual([
      ['items.stock_number', -1],
      ['customer_id', 1],
      ['_id', 1],
      ['stock.de', -1],
    ]);
    expect(compileSort(orders, {})).toEqual({});
  });

  it.each([
    [{ totall: 1 }, 'Order declares no field "totall"'],
    [{ total: 2 }, 'Order.total: the direction of its sort is unknown'],
    [{ total: '1' }, 'the direction of its sort is unknown'],
    [{ total: undefined }, 'the direction of its sort is unknown'],
    [{ total: { $meta: 'textScore' } }, 'the direction of its sort is unknown'],
    ['total', 'sort is no plain object'],
    [[['total', 1]], 'sort is no plain object'],
    [null, 'sort is no plain object'],
  ])('refuses %j', (sort, message) => {
    const error = thrownBy(() => compileSort(orders, sort));
    expect([error.code, error.message]).toEqual(['InvalidQuery', expect.stringContaining(message)]);
  });
});

describe('fields', () => {
  const exact = (...fields: string[]) => compileFields(orders, fields, { exact: true });
  const whole = (...fields: string[]) => compileFields(orders, fields, { exact: false });
  const always = { _id: 1, v: 1, tenant: 1 };

  it('always include the id, the version and the shard key', () => {
    expect(whole()).toEqual({ projection: always, loaded: new Set(['id', 'version', 'tenant']) });
    expect(exact()).toEqual(whole());
    expect(whole('customer', 'id').projection).toEqual({ ...always, customer_id: 1 });
  });

  it('include the discriminator, declared or not', () => {
    expect(compileFields(entityMapOf(Animal), ['name'], { exact: false })).toEqual({
      projection: { _id: 1, species: 1, name: 1 },
      loaded: new Set(['id', 'name']),
    });
    expect(compileFields(entityMapOf(Cat), [], { exact: true }).loaded).toEqual(new Set(['id', 'species']));
  });

  it('of tracked reads load whole root fields', () => {
    expect(whole('items.sku', 'address.city', 'items.0.qty')).toEqual({
      projection: { ...always, items: 1, address: 1 },
      loaded: new Set(['id', 'version', 'tenant', 'items', 'address']),
    });
  });

  it('of read-only reads load the paths, and what is needed to decode them', () => {
    expect(exact('address.city').projection).toEqual({ ...always, 'address.town': 1 });
    expect(exact('items.qty')).toEqual({
      projection: { ...always, 'items.stock_number': 1, 'items.qty': 1 },
      loaded: new Set(['id', 'version', 'tenant', 'items']),
    });
    expect(exact('items.origins.city').projection).toEqual({
      ...always,
      'items.stock_number': 1,
      'items.origins.town': 1,
    });
    expect(exact('payment.amount', 'payments.amount').projection).toEqual({
      ...always,
      'payment.kind': 1,
      'payment.amount': 1,
      'payments.kind': 1,
      'payments.amount': 1,
    });
    expect(exact('stock.de', 'meta.a.b', 'offices.hq.city').projection).toEqual({
      ...always,
      'stock.de': 1,
      'meta.a.b': 1,
      'offices.hq.town': 1,
    });
  });

  it('never name a path beside one that contains it, which the server refuses', () => {
    expect(exact('items.qty', 'items', 'address', 'address.city').projection).toEqual({
      ...always,
      items: 1,
      address: 1,
    });
    expect(exact('items.sku', 'items.qty').projection).toEqual({ ...always, 'items.stock_number': 1, 'items.qty': 1 });
  });

  it('know no positions', () => {
    expect(exact('items.0.qty', 'tags.1').projection).toEqual({ ...always, items: 1, tags: 1 });
  });

  it.each([
    [['totall'], 'Order declares no field "totall"'],
    [['$where'], 'Order.$where'],
    [[5], 'fields contains no path'],
    [[{ total: 1 }], 'fields contains no path'],
    ['total', 'fields is no array'],
    [{ total: 1 }, 'fields is no array'],
  ])('refuse %j', (fields, message) => {
    const error = thrownBy(() => compileFields(orders, fields, { exact: true }));
    expect([error.code, error.message]).toEqual(['InvalidQuery', expect.stringContaining(message)]);
  });
});

@Entity()
class WithUuid {
  @Id() id!: UUID;
}
@Entity()
class WithText {
  @Id() id!: string;
}
@Entity()
class WithNumber {
  @Id() id!: number;
}
@Entity()
class WithBigint {
  @Id() id!: bigint;
}
@Entity()
class WithLong {
  @Id() id!: Long;
}
@Entity()
class WithBinary {
  @Id() id!: Binary;
}

describe('ids', () => {
  const uuid = new UUID();
  const max = 2n ** 63n - 1n;
  it.each<[string, abstract new () => object, unknown, unknown]>([
    ['a UUID', WithUuid, uuid, uuid],
    ['its text', WithUuid, uuid.toHexString(), uuid],
    ['text', WithText, 'a', 'a'],
    ['a number', WithNumber, 5, 5],
    ['a bigint', WithBigint, 5n, Long.fromNumber(5)],
    ['its digits', WithBigint, String(max), Long.fromBigInt(max)],
    ['a small bigint as a number', WithBigint, 5, Long.fromNumber(5)],
    ['a Long', WithLong, Long.fromNumber(5), Long.fromNumber(5)],
    ['a Long as a bigint', WithLong, max, Long.fromBigInt(max)],
    ['its digits', WithLong, String(max), Long.fromBigInt(max)],
    ['a Long as a number', WithLong, 5, Long.fromNumber(5)],
    ['binary', WithBinary, new Binary(Buffer.from('x')), new Binary(Buffer.from('x'))],
  ])('may be %s', (_, target, given, expected) => {
    expect(castId(entityMapOf(target), given)).toEqual(expected);
  });

  it('of ObjectIds may be their digits', () => {
    const id = new ObjectId(hex);
    expect(castId(orders, id)).toBe(id);
    expect(castId(orders, hex)).toEqual(id);
    expect(castId(orders, hex.toUpperCase())).toEqual(id);
    expect(castId(orders, hex)).toBeInstanceOf(ObjectId);
  });

  it.each<[string, abstract new () => object, unknown]>([
    ['other text for a UUID', WithUuid, 'x'],
    ['an ObjectId for a UUID', WithUuid, new ObjectId()],
    ['a number for text', WithText, 5],
    ['half a character', WithText, '\ud800'],
    ['an object for text', WithText, { $gt: '' }],
    ['text for a number', WithNumber, '5'],
    ['no number', WithNumber, NaN],
    ['a fraction for a bigint', WithBigint, 1.5],
    ['a bigint beyond 64 bits', WithBigint, max + 1n],
    ['digits beyond 64 bits', WithBigint, '9999999999999999999'],
    ['digits beyond 64 bits, of a Long', WithLong, '9999999999999999999'],
    ['a bigint beyond 64 bits, of a Long', WithLong, max + 1n],
    ['a fraction of a Long', WithLong, 1.5],
    ['a decimal of a Long', WithLong, Decimal128.fromString('1')],
    ['undefined', WithText, undefined],
    ['null', WithText, null],
  ])('refuse %s', (_, target, given) => {
    const error = thrownBy(() => castId(entityMapOf(target), given));
    expect([error.code, error.status, error.entity]).toEqual(['InvalidId', 400, target.name]);
  });

  it('say what was expected, and not what was given', () => {
    expect(thrownBy(() => castId(orders, 'hunter2')).message).toBe(
      'A string is no valid id of Order. Give an ObjectId, or its 24 hexadecimal digits.',
    );
  });
});

describe('options', () => {
  it('are known', () => {
    const options: Required<FindOptions<Order>> = {
      fields: ['total'],
      sort: { total: 1 },
      limit: 10,
      skip: 0,
      readonly: true,
      refresh: false,
      flushFirst: true,
      validate: false,
      batchSize: 100,
      maxTimeMS: 5000,
      hint: { total: 1 },
      collation: { locale: 'en' },
      readPreference: 'secondary',
      readConcern: { level: 'majority' },
      comment: 'report',
    };
    expect(() => checkFindOptions(options)).not.toThrow();
    expect(() => checkFindOptions({})).not.toThrow();
    expect(() => checkFindOptions({ limit: undefined, sort: undefined })).not.toThrow();
  });

  it.each(['limitt', 'session', 'projection', '__proto__', 'constructor'])('refuse the unknown %s by name', (name) => {
    const error = thrownBy(() => checkFindOptions(JSON.parse(`{${JSON.stringify(name)}:1}`)));
    expect([error.code, error.message]).toEqual(['InvalidOption', expect.stringContaining(`The option "${name}"`)]);
  });

  it.each([
    [{ limit: -1 }, 'the option "limit" must be a whole number, 0 or more'],
    [{ limit: 1.5 }, 'limit'],
    [{ limit: NaN }, 'limit'],
    [{ limit: Infinity }, 'limit'],
    [{ limit: '10' }, 'limit'],
    [{ limit: null }, 'limit'],
    [{ skip: -1 }, 'skip'],
    [{ batchSize: 0.5 }, 'batchSize'],
    [{ maxTimeMS: -5 }, 'maxTimeMS'],
    [{ readonly: 'false' }, 'readonly'],
    [{ refresh: 1 }, 'refresh'],
    [{ sort: 'total' }, 'sort'],
    [{ fields: 'total' }, 'fields'],
    [{ hint: 5 }, 'hint'],
    [{ collation: 'en' }, 'collation'],
    [{ comment: {} }, 'comment'],
    [5, 'the options are no object'],
    [null, 'the options are no object'],
    [[], 'the options are no object'],
  ])('refuse %j', (options, message) => {
    const error = thrownBy(() => checkFindOptions(options, 'Order'));
    expect([error.code, error.message]).toEqual([
      'InvalidQuery',
      expect.stringMatching(new RegExp(`^Order: .*${message}`)),
    ]);
  });
});

describe('pipelines', () => {
  it('are sent as they are', () => {
    const pipeline = [
      { $match: { customer_id: new ObjectId(hex), $expr: { $gt: ['$a', '$b'] } } },
      { $group: { _id: '$status', n: { $sum: 1 }, at: { $max: new Date(0) }, all: { $mergeObjects: '$meta' } } },
      { $facet: { a: [{ $count: 'n' }], b: [{ $sort: new Map([['n', -1]]) }] } },
    ];
    const checked = checkPipeline(pipeline);
    expect(checked).toEqual([...pipeline.slice(0, 2), { $facet: { a: [{ $count: 'n' }], b: [{ $sort: { n: -1 } }] } }]);
    expect(checked[0]).not.toBe(pipeline[0]);
    expect(checkPipeline([])).toEqual([]);
  });

  it.each<[unknown, string]>([
    [{ $match: {} }, 'the pipeline is no array'],
    ['x', 'the pipeline is no array'],
    [undefined, 'the pipeline is no array'],
    [[5], 'stage 0 of the pipeline is no stage'],
    [[{}], 'stage 0 of the pipeline is no stage'],
    [[{ match: {} }], 'stage 0 of the pipeline is no stage'],
    [[{ $match: {} }, { $sort: { a: 1 }, $limit: 1 }], 'stage 1 of the pipeline is no stage'],
    [new Array(1), 'stage 0 of the pipeline is no stage'],
    [[{ $out: 'x' }], '$out writes, and aggregate() only reads'],
    [[{ $merge: { into: 'x' } }], '$merge writes, and aggregate() only reads'],
    [[{ $match: { $where: '1' } }], '$where runs JavaScript'],
    [[{ $project: { a: { $function: {} } } }], '$function runs JavaScript'],
    [[{ $group: { _id: 1, a: { $accumulator: {} } } }], '$accumulator runs JavaScript'],
    [[{ $facet: { a: [{ $match: { $and: [{ $where: '1' }] } }] } }], '$where runs JavaScript'],
    [[{ $lookup: { pipeline: [{ $merge: 'x' }] } }], '$merge writes'],
    [[{ $match: new Map([['$where', '1']]) }], '$where runs JavaScript'],
    [[{ $match: { tenant: undefined } }], 'it contains undefined'],
    [[{ $match: { a: () => 1 } }], 'it contains a function'],
    [[JSON.parse('{"$match":{"__proto__":{"a":1}}}')], 'the name "__proto__" is reserved'],
  ])('refuse %j', (pipeline, message) => {
    const error = thrownBy(() => checkPipeline(pipeline, 'Order'));
    expect([error.code, error.message]).toEqual(['InvalidQuery', expect.stringContaining(`Order: ${message}`)]);
  });
});
