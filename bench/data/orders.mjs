import { numberOf, randomOf, textOf } from './random.mjs';

const CITIES = ['Wien', 'Graz', 'Linz', 'Salzburg', 'Innsbruck', 'Klagenfurt', 'Villach', 'Wels'];
const STATES = ['new', 'paid', 'shipped', 'closed'];

/**
 * Orders as the database holds them: about 870 bytes of BSON each.
 *
 * @param {number} count
 * @param {{ ObjectId: any }} bson
 */
export function orders(count, { ObjectId }) {
  const random = randomOf(1);
  return Array.from({ length: count }, (_, at) => ({ _id: new ObjectId(), ...order(random, at) }));
}

/**
 * An order without an id: what an application has before it stores one.
 *
 * @param {() => number} random
 * @param {number} at
 */
export function order(random, at) {
  const name = textOf(random, 10);
  return {
    number: at,
    customer: `${name} ${textOf(random, 30)}`,
    email: `${name.toLowerCase()}@example.org`,
    status: STATES[at % STATES.length],
    total: numberOf(random, 100, 99_999) / 4,
    currency: 'EUR',
    paid: at % 3 === 0,
    priority: at % 100,
    placedAt: new Date(Date.UTC(2026, 0, 1) + at * 60_000),
    address: {
      street: `${textOf(random, 28)} ${at % 200}`,
      city: CITIES[at % CITIES.length],
      zip: String(numberOf(random, 1000, 9999)),
      country: 'AT',
    },
    items: Array.from({ length: 5 }, (_, line) => ({
      sku: `sku-${at % 1000}-${line}`,
      name: textOf(random, 44),
      qty: numberOf(random, 1, 20),
      price: numberOf(random, 1, 400) / 4,
    })),
  };
}

/** @param {number} count */
export function orderRecords(count) {
  const random = randomOf(2);
  return Array.from({ length: count }, (_, at) => order(random, at));
}
