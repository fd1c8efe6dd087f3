import { describe, expect, it } from '@jest/globals';
import { Binary, Decimal128, ObjectId } from 'mongodb';
import { Embedded, Prop } from '../../../lib/mapping/index.js';
import { arrayOf, objectOf, storedValue } from '../../support/arbitrary-bson.js';
import { OneField, rawOf, sent, stored } from './subjects.js';

@Embedded()
class Address {
  @Prop() city!: string;
}

const int = storedValue.int32;
const address = (city: string, hidden: number) =>
  objectOf([
    { name: 'city', ...storedValue.string(city) },
    { name: 'hidden', ...int(hidden) },
  ]);

describe('arrays', () => {
  const numbers = new OneField({ type: [Number] });
  const mixed = arrayOf([storedValue.double(1), storedValue.int64(2n), int(3), storedValue.double(1)]);

  it('are read and written by their elements', () => {
    expect(numbers.read(mixed)).toEqual([1, 2, 3, 1]);
    expect(numbers.again([1, 2.5, 3])).toEqual([1, 2.5, 3]);
    expect(numbers.again([])).toEqual([]);
    expect(new OneField({ type: [[Number]] }).again([[1], [], [2, 3]])).toEqual([[1], [], [2, 3]]);
    expect(new OneField({ type: [ObjectId] }).again([new ObjectId()])[0]).toBeInstanceOf(ObjectId);
  });

  it('are equal element by element, in order', () => {
    expect(numbers.same([1, 2], [1, 2])).toBe(true);
    expect(numbers.same([1, 2], [2, 1])).toBe(false);
    expect(numbers.same([1], [1, 1])).toBe(false);
    expect(numbers.same([], null)).toBe(false);
    expect(numbers.same([null], [undefined])).toBe(true);
    expect(new OneField({ type: [[Number]] }).same([[1]], [[1]])).toBe(true);
    expect(new OneField({ type: [[Number]] }).same([[1]], [[2]])).toBe(false);
  });

  it.each<[string, (list: number[]) => void, () => unknown]>([
    ['pushed to', (l) => l.push(9), () => arrayOf([...elements(mixed), int(9)])],
    ['unshifted', (l) => l.unshift(9), () => arrayOf([int(9), ...elements(mixed)])],
    ['spliced', (l) => l.splice(1, 1), () => arrayOf([0, 2, 3].map((i) => elements(mixed)[i]!))],
    ['cut', (l) => (l.length = 2), () => arrayOf(elements(mixed).slice(0, 2))],
    ['reversed', (l) => l.reverse(), () => arrayOf([0, 2, 1, 3].map((i) => elements(mixed)[i]!))],
    ['sorted', (l) => l.sort(), () => arrayOf([0, 3, 1, 2].map((i) => elements(mixed)[i]!))],
    ['overwritten', (l) => (l[2] = 9), () => arrayOf([0, 1, -1, 3].map((i) => (i < 0 ? int(9) : elements(mixed)[i]!)))],
  ])('that were %s keep the bytes of the elements that stay', (_what, change, expected) => {
    const list = numbers.read(mixed) as number[];
    change(list);
    expect(sent(numbers.write(list, mixed))).toBe(sent(rawOf(expected() as never)));
  });

  it('keep elements of another type than declared, and refuse new ones', () => {
    const legacy = arrayOf([storedValue.string('1'), int(2), storedValue.date(2n ** 63n - 1n), storedValue.null()]);
    const list = numbers.read(legacy) as unknown[];
    expect(list.slice(0, 2)).toEqual(['1', 2]);
    list.splice(1, 1);
    const expected = arrayOf([storedValue.string('1'), storedValue.date(2n ** 63n - 1n), storedValue.null()]);
    expect(sent(numbers.write(list, legacy))).toBe(sent(rawOf(expected)));
    list.push('3');
    expect(numbers.refusal(list, legacy)).toMatch(/^field\.3: Thing\.field\.3: expected a number, got a string/);
    list.splice(3, 1, '1'); // of which there is only one
    expect(numbers.refusal(list, legacy)).toMatch(/^field\.3: /);
  });

  it('keep Dates that JavaScript does not know, and Decimals, wherever they move', () => {
    const dates = new OneField({ type: [Date] });
    const beyond = storedValue.date(2n ** 63n - 1n);
    const list = dates.read(arrayOf([storedValue.date(0n), beyond])) as Date[];
    expect(sent(dates.write(list.toReversed(), arrayOf([storedValue.date(0n), beyond])))).toBe(
      sent(rawOf(arrayOf([beyond, storedValue.date(0n)]))),
    );
    list.push(new Date(NaN));
    expect(dates.refusal(list, arrayOf([storedValue.date(0n), beyond]))).toMatch(/^field\.2: .*valid Date/);

    const prices = new OneField({ type: [Decimal128] });
    const odd = storedValue.decimal128(Buffer.alloc(16, 0x6f)); // a number written in another way
    expect(sent(prices.write([new Decimal128(odd.bytes), Decimal128.fromString('1')], arrayOf([odd])))).toBe(
      sent(rawOf(arrayOf([odd, stored(Decimal128.fromString('1'))]))),
    );
  });

  it('may lack elements, and hold null', () => {
    expect(numbers.again([1, null, undefined, 2])).toEqual([1, null, null, 2]);
    expect(numbers.again(new Array(2))).toEqual([null, null]);
  });

  it('refuse what is none', () => {
    for (const value of ['a', 1, {}, new Set([1]), { length: 1, 0: 1 }]) {
      expect(numbers.refusal(value)).toMatch(/expected an array/);
    }
    expect(new OneField({ type: [[Number]] }).refusal([[1], [1, 'a']])).toMatch(/^field\.1\.1: /);
    const ring: unknown[] = [];
    ring.push(ring);
    expect(new OneField({ type: [Object] }).refusal(ring)).toMatch(/contains itself/);
  });

  it('stored as something else read as that', () => {
    expect(numbers.read(storedValue.string('a'))).toBe('a');
    expect(numbers.read(int(1))).toBe(1);
    expect(numbers.same('a', ['a'])).toBe(false);
  });

  it('of arrays keep the bytes of a row that moved', () => {
    const matrix = new OneField({ type: [[Number]] });
    const rows = [arrayOf([storedValue.double(1)]), arrayOf([storedValue.int64(2n), int(3)])];
    const list = matrix.read(arrayOf(rows)) as number[][];
    list[1]!.push(4);
    expect(sent(matrix.write(list.toReversed(), arrayOf(rows)))).toBe(
      sent(rawOf(arrayOf([arrayOf([storedValue.int64(2n), int(3), int(4)]), rows[0]!]))),
    );
  });
});

