import { isNumeric, sameNumber } from '../numbers.js';
import { BSONRegExp, Binary, Code, DBRef, Decimal128, ObjectId, Timestamp } from '../values.js';

/**
 * Equal as stored: without regard to the order of keys, or to which of several JavaScript forms the value has (a Map
 * is stored as an object is); undefined is absent, and null inside arrays.
 */
export function sameAny(a: unknown, b: unknown): boolean {
  if (a === b || sameNumber(a, b)) return true;
  const x = canonical(a);
  const y = canonical(b);
  if (typeof x !== 'object' || typeof y !== 'object' || x === null || y === null) return x === y;
  if (Array.isArray(x)) return Array.isArray(y) && sameArray(x, y);
  if (Array.isArray(y)) return false;
  if (isBson(x) || isBson(y)) return sameBson(x, y);
  const tag = tagOf(x);
  if (tag !== tagOf(y)) return false;
  return tag === '[object Date]'
    ? Object.is((x as Date).getTime(), (y as Date).getTime())
    : sameObject(x as Record<string, unknown>, y as Record<string, unknown>);
}

/** One of js-bson's value classes? A plain object that merely has the property (from JSON) is not. */
export function isBson(value: object): boolean {
  return typeof (value as { _bsontype?: unknown })._bsontype === 'string' && !Object.hasOwn(value, '_bsontype');
}

/** `[object Date]` and the like: holds for objects of another realm too, where `instanceof` does not. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

/** What is read back where the value has been stored, for those that come back in another form. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  switch (tagOf(value)) {
    case '[object Set]':
      return [...(value as Set<unknown>)];
    case '[object Map]':
      return Object.fromEntries([...(value as Map<unknown, unknown>)].map(([key, entry]) => [String(key), entry]));
    case '[object Uint8Array]':
      return new Binary(value as Uint8Array);
    case '[object RegExp]':
      return regexText((value as RegExp).source, storedFlags(value as RegExp));
    default:
      if (!isBson(value)) return value;
      if (value instanceof BSONRegExp) return regexText(value.pattern, value.options);
      if (value instanceof DBRef) return value.toJSON();
      return (value as { _bsontype: string })._bsontype === 'BSONSymbol' ? value.valueOf() : value;
  }
}

/** No string is equal to it: a string has no array around it. */
function regexText(pattern: string, flags: string): unknown[] {
  return [RegExp, pattern.replaceAll('\\/', '/'), flags];
}

/** Flags as js-bson writes them (it has `s` for `g`); those it cannot write make a difference of their own. */
function storedFlags({ ignoreCase, multiline, global, flags }: RegExp): string {
  return `${ignoreCase ? 'i' : ''}${multiline ? 'm' : ''}${global ? 's' : ''}${flags.replace(/[gim]/g, '').toUpperCase()}`;
}

function sameArray(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameAny(a[i] ?? null, b[i] ?? null)) return false;
  return true;
}

/** The same values, whatever their order and number; mostly they lie at the same places. */
export function sameSet(
  a: readonly unknown[],
  b: readonly unknown[],
  same: (x: unknown, y: unknown) => boolean,
): boolean {
  const isIn = (list: readonly unknown[]) => (x: unknown, index: number) =>
    (index < list.length && same(x, list[index])) || list.some((y) => same(x, y));
  return a.every(isIn(b)) && b.every(isIn(a));
}

function sameObject(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  if (keys.length !== Object.keys(b).filter((key) => b[key] !== undefined).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameAny(a[key], b[key]));
}

function sameBson(a: object, b: object): boolean {
  if (a instanceof ObjectId) return b instanceof ObjectId && a.equals(b);
  if (a instanceof Decimal128) return b instanceof Decimal128 && Buffer.compare(a.bytes, b.bytes) === 0;
  if (a instanceof Binary) {
    return b instanceof Binary && a.sub_type === b.sub_type && Buffer.compare(a.value(), b.value()) === 0;
  }
  if (a instanceof Timestamp) return b instanceof Timestamp && a.equals(b);
  if (a instanceof Code) return b instanceof Code && a.code === b.code && sameAny(a.scope, b.scope);
  if (isNumeric(a) || isNumeric(b)) return false; // equal ones were found before
  return a.constructor === b.constructor; // MinKey and MaxKey have no content
}
