import type { ValueType } from '../mapping/index.js';
import { isBson } from './codecs/same.js';
import { variantOfValue } from './codecs/variant.js';
import { setOwn } from './set-own.js';
import { BSON, BSONRegExp, Binary, Decimal128, Long, ObjectId, UUID } from './values.js';

/**
 * The declared value for its JSON form, the inverse of the documented mapping: hex becomes an ObjectId, ISO text a
 * Date, an array a Set, an object a Map or an instance of the embedded class (of its declared fields only).
 *
 * What is no JSON form of the type is answered as it is: the encoder then refuses it, by the field's name.
 */
export function fromJson(type: ValueType, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (typeof value === 'string') return fromText(type, value);
  switch (type.kind) {
    case 'array':
      return Array.isArray(value) ? value.map((element) => fromJson(type.of, element)) : value;
    case 'set':
      return Array.isArray(value) ? new Set(value.map((element) => fromJson(type.of, element))) : value;
    case 'map':
      return isObject(value)
        ? new Map(Object.entries(value).map(([key, entry]) => [key, fromJson(type.of, entry)]))
        : value;
    case 'embedded':
      return isObject(value) ? toInstance(type, value) : value;
    case 'bigint':
      return Number.isSafeInteger(value) ? BigInt(value as number) : value;
    case 'long':
      return Number.isSafeInteger(value) ? Long.fromNumber(value as number) : value;
    case 'date':
      return typeof value === 'number' ? new Date(value) : value;
    default:
      return value;
  }
}

const UUID_TEXT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function fromText(type: ValueType, text: string): unknown {
  switch (type.kind) {
    case 'objectId':
      return /^[0-9a-f]{24}$/i.test(text) ? new ObjectId(text) : text;
    case 'date':
      return /^[+-]?\d{4,6}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text)) ? new Date(text) : text;
    case 'decimal128':
      return toDecimal(text) ?? text;
    case 'bigint':
      return toBigInt(text) ?? text;
    case 'long': {
      const value = toBigInt(text);
      return value === undefined ? text : Long.fromBigInt(value);
    }
    case 'uuid':
      return UUID.isValid(text) ? new UUID(text) : text;
    case 'binary':
      if (UUID_TEXT.test(text)) return new UUID(text);
      return isBase64(text) ? new Binary(Buffer.from(text, 'base64')) : text;
    case 'buffer':
      return isBase64(text) ? Buffer.from(text, 'base64') : text;
    case 'regexp':
      return toRegExp(text) ?? text;
    default:
      return text;
  }
}

/** Undefined for what has no exact value: more than 34 digits, an exponent that is too large. */
function toDecimal(text: string): Decimal128 | undefined {
  if (!/^([+-]?(\d+(\.\d+)?(e[+-]?\d+)?|Infinity)|NaN)$/i.test(text)) return undefined;
  try {
    return Decimal128.fromString(text);
  } catch (error) {
    if (error instanceof BSON.BSONError) return undefined;
    throw error;
  }
}

/** Undefined for what has no 64 bits: a Long would silently lose the upper ones. */
function toBigInt(text: string): bigint | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function toRegExp(text: string): RegExp | BSONRegExp | undefined {
  const [, pattern, flags] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  if (pattern === undefined || flags === undefined) return undefined;
  try {
    return /[lux]/.test(flags) ? new BSONRegExp(pattern, flags) : new RegExp(pattern, flags);
  } catch {
    return undefined;
  }
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** An instance of the class already stays itself: whoever holds it goes on seeing it. */
function toInstance(type: ValueType & { kind: 'embedded' }, value: Record<string, unknown>): object {
  const map = variantOfValue(type.map, value);
  if (value instanceof map.target) return value;
  const instance = Object.create(map.target.prototype as object) as object;
  for (const field of map.fields) {
    const given = Object.hasOwn(value, field.property) ? value[field.property] : undefined;
    if (given !== undefined) setOwn(instance, field.property, fromJson(field.type, given));
  }
  return instance;
}

/** A plain object or an instance of a class, but no Date, Map or value of BSON's. */
function isObject(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]' && !isBson(value as object);
}
