import { describe, expect, it } from '@jest/globals';
import { Code, Decimal128, Long, ObjectId } from 'mongodb';
import { compileFilter, op, type Operator } from '../../../lib/query/index.js';
import { orders } from './shop.js';
import { thrownBy } from './thrown.js';

const hex = '64b0c0c0c0c0c0c0c0c0c0c0';

/** What an operator on a field becomes. */
function on(field: string, operator: unknown): unknown {
  const [condition] = Object.values(compileFilter(orders, { [field]: operator }));
  return condition;
}

describe('operators', () => {
  const placedAt = new Date();
  const cases: [string, string, Operator<any, any>, unknown][] = [
    ['eq', 'total', op.eq(5), 5],
    ['eq of an object', 'address', op.eq({ city: 'x' }), { $eq: { town: 'x' } }],
    ['ne', 'customer', op.ne(hex), { $ne: new ObjectId(hex) }],
    ['ne of null', 'note', op.ne(null), { $ne: null }],
    ['ne of a RegExp', 'pattern', op.ne(/x/), { $not: { $eq: /x/ } }],
    ['gt', 'placedAt', op.gt(placedAt), { $gt: placedAt }],
    ['gt of JSON', 'placedAt', op.gt('2026-01-02'), { $gt: new Date('2026-01-02') }],
    ['gte', 'price', op.gte(1.5), { $gte: Decimal128.fromString('1.5') }],
    ['lt', 'big', op.lt(5n), { $lt: Long.fromNumber(5) }],
    ['lte', 'items.qty', op.lte(5), { $lte: 5 }],
    ['gt of an element', 'points', op.gt(5), { $gt: 5 }],
    ['in', 'customer', op.in([hex, null]), { $in: [new ObjectId(hex), null] }],
    ['in of nothing', 'total', op.in([]), { $in: [] }],
    ['in of a Set', 'total', op.in(new Set([1]) as never), { $in: [1] }],
    ['in of elements and arrays', 'tags', op.in<string | string[]>(['a', ['b']]), { $in: ['a', ['b']] }],
    ['in of a Set field', 'roles', op.in(['a']), { $in: ['a'] }],
    ['nin', 'status', op.nin(['open']), { $nin: ['open'] }],
    ['exists', 'note', op.exists(), { $exists: true }],
    ['exists not', 'note', op.exists(false), { $exists: false }],
    ['contains', 'note', op.contains('x'), { $regex: 'x', $options: '' }],
    ['contains, any case', 'note', op.contains('x', { ignoreCase: true }), { $regex: 'x', $options: 'i' }],
    ['startsWith', 'note', op.startsWith('x'), { $regex: '^x', $options: '' }],
    ['endsWith', 'tags', op.endsWith('x'), { $regex: 'x\\z', $options: '' }],
    ['matches', 'meta.name', op.matches(/^a.b\/$/gims), { $regex: '^a.b\\/$', $options: 'ims' }],
    ['all', 'tags', op.all(['a', 'b']), { $all: ['a', 'b'] }],
    ['all through an array', 'items.sku', op.all(['a']), { $all: ['a'] }],
    ['all of arrays', 'matrix', op.all([[1], [2]]), { $all: [[1], [2]] }],
    ['size', 'items', op.size(2), { $size: 2 }],
    ['size of a free-form value', 'meta', op.size(0), { $size: 0 }],
    [
      'elemMatch of a filter',
      'items',
      op.elemMatch<any>({ sku: 'a', qty: op.gt(1) }),
      { $elemMatch: { stock_number: 'a', qty: { $gt: 1 } } },
    ],
    [
      'elemMatch of an operator',
      'points',
      op.elemMatch<number>(op.allOf(op.gt(1), op.lt(5))),
      { $elemMatch: { $gt: 1, $lt: 5 } },
    ],
    ['elemMatch of equality', 'tags', op.elemMatch<string>(op.eq('a')), { $elemMatch: { $eq: 'a' } }],
    [
      'elemMatch in elemMatch',
      'items',
      op.elemMatch<any>({ origins: op.elemMatch<any>({ city: 'x' }) }),
      { $elemMatch: { origins: { $elemMatch: { town: 'x' } } } },
    ],
    [
      'elemMatch of arrays',
      'matrix',
      op.elemMatch<number[]>(op.elemMatch<number>(op.gt(1))),
      { $elemMatch: { $elemMatch: { $gt: 1 } } },
    ],
    ['elemMatch of a free-form value', 'meta', op.elemMatch<any>({ 'a.b': 1 }), { $elemMatch: { 'a.b': 1 } }],
    ['elemMatch of a free-form element', 'meta', op.elemMatch<any>(op.gt(1)), { $elemMatch: { $gt: 1 } }],
    ['not', 'total', op.not(op.gt(5)), { $not: { $gt: 5 } }],
    ['not of a value', 'customer', op.not(hex), { $not: { $eq: new ObjectId(hex) } }],
    ['not of not', 'note', op.not(op.not(op.contains('x'))), { $not: { $not: { $regex: 'x', $options: '' } } }],
    ['mod', 'total', op.mod(4, 1), { $mod: [4, 1] }],
    ['mod of bigint', 'big', op.mod(4n, 1n), { $mod: [4n, 1n] }],
    ['allOf', 'total', op.allOf(op.gte(1), op.lt(5)), { $gte: 1, $lt: 5 }],
    [
      'raw',
      'address',
      op.raw({
        $geoWithin: {
          $box: [
            [1, 2],
            [3, 4],
          ],
        },
      }),
      {
        $geoWithin: {
          $box: [
            [1, 2],
            [3, 4],
          ],
        },
      },
    ],
    ['raw with values of BSON', 'meta', op.raw({ $in: [new ObjectId(hex), /x/] }), { $in: [new ObjectId(hex), /x/] }],
  ];
  it.each(cases)('%s', (_, field, operator, expected) => {
    expect(on(field, operator)).toEqual(field === 'total' && expected === 5 ? { $eq: 5 } : expected);
  });

  it('are all tried above', () => {
    const tried = new Set(cases.map(([name]) => name.split(/[ ,]/)[0]));
    expect(Object.keys(op).filter((name) => !tried.has(name))).toEqual(['and', 'or', 'nor']);
  });

  it('look for text literally', () => {
    const text = '\\ ^ $ . * + ? ( ) [ ] { } | / - # a1 é 💥 \\E';
    for (const operator of [op.contains(text), op.startsWith(text)]) {
      const { $regex } = on('note', operator) as { $regex: string };
      expect(`x${text}`.replace(/^x/, '')).toMatch(new RegExp($regex));
      expect(text.replace('.', 'x')).not.toMatch(new RegExp($regex));
    }
    expect(on('note', op.contains('.*'))).toEqual({ $regex: '\\.\\*', $options: '' });
    expect(on('note', op.endsWith('$'))).toEqual({ $regex: '\\$\\z', $options: '' });
  });

  const refused: [string, string, unknown, string][] = [
    ['gt of another type', 'total', op.gt('5'), 'Order.total: expected a number, got a string.'],
    ['gt of undefined', 'total', op.gt(undefined), 'Order.total: it is undefined.'],
    ['gt of a RegExp', 'pattern', op.gt(/x/), 'op.gt() compares, and a RegExp searches'],
    ['eq of undefined', 'note', op.eq(undefined), 'Order.note: it is undefined.'],
    ['ne of undefined', 'note', op.ne(undefined), 'Order.note: it is undefined.'],
    ['eq of an operator', 'note', op.eq(op.ne('x')), 'an operator stands inside a value'],
    ['in of no array', 'total', op.in(5 as never), 'op.in() takes an array'],
    ['in of a string', 'note', op.in('abc' as never), 'op.in() takes an array'],
    ['in of undefined', 'note', op.in(undefined as never), 'op.in() takes an array'],
    ['in of a hole', 'note', op.in(new Array<string>(1)), 'it is undefined'],
    ['in of an operator', 'note', op.in([op.ne('x')] as never), 'an operator stands inside a value'],
    ['in of a RegExp', 'meta', op.in([/x/]), 'op.in() compares, and a RegExp searches'],
    ['nin of a RegExp', 'pattern', op.nin([/x/]), 'op.nin() compares, and a RegExp searches'],
    ['all of a RegExp', 'meta', op.all([/x/]), 'op.all() compares, and a RegExp searches'],
    ['all of no array', 'tags', op.all('a' as never), 'op.all() takes an array'],
    ['exists of text', 'note', op.exists('false' as never), 'op.exists() takes a boolean'],
    ['contains on a number', 'total', op.contains('x'), 'Order.total: op.contains() is for text.'],
    ['contains of an object', 'note', op.contains({} as never), 'op.contains() takes a string'],
    ['contains of undefined', 'note', op.contains(undefined as never), 'op.contains() takes a string'],
    ['startsWith with NUL', 'note', op.startsWith('a\0'), 'without NUL'],
    ['endsWith with half a character', 'note', op.endsWith('\ud800'), 'lone surrogates'],
    ['contains of too much', 'note', op.contains('.'.repeat(20_000)), 'the text to look for is too long'],
    ['contains with another option', 'note', op.contains('x', { ignorecase: true } as never), 'no option "ignorecase"'],
    ['contains with other options', 'note', op.contains('x', 'i' as never), 'no option "options"'],
    ['matches of text', 'note', op.matches('x' as never), 'op.matches() takes a RegExp'],
    ['matches with the flag y', 'note', op.matches(/x/y), 'no flags v and y'],
    ['matches on an ObjectId', 'customer', op.matches(/x/), 'op.matches() is for text'],
    ['matches with NUL', 'note', op.matches(new RegExp(['a', 'b'].join('\0'))), 'contains NUL'],
    ['size of a fraction', 'tags', op.size(1.5), 'op.size() takes a whole number'],
    ['size below 0', 'tags', op.size(-1), 'op.size() takes a whole number'],
    ['size of text', 'tags', op.size('1' as never), 'op.size() takes a whole number'],
    ['size on no array', 'total', op.size(1), 'Order.total: op.size() is for arrays.'],
    ['elemMatch on no array', 'total', op.elemMatch<any>({}), 'Order.total: op.elemMatch() is for arrays.'],
    [
      'elemMatch of an unknown field',
      'items',
      op.elemMatch<any>({ skuu: 1 }),
      'items.skuu: LineItem declares no field',
    ],
    ['elemMatch of undefined', 'items', op.elemMatch<any>(undefined as never), 'the filter is no plain object'],
    [
      'elemMatch of undefined inside',
      'items',
      op.elemMatch<any>({ sku: undefined }),
      'Order.items.sku: it is undefined.',
    ],
    ['elemMatch of another type', 'points', op.elemMatch<any>(op.gt('x')), 'Order.points: expected a number'],
    ['not of undefined', 'note', op.not(undefined), 'it is undefined'],
    ['not of another type', 'total', op.not('x'), 'expected a number'],
    ['mod of a fraction', 'total', op.mod(1.5, 0), 'op.mod() takes whole numbers'],
    ['mod of 0', 'total', op.mod(0, 0), 'cannot divide by 0'],
    ['mod of undefined', 'total', op.mod(2, undefined as never), 'op.mod() takes whole numbers'],
    ['mod beyond 64 bits', 'big', op.mod(2n ** 70n, 0n), 'op.mod() takes whole numbers'],
    ['allOf of nothing', 'total', op.allOf(), 'op.allOf() was given no operator'],
    ['allOf of a value', 'total', op.allOf(5 as never), 'op.allOf() takes operators'],
    ['allOf of the same twice', 'note', op.allOf(op.contains('a'), op.contains('b')), 'can say $regex only once'],
    ['raw of nothing', 'note', op.raw({}), 'op.raw() takes an object of operators'],
    ['raw of names', 'note', op.raw({ a: 1 } as never), 'op.raw() takes an object of operators'],
    ['raw of an array', 'note', op.raw([] as never), 'op.raw() takes an object of operators'],
    ['raw of text', 'note', op.raw('$gt' as never), 'op.raw() takes an object of operators'],
    ['raw of undefined', 'note', op.raw(undefined as never), 'it contains undefined'],
    ['raw of undefined inside', 'note', op.raw({ $gt: undefined }), 'it contains undefined'],
    ['raw of a function', 'note', op.raw({ $gt: () => 1 }), 'it contains a function'],
    ['raw of $where', 'note', op.raw({ $where: '1' }), '$where runs JavaScript'],
    ['raw of $expr', 'note', op.raw({ $elemMatch: { $expr: {} } }), '$expr takes text that starts with $'],
    ['raw of $function', 'note', op.raw({ $not: [{ a: { $function: {} } }] }), '$function runs JavaScript'],
    ['raw of $accumulator', 'note', op.raw({ $in: [[{ $accumulator: 1 }]] }), '$accumulator runs JavaScript'],
    ['raw of $where in a Map', 'note', op.raw({ $in: new Map([['$where', 1]]) }), '$where runs JavaScript'],
    ['raw of $where in a Set', 'note', op.raw({ $in: new Set([{ $where: new Code('1') }]) }), '$where runs JavaScript'],
    ['raw of a reserved name', 'note', op.raw({ $eq: JSON.parse('{"__proto__":{}}') }), '"__proto__" is reserved'],
    ['raw of an imitation', 'note', op.raw({ $eq: { _bsontype: 'Code', code: '1' } }), '"_bsontype" is reserved'],
    ['raw of NUL', 'note', op.raw({ $eq: { 'a\0': 1 } }), 'contains NUL'],
  ];
  it.each(refused)('refuse %s', (_, field, operator, message) => {
    const error = thrownBy(() => on(field, operator));
    expect(error.message).toContain(message);
    expect(error.status).toBe(400);
  });

  it('send a copy of what is raw, so that nothing can change after it was checked', () => {
    let reads = 0;
    const sly = {
      get value() {
        return reads++ === 0 ? 1 : { $where: 'x' };
      },
      toBSON: undefined,
    };
    delete (sly as { toBSON?: unknown }).toBSON;
    expect(on('meta', op.raw({ $eq: sly }))).toEqual({ $eq: { value: 1 } });
    expect(reads).toBe(1);
    expect(thrownBy(() => on('meta', op.raw({ $eq: { toBSON: () => ({ $where: 'x' }) } }))).code).toBe('InvalidQuery');
    const circular: Record<string, unknown> = {};
    circular.a = circular;
    expect(thrownBy(() => on('meta', op.raw({ $eq: circular }))).message).toContain('deeper than 100 levels');
  });
});
