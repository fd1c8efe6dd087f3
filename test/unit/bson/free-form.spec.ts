import { describe, expect, it } from '@jest/globals';
import {
  BSON,
  BSONRegExp,
  BSONSymbol,
  Binary,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';
import { arrayOf, documentOf, objectOf, storedValue, type StoredElement } from '../../support/arbitrary-bson.js';
import { mistake } from '../mapping/mistake.js';
import { OneField, rawOf, sent, stored } from './subjects.js';

const free = new OneField({ type: Object });
const id = new ObjectId('507f1f77bcf86cd799439011');
const int = (value: number) => storedValue.int32(value);

/** Values of every kind, each unlike all others. */
const DISTINCT: readonly unknown[] = [
  ...[null, true, false, 0, 1, 1.5, NaN, Infinity, -Infinity, 2n ** 60n, '', 'a', 'true', '1', 'NaN'],
  ...[new Date(0), new Date(1), new Date(NaN), /a/, /a/i, /b/, new BSONRegExp('a', 'x'), new Timestamp(1n)],
  ...[id, new ObjectId(), Decimal128.fromString('1'), Decimal128.fromString('1.0'), new MinKey(), new MaxKey()],
  ...[Buffer.from('a'), Buffer.from('b'), new Binary(Buffer.from('a'), 5), new UUID(), new Code('a'), new Code('b')],
  ...[
    new Code('a', { b: 1 }),
    new Code('a', { b: 2 }),
    new DBRef('a', id),
    new DBRef('b', id),
    new DBRef('a', id, 'd'),
  ],
  ...[[], [null], [1], [1, 2], [2, 1], [[1]], {}, { a: 1 }, { a: 2 }, { b: 1 }, { a: null }, { a: { b: 1 } }],
  ...[{ a: [1] }, { 0: 1 }, JSON.parse('{"__proto__":1}'), { constructor: 1 }, { length: 0 }, { a: '1' }],
];

describe('free-form values', () => {
  it('are equal to themselves only', () => {
    for (const [i, a] of DISTINCT.entries()) {
      for (const [j, b] of DISTINCT.entries()) expect([i, j, free.same(a, b)]).toEqual([i, j, i === j]);
    }
  });

  it.each<[unknown, unknown]>([
    [5, 5n],
    [5, new Int32(5)],
    [5, new Double(5)],
    [5, Long.fromNumber(5)],
    [0, -0],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [{ a: 1 }, { a: 1, b: undefined }],
    [
      [1, null],
      [1, undefined],
    ],
    [new Array(2), [null, null]],
    [new Map([['a', 1]]), { a: 1 }],
    [new Map([['a', undefined]]), {}],
    [new Map([[1, 'x']]), { 1: 'x' }],
    [new Set([1, 2]), [1, 2]],
    [Buffer.from('a'), new Binary(Buffer.from('a'))],
    [new Uint8Array([97]), Buffer.from('a')],
    [
      new UUID('00112233-4455-6677-8899-aabbccddeeff'),
      new Binary(Buffer.from('00112233445566778899aabbccddeeff', 'hex'), 4),
    ],
    [new BSONRegExp('a/b', 'im'), /a\/b/im],
    [/a/g, new BSONRegExp('a', 's')],
    [new BSONSymbol('s'), 's'],
    [new DBRef('c', id, 'd'), { $ref: 'c', $id: id, $db: 'd' }],
    [Object.assign(Object.create({ inherited: 1 }) as object, { a: 1 }), { a: 1 }],
  ])('are equal as they would be stored: %p and %p', (a, b) => {
    expect(free.same(a, b)).toBe(true);
    expect(free.same({ deep: [a] }, { deep: [b] })).toBe(true);
  });

  it('come back equal to what was written, so that a second flush finds no change', () => {
    const values = DISTINCT.filter((value) => !(value instanceof Date && Number.isNaN(value.getTime())));
    const more = [
      new Map([['a', new Set([1n])]]),
      new BSONSymbol('s'),
      new BSONRegExp('a/b', 'i'),
      { a: undefined },
      new Array(1),
    ];
    for (const value of [...values, ...more, 5n, new Double(5), { list: values }]) {
      if (value === null) continue;
      expect([value, free.same(value, free.again(value))]).toEqual([value, true]);
    }
  });

  it('of the classes of the driver keep their type', () => {
    for (const value of [new Int32(5), new Double(5), Long.fromNumber(5), new Timestamp(5n), new BSONSymbol('s')]) {
      expect(sent(free.write(value))).toBe(sent(value));
    }
    expect(sent(free.write(5n))).toBe('18:0500000000000000');
    expect(sent(free.write(new Code('f()', { x: 5n })))).toBe(sent(new Code('f()', { x: Long.fromNumber(5) })));
    expect(sent(free.write(new DBRef('c', id, 'd', { x: 1 })))).toBe(sent(new DBRef('c', id, 'd', { x: 1 })));
  });
});

describe('names', () => {
  it('of other prototypes are names like others', () => {
    const input = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1}');
    const again = free.again(input);
    expect(Object.keys(again)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(Object.getPrototypeOf(again)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(again, '__proto__')?.value).toEqual({ polluted: 1 });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('that js-bson reserves are names like others', () => {
    const input = JSON.parse('{"_bsontype":"ObjectId","id":"x"}');
    expect(free.again(input)).toEqual(input);
    expect(free.again({ list: [input], 1: { _bsontype: 5 } })).toEqual({ list: [input], 1: { _bsontype: 5 } });
    expect(free.same(input, free.again(input))).toBe(true);
  });

  it('keep the order they are stored in, where a plain object would not', () => {
    const names = ['b', '10', 'a', '2', ''];
    const bytes = objectOf(names.map((name) => ({ name, ...int(1) })));
    const value = free.read(bytes) as Record<string, unknown>;
    value.new = 2;
    const expected = [...names.map((name) => ({ name, ...int(1) })), { name: 'new', ...int(2) }];
    expect(sent(free.write(value, bytes))).toBe(sent(rawOf(objectOf(expected))));
  });

  it('with NUL or a lone surrogate are refused', () => {
    expect(free.refusal({ a: { 'x\0': 1 } })).toMatch(/^field\.a: .*name "x\\u0000" contains NUL/);
    expect(free.refusal([{ '\ud800': 1 }])).toMatch(/^field\.0: .*contains NUL or a lone surrogate/);
    expect(free.refusal(new Map([['\0', 1]]))).toMatch(/contains NUL/);
  });
});

describe('what cannot be stored as it is', () => {
  it.each<[string, unknown, RegExp]>([
    ['an invalid Date', new Date(NaN), /expected a valid Date/],
    ['a bigint of 65 bits', 2n ** 64n + 5n, /expected a bigint of 64 bits/],
    ['a lone surrogate', 'a\ud800', /expected text without lone surrogates/],
    ['a lone surrogate in code', new Code('\ud800'), /text without lone surrogates/],
    ['an invalid Date in the scope of code', new Code('a', { d: new Date(NaN) }), /valid Date/],
    ['a lone surrogate in a pattern', new BSONRegExp('\ud800'), /text without lone surrogates/],
    ['a lone surrogate in a symbol', new BSONSymbol('\ud800'), /text without lone surrogates/],
    ['a lone surrogate in a reference', new DBRef('\ud800', id), /text without lone surrogates/],
    ['a flag that is lost', /a/u, /flags "u" cannot be stored/],
    ['a function', () => 1, /got a function/],
    ['a symbol', Symbol('s'), /got a symbol/],
    ['an Error', new Error('e'), /a value of Error cannot be stored/],
    ['a typed array', new Float64Array(1), /a value of Float64Array cannot be stored/],
    ['an ArrayBuffer', new ArrayBuffer(1), /a value of ArrayBuffer cannot be stored/],
    ['a WeakMap', new WeakMap(), /a value of WeakMap cannot be stored/],
    ['a Promise', Promise.resolve(), /a value of Promise cannot be stored/],
    ['a boxed string', Object('s'), /a value of String cannot be stored/],
    ['a generator', (function* () {})(), /cannot be stored/],
    ['a value of another js-bson', foreign(), /another version of bson/],
  ])('is refused with its place: %s', (_what, value, reason) => {
    expect(free.refusal(value)).toMatch(reason);
    expect(free.refusal({ a: [0, { b: value }] })).toMatch(/^field\.a\.1\.b/);
    expect(free.refusal(new Map([['a', new Set([value])]]))).toMatch(/^field\.a\.0/);
  });

  it('is refused when it contains itself, or is nested too deep', () => {
    const ring: Record<string, unknown> = { a: [] };
    (ring.a as unknown[]).push({ ring });
    expect(free.refusal(ring)).toMatch(/^field\.a\.0\.ring: .*contains itself/);
    const twice = { a: 1 };
    expect(free.again([twice, twice])).toEqual([twice, twice]);
    const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
    expect(free.again(deep(100))).toEqual(deep(100));
    expect(mistake(() => free.write(deep(101))).code).toBe('PlanTooLarge');
  });
});

function foreign(): object {
  class Foreign {
    get _bsontype() {
      return 'ObjectId';
    }
    get [Symbol.for('@@mdb.bson.version')]() {
      return 1;
    }
  }
  return new Foreign();
}

describe('what is stored', () => {
  const odd: StoredElement[] = [
    { name: 'undefined', ...storedValue.undefined() },
    { name: 'symbol', ...storedValue.symbol('s') },
    { name: 'pointer', ...storedValue.dbPointer('db.c', id.id) },
    { name: 'code', ...storedValue.codeWithScope('x', [{ name: 'd', ...storedValue.date(2n ** 63n - 1n) }]) },
    { name: 'date', ...storedValue.date(2n ** 63n - 1n) },
    { name: 'regex', ...storedValue.regex('a', 'xs') },
    { name: 'pattern', ...storedValue.regex('(?i)(', '') },
    { name: 'flags', ...storedValue.regex('a', 'qi') },
    { name: 'double', ...storedValue.double(5) },
    { name: 'long', ...storedValue.int64(5n) },
    { name: 'nan', type: 1, bytes: Buffer.from('010000000000f87f', 'hex') },
    { name: 'old', ...storedValue.binary(Buffer.from('a'), 2) },
    { name: 'timestamp', ...storedValue.timestamp(5n) },
    { name: 'min', ...storedValue.minKey() },
    { name: 'name\x07', ...storedValue.date(2n ** 63n - 1n) },
    { name: '', ...objectOf([{ name: '\x07', ...storedValue.symbol('deep') }]) },
  ];

  it('is read as the driver reads it, or with more of it', () => {
    const value = free.read(objectOf(odd));
    expect(value).toMatchObject({
      undefined: undefined,
      symbol: 's',
      pointer: new DBRef('db.c', id),
      regex: new BSONRegExp('a', 'sx'), // js-bson drops the flag x
      pattern: new BSONRegExp('(?i)(', ''), // js-bson throws a SyntaxError
      flags: /a/i,
      double: 5,
      long: 5,
      nan: NaN,
      timestamp: new Timestamp(5n),
      min: new MinKey(),
    });
    expect(value.date.getTime()).toBeNaN();
    expect(value.code.scope.d.getTime()).toBeNaN();
  });

  it('survives a change beside it', () => {
    const bytes = objectOf(odd);
    const value = free.read(bytes);
    value.changed = 1;
    expect(sent(free.write(value, bytes))).toBe(sent(rawOf(objectOf([...odd, { name: 'changed', ...int(1) }]))));
    delete value.changed;
    expect(free.same(value, free.read(bytes))).toBe(true);
  });

  it('survives in an array that is changed around it', () => {
    const bytes = arrayOf(odd);
    const value = free.read(bytes) as unknown[];
    value.push('new');
    expect(sent(free.write(value, bytes))).toBe(sent(rawOf(arrayOf([...odd, stored('new')]))));
    value.splice(1, 1);
    value.pop();
    expect(sent(free.write(value, bytes))).toBe(sent(rawOf(arrayOf(odd.filter(({ name }) => name !== 'symbol')))));
  });

  it.each([
    // Found by the properties, and kept.
    ['equal values of two types', [storedValue.string(''), storedValue.symbol(''), storedValue.string('')]],
    [
      'Dates beyond JavaScript around null',
      [storedValue.date(2n ** 60n), storedValue.null(), storedValue.date(2n ** 61n)],
    ],
    ['NaN, Infinity and null', [storedValue.double(NaN), storedValue.null(), storedValue.double(Infinity)]],
  ])('survives being shifted: %s', (_what, values) => {
    const bytes = arrayOf(values);
    const value = free.read(bytes) as unknown[];
    value.unshift('new');
    expect(sent(free.write(value, bytes))).toBe(sent(rawOf(arrayOf([stored('new'), ...values]))));
  });

  it('survives a move to another place, and into another field', () => {
    const bytes = objectOf([{ name: 'from', ...objectOf(odd) }]);
    const value = free.read(bytes) as Record<string, unknown>;
    expect(sent(free.write({ to: [value.from] }, bytes))).toBe(
      sent(rawOf(objectOf([{ name: 'to', ...arrayOf([objectOf(odd)]) }]))),
    );
    expect(sent(new OneField({ type: Object }).write({ to: value.from }))).toBe(
      sent(rawOf(objectOf([{ name: 'to', ...objectOf(odd) }]))),
    );
  });

  it('is not kept where it was replaced', () => {
    const bytes = objectOf(odd);
    expect(sent(free.write({ undefined: 1, symbol: 't' }, bytes))).toBe(sent({ undefined: 1, symbol: 't' }));
    expect(sent(free.write({}, bytes))).toBe(sent({}));
  });

  it('is a DBRef where js-bson says so', () => {
    const reference = [
      { name: '$ref', ...storedValue.string('c') },
      { name: '$id', ...storedValue.symbol('s') },
      { name: '$db', ...storedValue.string('d') },
      { name: 'more', ...int(1) },
    ];
    for (const elements of [
      reference,
      reference.slice(0, 2),
      reference.toReversed(),
      reference.slice(1),
      reference.slice(0, 1),
      [...reference, { name: '$other', ...int(1) }],
      [{ name: '$ref', ...int(1) }, reference[1]!],
      [reference[0]!, { name: '$id', ...storedValue.null() }],
      [reference[0]!, reference[1]!, { name: '$db', ...int(1) }],
    ]) {
      const theirs = BSON.deserialize(documentOf([{ name: 'v', ...objectOf(elements) }])).v;
      expect(free.read(objectOf(elements)) instanceof DBRef).toBe(theirs instanceof DBRef);
      expect(free.read(objectOf(elements))).toEqual(theirs);
    }
    const list = arrayOf([objectOf(reference)]);
    const value = free.read(list) as unknown[];
    value.push(1);
    expect(sent(free.write(value, list))).toBe(sent(rawOf(arrayOf([objectOf(reference), int(1)]))));
  });
});

describe('containers', () => {
  it('are new each time they are read', () => {
    const bytes = stored({ a: { b: [1, { c: new Date(0) }] } });
    const [one, two] = [free.read(bytes), free.read(bytes)];
    one.a.b[1].c.setTime(9);
    one.a.b.push(2);
    expect(two).toEqual({ a: { b: [1, { c: new Date(0) }] } });
  });

  it('are written whatever holds them: instances, Maps, Sets, sparse arrays', () => {
    class Point {
      x = 1;
      hidden = undefined;
      get twice() {
        return this.x * 2;
      }
    }
    expect(free.again(new Point())).toEqual({ x: 1 });
    expect(free.again(new Map<string, unknown>([['a', new Set([1, 'b'])]]))).toEqual({ a: [1, 'b'] });
    // eslint-disable-next-line no-sparse-arrays -- a hole is what is stored here
    expect(free.again([1, , undefined, 3])).toEqual([1, null, null, 3]);
    expect(free.again(Object.create(null))).toEqual({});
  });
});
