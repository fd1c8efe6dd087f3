import { randomOf, textOf } from './random.mjs';

/**
 * Documents of as many text fields as wanted.
 *
 * @param {number} count
 * @param {number} fields
 * @param {{ ObjectId: any }} bson
 */
export function wideDocuments(count, fields, { ObjectId }) {
  const random = randomOf(6);
  return Array.from({ length: count }, () => ({ _id: new ObjectId(), ...flatRecord(fields, random) }));
}

/**
 * @param {number} fields
 * @param {() => number} [random]
 * @returns {Record<string, any>}
 */
export function flatRecord(fields, random = randomOf(7)) {
  return Object.fromEntries(Array.from({ length: fields }, (_, at) => [`field${at + 1}`, textOf(random, 12)]));
}

/**
 * A record whose every fourth field is a text, and the others objects and arrays.
 *
 * @param {number} fields
 * @returns {Record<string, any>}
 */
export function nestedRecord(fields) {
  const random = randomOf(8);
  const kinds = [
    () => textOf(random, 12),
    () => ({ city: textOf(random, 8), geo: { lat: random(), lon: random() } }),
    () => [textOf(random, 6), textOf(random, 6), textOf(random, 6)],
    () => [{ sku: textOf(random, 6), qty: 1 }],
  ];
  return Object.fromEntries(Array.from({ length: fields }, (_, at) => [`field${at + 1}`, kinds[at % 4]()]));
}
