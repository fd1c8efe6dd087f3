import { describeValue, type Place, type ValueCodec } from '../codec.js';
import { BsonType } from '../elements.js';
import { originOf, rememberOrigin } from '../origins.js';
import { decodeByDriver, RawValue } from '../raw-value.js';
import { readDate, readObjectId } from '../reading/scalars.js';
import { setOwn } from '../set-own.js';
import { decodeString, isWellFormed } from '../strings.js';
import { BSONRegExp, Binary, Code, DBRef, Long, ObjectId, UUID } from '../values.js';
import { anyToJson } from './any-json.js';
import { asDocument, byPosition, byValue, encodeElements, isStorableName, keptUndefined, reuse } from './rebuild.js';
import { isBson, sameAny, tagOf } from './same.js';

export { isBson, sameAny, sameSet } from './same.js';
export { setOwn } from '../set-own.js';

/** Free-form values: whatever BSON can hold, as js-bson would give it. */
export const anyCodec: ValueCodec = {
  decode: decodeAny,
  equals: sameAny,
  encode: encodeAny,
  toJson: anyToJson,
  origin: originOfAny,
};

function originOfAny(value: unknown): RawValue | undefined {
  return originOf(value, anyCodec);
}

export function decodeAny(raw: RawValue, owner: string): unknown {
  const { bytes, start } = raw;
  switch (raw.type as BsonType) {
    case BsonType.object:
      return decodeObject(raw, owner);
    case BsonType.array: {
      const array = raw.elements().map((element) => decodeAny(element, owner));
      rememberOrigin(array, raw.bytes, raw.start, anyCodec);
      return array;
    }
    case BsonType.string:
      return decodeString(raw);
    case BsonType.int32:
      return bytes.readInt32LE(start);
    case BsonType.double:
      return bytes.readDoubleLE(start);
    case BsonType.bool:
      return bytes[start] === 1;
    case BsonType.null:
      return null;
    case BsonType.date:
      return readDate(bytes, start);
    case BsonType.objectId:
      return readObjectId(bytes, start);
    case BsonType.regex:
      return decodeRegExp(raw);
    default:
      return decodeByDriver(raw); // of a copy: what it answers is no view on the document
  }
}

function decodeObject(raw: RawValue, owner: string): unknown {
  const object: Record<string, unknown> = {};
  for (const [name, field] of raw.fields()) setOwn(object, name, decodeAny(field, owner));
  if (isReference(object)) {
    const { $ref, $id, $db, ...fields } = object;
    return new DBRef($ref, $id as ObjectId, $db, fields);
  }
  rememberOrigin(object, raw.bytes, raw.start, anyCodec);
  return object;
}

/** Does js-bson take the object for a DBRef? */
function isReference(object: Record<string, unknown>): object is { $ref: string; $id: unknown; $db?: string } {
  if (typeof object.$ref !== 'string' || object.$id === undefined || object.$id === null) return false;
  if (Object.hasOwn(object, '$db') && typeof object.$db !== 'string') return false;
  return Object.keys(object).every((name) => !name.startsWith('$') || /^\$(ref|id|db)$/.test(name));
}

/** A RegExp where JavaScript knows its flags and its pattern, as the driver has it; else all that is stored. */
function decodeRegExp(raw: RawValue): unknown {
  const [pattern = '', flags = ''] = raw.bytes.toString('utf8', raw.start, raw.end - 1).split('\0');
  const isKnown = /^[ilmsux]*$/.test(flags);
  if (isKnown && /[lux]/.test(flags)) return new BSONRegExp(pattern, flags);
  try {
    return decodeByDriver(raw);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'SyntaxError')) throw error;
    return new BSONRegExp(pattern, flags.replace(/[^ilmsux]/g, ''));
  }
}

function encodeAny(value: unknown, place: Place, origin?: RawValue): unknown {
  switch (typeof value) {
    case 'string':
      return checkText(value, value, place);
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value) place.refuse(value, 'a bigint of 64 bits');
      return Long.fromBigInt(value);
    case 'object':
      return value === null ? null : encodeContainer(value, place, originOfAny(value) ?? origin);
    default:
      return place.refuse(value, 'a value that BSON can store');
  }
}

/** The bytes of a container that is stored where another type is declared: read as free-form, it survives as that. */
export function foreignOrigin(value: unknown, declared?: BsonType): RawValue | undefined {
  const origin = originOfAny(value);
  return origin?.type === declared ? undefined : origin;
}

