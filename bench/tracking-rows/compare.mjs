// @ts-check

/** Lists that may be missing, and then read as empty in some libraries. */
const OPTIONAL_LISTS = ['extras', 'marks', 'lines', 'labels'];
/** Lists whose order does not count. */
const UNORDERED = ['roles', 'labels'];
/** What no schema declares. */
const UNDECLARED = 'legacy';

/**
 * A value in a form in which equal values are deeply equal, whichever library and driver they come from: Maps as
 * objects, Dates, binary and BSON's classes as text, `undefined` and holes as JSON has them. Without what is not
 * declared.
 *
 * @param {any} value
 * @returns {any}
 */
export function comparable(value) {
  if (Array.isArray(value)) return Array.from(value, (part) => comparable(part) ?? null);
  if (value instanceof Set) return comparable([...value]);
  if (value instanceof Map) return comparable(Object.fromEntries(value));
  if (typeof value === 'bigint') return `bigint ${value}`;
  if (typeof value !== 'object' || value === null) return value;
  if (Object.prototype.toString.call(value) === '[object Date]') return `date ${Number(value)}`;
  if (ArrayBuffer.isView(value)) return bytes(value);
  switch (value._bsontype) {
    case 'Long':
      return `bigint ${value}`;
    case 'Binary':
      return bytes(value.buffer.subarray(0, value.position));
    case 'Double':
    case 'Int32':
      return value.value;
    case undefined:
      return object(value);
    default:
      return `${value._bsontype} ${value}`;
  }
}

/** @param {any} value */
function bytes(value) {
  return `bytes ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
}

/** @param {Record<string, any>} value */
function object(value) {
  const entries = Object.keys(value)
    .filter((key) => key !== UNDECLARED && value[key] !== undefined)
    .map((key) => {
      const part = comparable(value[key]);
      return [key, UNORDERED.includes(key) && Array.isArray(part) ? [...new Set(part)].sort() : part];
    })
    .filter(([key, part]) => !(OPTIONAL_LISTS.includes(key) && part.length === 0));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The undeclared values of a document, by path.
 *
 * @param {any} value
 * @param {string} [path]
 * @returns {[path: string, value: unknown][]}
 */
export function undeclaredIn(value, path = '') {
  if (typeof value !== 'object' || value === null || value._bsontype || ArrayBuffer.isView(value)) return [];
  const parts = value instanceof Map ? [...value] : Object.entries(value);
  return parts.flatMap(([key, part]) => {
    const inner = path === '' ? key : `${path}.${key}`;
    return key === UNDECLARED ? [[inner, part]] : undeclaredIn(part, inner);
  });
}
