import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { numberOf, randomOf, textOf } from './random.mjs';

/**
 * The three documents of the ODM benchmark, without ids: the official files when there is a directory of them, else
 * made here in the shapes that the specification states.
 *
 * @param {{ Binary: any }} bson
 * @param {string} [directory] where `odm-data` was unpacked
 */
export function odmDocuments({ Binary }, directory = process.env.ODM_DATA) {
  if (directory === undefined) return { small: small(), large: large(Binary), nested: nested() };
  const read = (/** @type {string[]} */ ...names) => {
    const path = names.map((name) => join(directory, name)).find((name) => existsSync(name));
    if (path === undefined) throw new Error(`--data ${directory}: ${names[0]} is not there. Unpack odm-data/*.tgz.`);
    return JSON.parse(readFileSync(path, 'utf8'), (_, value) =>
      value?.$binary ? new Binary(Buffer.from(value.$binary.base64, 'base64')) : value,
    );
  };
  return {
    small: read('flat-models/small_doc.json', 'small_doc.json'),
    large: read('flat-models/large_doc.json', 'large_doc.json'),
    nested: read('nested-models/large_doc_nested.json', 'large_doc_nested.json'),
  };
}

/** Bytes that each task counts for one document, as the specification sets them. */
export const TASK_BYTES = { small: 250, large: 3_226_020, nested: 8_000, update: 13 };

export const UPDATED_VALUE = 'updated_value';

function small() {
  const random = randomOf(3);
  return {
    ...fields(1, 7, () => textOf(random, 8)),
    ...fields(8, 13, () => numberOf(random, 1_000_000, 99_999_999)),
  };
}

/** @param {any} Binary */
function large(Binary) {
  const random = randomOf(4);
  const image = Buffer.alloc(2_413_000);
  for (let at = 0; at + 4 <= image.length; at += 4) image.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  return {
    ...fields(1, 125, () => textOf(random, 26)),
    ...fields(126, 250, () => numberOf(random, 1, 999)),
    image_field: new Binary(image),
  };
}

function nested() {
  const random = randomOf(5);
  const texts = () => fields(1, 15, () => textOf(random, 30));
  const numbers = () => fields(1, 15, () => numberOf(random, 1, 999));
  const numbered = (/** @type {string} */ name, /** @type {number[]} */ suffixes, /** @type {() => object} */ make) =>
    Object.fromEntries(suffixes.map((suffix) => [`${name}_${suffix}`, make()]));
  return {
    ...numbered('embedded_str_doc', [1, 2, 3, 4, 5], texts),
    embedded_str_doc_array: [texts(), texts()],
    ...numbered('embedded_int_doc', [8, 9, 10, 11, 12, 13, 14], numbers),
  };
}

/**
 * @param {number} from
 * @param {number} to
 * @param {() => unknown} value
 */
function fields(from, to, value) {
  return Object.fromEntries(Array.from({ length: to - from + 1 }, (_, at) => [`field${from + at}`, value()]));
}
