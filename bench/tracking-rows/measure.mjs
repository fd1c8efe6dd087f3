// @ts-check
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { comparable, undeclaredIn } from './compare.mjs';
import { DEFAULT_STATUS, plainOrder, storedOrder } from './order.mjs';
import { codeOf } from './rows.mjs';

/**
 * @typedef {import('./order.mjs').BsonClasses} BsonClasses
 * @typedef {import('./rows.mjs').Row} Row
 *
 * @typedef {'same' | 'lost' | 'ignored' | 'different' | 'undeclared removed' | 'refused'} Outcome
 *   `same`: the database holds what the entity shows, which is what the code means; `lost`: the entity shows what the
 *   database does not hold; `ignored`: nothing happened, in neither; `different`: both hold something else than the code
 *   means; `undeclared removed`: what the schema does not declare is gone from an object that stayed; `refused`: an
 *   error, and nothing written.
 */

/** What libraries keep for themselves. */
const OWN_FIELDS = ['_id', 'id', '__v'];

/**
 * The document that a row starts from.
 *
 * @param {Row} row
 * @param {BsonClasses} bson
 */
export function documentOf(row, bson) {
  const document = storedOrder(bson);
  row.stored?.(document);
  return document;
}

/**
 * The mutation in the form for a library.
 *
 * @param {Row} row
 * @param {import('./order.mjs').Kinds} kinds
 */
export function mutationOf({ change, withoutMap, withoutSet }, { maps, sets }) {
  return (maps ? undefined : withoutMap) ?? (sets ? undefined : withoutSet) ?? change;
}

/**
 * What became of a row.
 *
 * @param {Row} row
 * @param {object} run
 * @param {BsonClasses} run.bson
 * @param {import('./order.mjs').Kinds} run.kinds
 * @param {any} run.memory the entity after the flush, as a plain object
 * @param {any} run.database the document after the flush
 * @returns {Outcome}
 */
export function outcomeOf(row, { bson, kinds, memory, database }) {
  const document = documentOf(row, bson);
  const meant = plainOrder(document, kinds);
  mutationOf(row, kinds)(meant, bson);
  const [before, shown, stored, wanted] = [document, memory, database, meant].map(fieldsOf);
  if (!(row.fields === undefined ? isDeepStrictEqual(shown, stored) : holds(stored, shown))) return 'lost';
  if (!isDeepStrictEqual(stored, wanted)) return isDeepStrictEqual(stored, before) ? 'ignored' : 'different';
  const left = new Map(undeclaredIn(database));
  return undeclaredIn(meant).every(([path, value]) => left.get(path) === value) ? 'same' : 'undeclared removed';
}

/** @param {any} order */
function fieldsOf(order) {
  const fields = Object.entries(order).filter(([name]) => !OWN_FIELDS.includes(name));
  return comparable({ ...Object.fromEntries(fields), status: order.status ?? DEFAULT_STATUS });
}

/**
 * Does a value hold all of another one, of which only parts are known?
 *
 * @param {any} whole
 * @param {any} part
 * @returns {boolean}
 */
function holds(whole, part) {
  if (typeof part !== 'object' || part === null) return Object.is(whole, part);
  if (typeof whole !== 'object' || whole === null || (Array.isArray(part) && whole.length !== part.length))
    return false;
  return Object.keys(part).every((key) => holds(whole[key], part[key]));
}

/**
 * A digest of all that a row is: measurements of another one are out of date.
 *
 * @param {Row} row
 * @param {BsonClasses} bson
 */
export function digestOf(row, bson) {
  const { code, withoutMap, withoutSet, fields, except } = row;
  const plain = withoutMap ?? withoutSet;
  const document = documentOf(row, bson);
  const parts = [
    code,
    plain && codeOf(plain),
    fields,
    except,
    JSON.stringify([comparable(document), undeclaredIn(document)]),
  ];
  return createHash('sha256').update(parts.map(String).join('\n')).digest('hex').slice(0, 12);
}
