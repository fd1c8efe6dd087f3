import { setOwn } from '../set-own.js';
import { BSONRegExp, Binary, Code, DBRef, Decimal128, Long, ObjectId } from '../values.js';
import { tagOf } from './same.js';

/** The documented JSON form of whatever BSON can hold. */
export function anyToJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Decimal128) return value.toString();
  if (value instanceof Long) return value.toString(); // a Timestamp too
  if (value instanceof Binary) return binaryToJson(value);
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (value instanceof Code || value instanceof DBRef) return jsonEntries(Object.entries(value.toJSON()));
  switch (tagOf(value)) {
    case '[object Uint8Array]':
      return Buffer.from(value as Uint8Array).toString('base64');
    case '[object Date]':
      return Number.isNaN((value as Date).getTime()) ? null : (value as Date).toISOString();
    case '[object RegExp]':
      return (value as RegExp).toString();
    case '[object Map]':
      return jsonEntries([...(value as Map<unknown, unknown>)].map(([k, v]) => [String(k), v]));
    case '[object Set]':
      return [...(value as Set<unknown>)].map((element) => anyToJson(element) ?? null);
    case '[object Array]':
      return Array.from(value as unknown[], (element) => anyToJson(element) ?? null);
    default:
      if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
        return (value as { toJSON(): unknown }).toJSON();
      }
      return jsonEntries(Object.entries(value));
  }
}

/** A UUID as text, other content as base64. */
function binaryToJson(value: Binary): string {
  const isUuid = value.sub_type === Binary.SUBTYPE_UUID && value.length() === 16;
  return isUuid ? value.toUUID().toHexString() : Buffer.from(value.value()).toString('base64');
}

function jsonEntries(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [name, value] of entries) if (value !== undefined) setOwn(object, name, anyToJson(value));
  return object;
}