/** What can be changed in place is copied: what a flush sends must not change any more. */
function encodeContainer(value: object, place: Place, origin?: RawValue): unknown {
  if (value instanceof RawValue) return value;
  if (isBson(value)) return encodeBson(value, place, origin);
  switch (tagOf(value)) {
    case '[object Date]':
      return encodeDate(value as Date, place);
    case '[object RegExp]':
      return encodeRegExp(value as RegExp, place);
    case '[object Uint8Array]':
      return new Binary(Buffer.from(value as Uint8Array));
    case '[object Map]':
      return place.inside(value, () =>
        encodeEntries(
          [...(value as Map<unknown, unknown>)].map(([k, v]) => [String(k), v]),
          place,
          origin,
        ),
      );
    case '[object Set]':
      return place.inside(value, () =>
        encodeElements(anyCodec, anyElements, [...(value as Set<unknown>)], place, origin),
      );
    case '[object Array]':
      return place.inside(value, () => encodeElements(anyCodec, anyElements, value as unknown[], place, origin));
    case '[object Object]':
      return place.inside(value, () => encodeEntries(Object.entries(value), place, origin));
    default:
      return place.refuse(value, 'a value that BSON can store', `${describeValue(value)} cannot be stored`);
  }
}

const anyElements = byValue(anyCodec, byPosition);

function encodeEntries(entries: readonly (readonly [string, unknown])[], place: Place, origin?: RawValue): object {
  const stored = origin?.type === BsonType.object ? origin.fields() : undefined;
  const encodedEntries = new Map<string, unknown>();
  for (const [name, value] of entries) {
    if (!isStorableName(name)) {
      const reason = `the name ${JSON.stringify(name)} contains NUL or a lone surrogate`;
      place.refuse(value, 'names without NUL and lone surrogates', reason);
    }
    const raw = stored?.get(name);
    const encoded =
      value === undefined
        ? keptUndefined(raw)
        : place.within(name, () => reuse(anyCodec, value, place, originOfAny(value) ?? raw));
    if (encoded !== undefined) encodedEntries.set(name, encoded);
  }
  return asDocument(encodedEntries, stored);
}

const VERSION_TAG = Symbol.for('@@mdb.bson.version');

/** js-bson's own values: their text and their parts are checked as any other. */
function encodeBson(value: object, place: Place, origin?: RawValue): unknown {
  const version = (value as Record<symbol, unknown>)[VERSION_TAG];
  if (version !== (ObjectId.prototype as unknown as Record<symbol, unknown>)[VERSION_TAG]) {
    place.refuse(value, "a value of the driver's own classes", 'its class comes from another version of bson');
  }
  if (value instanceof Binary) return copyOfBinary(value);
  if (value instanceof BSONRegExp) return checkText(value.pattern, value, place);
  if (value instanceof Code) {
    const { code, scope } = value;
    checkText(code, value, place);
    return scope === null ? value : new Code(code, encodeContainer(scope, place) as Record<string, unknown>);
  }
  if (value instanceof DBRef) {
    const parts = { $ref: value.collection, $id: value.oid, ...(value.db == null ? {} : { $db: value.db }) };
    return place.inside(value, () => encodeEntries(Object.entries({ ...parts, ...value.fields }), place, origin));
  }
  return (value as { _bsontype: string })._bsontype === 'BSONSymbol'
    ? checkText(value.valueOf() as unknown as string, value, place)
    : value;
}

export function copyOfBinary(value: Binary): Binary {
  const bytes = Buffer.from(value.value());
  return value instanceof UUID ? new UUID(bytes) : new Binary(bytes, value.sub_type);
}

export function encodeDate(value: Date, place: Place): Date {
  return Number.isNaN(value.getTime()) ? place.refuse(value, 'a valid Date') : new Date(value.getTime());
}

/** BSON has no letters for the other flags of JavaScript: js-bson would leave them out. */
export function encodeRegExp(value: RegExp, place: Place): RegExp {
  if (/[^gim]/.test(value.flags)) {
    place.refuse(value, 'a RegExp with the flags g, i and m only', `its flags "${value.flags}" cannot be stored`);
  }
  return checkText(value.source, value, place);
}

function checkText<T>(text: string, value: T, place: Place): T {
  return isWellFormed(text) ? value : place.refuse(value, 'text without lone surrogates');
}
