import { bsonTypeOf, bytesOf, eachPart, kindOf, setOwn } from './plain-values.js';

/** BSON's numbers, which have no JSON form of their own, or another. */
const NUMBERS = ['Decimal128', 'Long', 'Timestamp'];

/**
 * The documented JSON form of a value: Date as ISO, bytes as base64, Map as an object, bigint and BSON's numbers as
 * text, what has a `toJSON` by that. A reference to an object around it is the text `[Circular]`.
 */
export function jsonOf(value: unknown, outer: readonly object[] = []): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (outer.includes(value)) return '[Circular]';
  const inner = (part: unknown) => jsonOf(part, [...outer, value]);
  switch (kindOf(value)) {
    case 'array':
    case 'set':
      return Array.from(value as Iterable<unknown>, (part) => inner(part) ?? null);
    case 'bytes':
      return Buffer.from(bytesOf(value as Uint8Array)).toString('base64');
    case 'date':
      return Number.isNaN((value as Date).getTime()) ? null : (value as Date).toISOString();
    case 'regexp':
      return (value as RegExp).toString();
    default: {
      if (NUMBERS.includes(bsonTypeOf(value) ?? '')) return (value as { toString(): string }).toString();
      const { toJSON } = value as { toJSON?: unknown };
      const json: unknown = typeof toJSON === 'function' ? toJSON.call(value) : value;
      if (json !== value) return inner(json);
      const object = {};
      eachPart(value, (part, key) => setOwn(object, String(key), inner(part)));
      return object;
    }
  }
}
