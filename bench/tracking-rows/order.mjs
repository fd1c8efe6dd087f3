// @ts-check

/**
 * What the rows find in the database. Everything is declared by the three schemas but what is called `legacy`: a newer
 * or an older version of the application, or another program, has written that.
 *
 * @param {BsonClasses} bson
 * @returns {Record<string, any>}
 */
export function storedOrder({ ObjectId, Decimal128, Long, Binary }) {
  return {
    customer: 'Ada',
    note: 'ring twice',
    status: 'new',
    total: 12.5,
    count: 3,
    paid: false,
    owner: new ObjectId('650000000000000000000001'),
    price: Decimal128.fromString('9.90'),
    serial: Long.fromNumber(7),
    placedAt: new Date('2026-01-02T03:04:05Z'),
    reminders: [new Date('2026-02-01T08:00:00Z'), new Date('2026-03-01T08:00:00Z')],
    data: new Binary(Uint8Array.of(1, 2, 3, 4)),
    address: { street: 'Ring 1', city: 'Wien', geo: { lat: 48.2, lon: 16.4 }, lines: ['c/o Bob'], legacy: 1 },
    payment: { kind: 'card', number: '4111', holder: 'Ada' },
    items: [
      { sku: 'a', qty: 1, note: 'red', legacy: 2 },
      { sku: 'b', qty: 2, marks: ['new'] },
      { sku: 'c', qty: 3, note: 'big' },
    ],
    points: [
      { x: 1, y: 1, legacy: 3 },
      { x: 2, y: 2 },
      { x: 3, y: 3, label: 'end' },
    ],
    tags: ['red', 'big', 'new'],
    scores: [7, 8, 9],
    grid: [
      [1, 2],
      [3, 4],
    ],
    stock: { graz: 4, wien: 7 },
    spots: { door: { x: 1, y: 1 } },
    roles: ['admin', 'staff'],
    meta: { theme: 'dark', flags: { beta: true }, list: [1, 2, 3] },
    views: 10,
    best: 5,
    cheapest: 5,
    labels: ['x', 'y'],
    legacy: 'by another program',
  };
}

/** The value that the schemas declare as the default of `status`. */
export const DEFAULT_STATUS = 'new';

/**
 * The stored order as plain JavaScript values, for the rows to say on it what they mean.
 *
 * @param {Record<string, any>} stored
 * @param {Kinds} kinds what the library that is compared has for Maps and Sets
 * @returns {Record<string, any>}
 */
export function plainOrder(stored, { maps, sets }) {
  const order = /** @type {Record<string, any>} */ (copy(stored));
  order.status ??= DEFAULT_STATUS;
  if (maps && order.stock) order.stock = new Map(Object.entries(order.stock));
  if (maps && order.spots) order.spots = new Map(Object.entries(order.spots));
  if (sets && order.roles) order.roles = new Set(order.roles);
  return order;
}

/**
 * @param {any} value
 * @returns {any}
 */
function copy(value) {
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Date) return new Date(value);
  if (value?._bsontype === 'Long') return value.toBigInt();
  if (value?._bsontype === 'Binary') return Buffer.from(value.buffer);
  if (typeof value !== 'object' || value === null || value._bsontype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copy(part)]));
}

/**
 * The driver's classes: each library brings a copy of its own.
 *
 * @typedef {object} BsonClasses
 * @property {any} ObjectId
 * @property {any} Decimal128
 * @property {any} Long
 * @property {any} Binary
 *
 * @typedef {object} Kinds
 * @property {boolean} maps has it Maps?
 * @property {boolean} sets has it Sets?
 */