function elements({ bytes }: { bytes: Buffer }) {
  return rawOf({ type: 4, bytes })
    .elements()
    .map(({ type, bytes: all, start, end }) => ({ type, bytes: Buffer.from(all.subarray(start, end)) }));
}

describe('Sets', () => {
  const tags = new OneField({ type: Set, of: String });

  it('are stored as arrays, without regard to order and duplicates', () => {
    expect(tags.read(arrayOf(['a', 'b', 'a'].map(storedValue.string)))).toEqual(new Set(['a', 'b']));
    expect(sent(tags.write(new Set(['a', 'b'])))).toBe(sent(['a', 'b']));
    expect(tags.same(new Set(['a', 'b']), new Set(['b', 'a']))).toBe(true);
    expect(tags.same(new Set(['a']), new Set(['a', 'b']))).toBe(false);
    expect(tags.same(new Set(), new Set())).toBe(true);
    expect(tags.same(new Set(), null)).toBe(false);
  });

  it('compare their values, not their identity', () => {
    const ids = new OneField({ type: Set, of: ObjectId });
    const list = [new ObjectId(), new ObjectId()];
    const copy = list.map((one) => new ObjectId(one.toHexString()));
    expect(ids.same(new Set(list), new Set(copy.reverse()))).toBe(true);
    expect(ids.same(new Set(list), new Set([list[0]]))).toBe(false);
  });

  it('keep the bytes of the values that stay', () => {
    const numbers = new OneField({ type: Set, of: Number });
    const bytes = arrayOf([storedValue.double(1), storedValue.int64(2n), storedValue.string('3')]);
    const set = numbers.read(bytes) as Set<unknown>;
    set.delete(1);
    set.add(4);
    expect(sent(numbers.write(set, bytes))).toBe(
      sent(rawOf(arrayOf([storedValue.int64(2n), storedValue.string('3'), int(4)]))),
    );
  });

  it('refuse what is none, and values of another type', () => {
    expect(tags.refusal(['a'])).toMatch(/expected a Set, got an array/);
    expect(tags.refusal(new Set(['a', 1]))).toMatch(/^field\.1: .*expected a string/);
  });

  it('may hold embedded values, and lie in arrays', () => {
    const homes = new OneField({ type: Set, of: Address });
    const bytes = arrayOf([address('Bern', 1), address('Chur', 2)]);
    const set = homes.read(bytes) as Set<Address>;
    set.add(Object.assign(new Address(), { city: 'Genf' }));
    set.delete([...set][0]!);
    expect(sent(homes.write(set, bytes))).toBe(sent(rawOf(arrayOf([address('Chur', 2), stored({ city: 'Genf' })]))));
    const sets = new OneField({ type: [Set], of: Number });
    expect(sets.again([new Set([1]), new Set()])).toEqual([new Set([1]), new Set()]);
  });
});

