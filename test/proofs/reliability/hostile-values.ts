/** Random numbers by a seed (mulberry32): a million inputs are made in a second. */
export class Dice {
  constructor(private state: number) {}

  /** At least 0, below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** Every operator that means something to the server in a filter, an update or an expression. */
export const SERVER_OPERATORS = [
  ...['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$exists', '$type', '$mod', '$regex', '$options'],
  ...['$all', '$elemMatch', '$size', '$not', '$and', '$or', '$nor', '$expr', '$where', '$jsonSchema', '$text'],
  ...['$search', '$near', '$geoWithin', '$bitsAllSet', '$comment', '$function', '$accumulator', '$literal'],
  ...['$set', '$unset', '$inc', '$mul', '$rename', '$push', '$pull', '$pullAll', '$addToSet', '$setOnInsert', '$merge'],
  ...['$out', '$lookup', '$unionWith', '$ref', '$id', '$db', '$oid', '$date', '$numberLong', '$binary', '$code'],
] as const;

const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'toBSON', 'hasOwnProperty', 'then', '_bsontype'],
  ...['_id', 'id', 'version', '_version', '__v', 'kind', '__cow_lock', 'isAdmin', 'length', '0', '', '.', 'a.b', '$'],
  ...[
    'name',
    'qty',
    'tags',
    'items',
    'items.0.sku',
    'items.$.sku',
    'items.$[].sku',
    'address.city',
    'address.__proto__',
  ],
  ...['address.__proto__.polluted', 'meta.$where', 'meta.constructor.prototype.polluted', 'nul\0name', '\uD800'],
] as const;

const TEXTS = [
  ...[
    '',
    ' ',
    '$',
    '$where',
    '$name',
    '$$ROOT',
    '.*',
    '^(a+)+$',
    '(a|a)*b',
    '[',
    '\\',
    '\0',
    '\uD800',
    'a'.repeat(3_000),
  ],
  ...['650000000000000000000001', '65000000000000000000000', 'true', 'null', 'NaN', '1e400', '-0', '9'.repeat(40)],
  ...['2026-01-01', '+275760-09-13T00:00:00.001Z', '__proto__', 'this.constructor', "'; return true; //"],
] as const;

const OTHERS: readonly unknown[] = [
  ...[null, true, false, 0, -0, 1, 1.5, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 63), 10n ** 30n, 1n],
  ...[new Date(NaN), new Date(8.64e15), /(a+)+$/, Buffer.from('x'), [], {}],
];

/** What `JSON.parse` could have made, and what it could not: a client's, and a careless application's. */
export function hostileValue(dice: Dice, depth = 0): unknown {
  const roll = dice.below(depth > 4 ? 5 : 12);
  if (roll < 2) return dice.of(TEXTS);
  if (roll < 4) return dice.of(OTHERS);
  if (roll === 4) return dice.of(FORGED)();
  if (roll < 7) return { [dice.of(SERVER_OPERATORS)]: hostileValue(dice, depth + 1) };
  if (roll === 7) return Array.from({ length: dice.below(4) }, () => hostileValue(dice, depth + 1));
  if (roll === 8) return nested(dice, dice.of([10, 99, 101, 400, 5_000]));
  return hostileObject(dice, depth + 1);
}

/** With names that mean something elsewhere, own ones: `JSON.parse` makes an own `__proto__`. */
export function hostileObject(dice: Dice, depth = 0): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let count = 1 + dice.below(3); count > 0; count--) {
    const value = hostileValue(dice, depth + 1);
    const name = dice.below(3) === 0 ? dice.of(SERVER_OPERATORS) : dice.of(NAMES);
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return object;
}

export function hostileName(dice: Dice): string {
  return dice.below(2) === 0 ? dice.of(NAMES) : dice.of(SERVER_OPERATORS);
}

/** Objects that imitate ours, the driver's, or JavaScript's. */
const FORGED: readonly (() => unknown)[] = [
  () => ({ _bsontype: 'ObjectId', id: 'x' }),
  () => ({ _bsontype: 'Long', low: 1, high: 1 }),
  () => ({ _bsontype: 'Code', code: 'return true' }),
  () => ({ _bsontype: 'DBRef', collection: 'users', oid: 1 }),
  () => ({ name: 'in', values: [1], operand: { $gt: '' } }),
  () => ({ operator: 'gt', value: 1, options: {} }),
  () => ({ toBSON: () => ({ $gt: '' }) }),
  () => ({ toJSON: () => ({ $gt: '' }) }),
  () => ({ valueOf: () => ({ $gt: '' }), toString: () => '$gt' }),
  () => Object.create({ $gt: '' }) as unknown,
  () => JSON.parse('{"__proto__":{"polluted":true}}') as unknown,
  () => JSON.parse('{"constructor":{"prototype":{"polluted":true}}}') as unknown,
  () => new Map<unknown, unknown>([['__proto__', { polluted: true }], ['$gt', 1], ['a.b', 1]]), // prettier-ignore
  () => new Set([{ $gt: '' }]),
  () => [{ $set: { isAdmin: true } }],
  () => Object.assign([1], { $gt: '' }),
];

function nested(dice: Dice, levels: number): unknown {
  let value: unknown = dice.of(TEXTS);
  const name = dice.of(['a', '$and', '__proto__', '']);
  const isList = dice.below(2) === 0;
  for (let level = 0; level < levels; level++) {
    value = isList ? [value] : Object.defineProperty({}, name, { value, enumerable: true });
  }
  return value;
}