describe('Maps', () => {
  const stock = new OneField({ type: Map, of: Number });

  it('are stored as objects', () => {
    expect(stock.read(stored({ a: 1, b: 2 }))).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    );
    expect(sent(stock.write(new Map([['a', 1]])))).toBe(sent({ a: 1 }));
    expect(stock.again(new Map())).toEqual(new Map());
  });

  it('are equal entry by entry, in any order', () => {
    const map = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    expect(stock.same(map, new Map([...map].reverse()))).toBe(true);
    expect(stock.same(map, new Map([['a', 1]]))).toBe(false);
    expect(stock.same(map, new Map([...map, ['b', 3]]))).toBe(false);
    expect(stock.same(new Map([['a', undefined]]), new Map())).toBe(true);
    expect(stock.same(new Map([['a', undefined]]), new Map([['b', 1]]))).toBe(false);
    expect(stock.same(new Map([['a', null]]), new Map([['b', null]]))).toBe(false);
  });

  it('keep the order of their entries, whatever their names', () => {
    const names = ['2026', 'b', '7', '__proto__', '_bsontype', 'a\x07', ''];
    const map = new Map(names.map((name, index) => [name, index]));
    expect([...(stock.again(map) as Map<string, number>)]).toEqual([...map]);
    expect(sent(stock.write(map))).toBe(sent(rawOf(objectOf(names.map((name, index) => ({ name, ...int(index) }))))));
  });

  it('keep the bytes of the entries that stay', () => {
    const bytes = objectOf([
      { name: '9', ...storedValue.double(1) },
      { name: 'a\x07', ...storedValue.date(2n ** 63n - 1n) },
      { name: 'gone', ...int(1) },
      { name: '_bsontype', ...storedValue.undefined() },
    ]);
    const map = stock.read(bytes) as Map<string, unknown>;
    map.delete('gone');
    map.set('1', 2);
    expect(sent(stock.write(map, bytes))).toBe(
      sent(
        rawOf(
          objectOf([
            { name: '9', ...storedValue.double(1) },
            { name: 'a\x07', ...storedValue.date(2n ** 63n - 1n) },
            { name: '_bsontype', ...storedValue.undefined() },
            { name: '1', ...int(2) },
          ]),
        ),
      ),
    );
  });

  it('of embedded values and of arrays keep what is not declared', () => {
    const homes = new OneField({ type: Map, of: Address });
    const bytes = objectOf([
      { name: 'a', ...address('Bern', 1) },
      { name: 'b', ...address('Chur', 2) },
    ]);
    const map = homes.read(bytes) as Map<string, Address>;
    map.get('a')!.city = 'Genf';
    map.set('c', map.get('b')!); // moved: goes with the object
    map.delete('b');
    expect(sent(homes.write(map, bytes))).toBe(
      sent(
        rawOf(
          objectOf([
            { name: 'a', ...address('Genf', 1) },
            { name: 'c', ...address('Chur', 2) },
          ]),
        ),
      ),
    );
    const lists = new OneField({ type: Map, of: [Address] });
    const nested = objectOf([{ name: 'a', ...arrayOf([address('Bern', 1), address('Chur', 2)]) }]);
    const all = lists.read(nested) as Map<string, Address[]>;
    all.get('a')!.reverse();
    expect(sent(lists.write(all, nested))).toBe(
      sent(rawOf(objectOf([{ name: 'a', ...arrayOf([address('Chur', 2), address('Bern', 1)]) }]))),
    );
  });

  it('refuse what is none, and keys that are no names', () => {
    expect(stock.refusal({ a: 1 })).toMatch(/expected a Map, got an object/);
    for (const key of [1, 'a\0', '\udfff', null, Symbol('s')]) {
      expect(stock.refusal(new Map([[key, 1]]))).toMatch(/keys are strings without NUL/);
    }
    expect(stock.refusal(new Map([['a', '1']]))).toMatch(/^field\.a: .*expected a number/);
    expect(new OneField({ type: Map, of: Binary }).read(int(1))).toBe(1);
  });
});

describe('containers where another type is declared', () => {
  const inner = objectOf([{ name: 'a', ...storedValue.date(2n ** 63n - 1n) }]);
  it.each([
    ['numbers', [Number]],
    ['arrays', [[Number]]],
    ['Maps', [Map]],
    ['Sets', [Set]],
  ] as const)('survive among %s, wherever they move', (_what, type) => {
    const field = new OneField({ type: type as never, of: Number });
    const odd = arrayOf([inner]);
    const other = type[0] === Map ? odd : inner;
    const bytes = arrayOf([storedValue.null(), other]);
    const list = field.read(bytes) as unknown[];
    list.shift();
    expect(sent(field.write(list, bytes))).toBe(sent(rawOf(arrayOf([other]))));
    list.push({ new: 1 });
    expect(field.refusal(list, bytes)).toMatch(/^field\.1: /);
  });
});
