import type { EmbeddedMap, FieldMap, ObjectMap } from '../../mapping/index.js';
import { Place, type ValueCodec } from '../codec.js';
import { BsonType } from '../elements.js';
import { originOf } from '../origins.js';
import { encodeValue, type RawValue } from '../raw-value.js';
import { ObjectReader, type Knowledge } from '../reading/object-reader.js';
import { setOwn } from '../set-own.js';
import { anyCodec, foreignOrigin } from './any.js';
import { asDocument, keptUndefined, reuse } from './rebuild.js';
import { isBson, sameAny, tagOf } from './same.js';
import { discriminatorProperty, variantOfStored, variantOfValue } from './variant.js';

export { variantOfStored, variantOfValue } from './variant.js';

type CodecOf = (field: FieldMap) => ValueCodec;

/** Objects of an embedded class, or of the classes of a union. */
export function embeddedCodec(map: EmbeddedMap, codecOfType: Knowledge['codecOf']): ValueCodec {
  const codecOf: CodecOf = (field) => codecOfType(field.type);
  const knowledge = knowledgeOf(codecOfType);
  return {
    decode: (raw, owner) => {
      if (raw.type !== BsonType.object) return anyCodec.decode(raw, owner);
      return ObjectReader.of(map, knowledge).readPart(raw.bytes, raw.start, raw.end);
    },
    equals: (a, b) => {
      if (!isRecord(map, a) || !isRecord(map, b)) return sameAny(a, b);
      const variant = variantOfValue(map, a);
      if (variant !== variantOfValue(map, b)) return false;
      // The discriminator says the class, whatever a property of that name holds.
      return variant.fields.every(
        (field) => field.stored === variant.discriminator?.stored || sameField(variant, field, a, b, codecOf),
      );
    },
    encode: (value, place, given) => {
      if (!isRecord(map, value)) return place.refuse(value, `an object of ${map.name}`);
      const variant = variantOfValue(map, value);
      return place.inside(value, () =>
        encodeFields(variant, value, place, keptFields(map, variant, value, given), codecOf),
      );
    },
    toJson: (value) => {
      if (!isRecord(map, value)) return anyCodec.toJson(value);
      const toJSON = value.toJSON;
      if (typeof toJSON === 'function') return (toJSON as () => unknown).call(value);
      return fieldsToJson(variantOfValue(map, value), value, codecOf);
    },
    origin: (value) =>
      isRecord(map, value) ? originOf(value, variantOfValue(map, value)) : foreignOrigin(value, BsonType.object),
  };
}

/** What readers of objects need to know. */
export function knowledgeOf(codecOf: Knowledge['codecOf']): Knowledge {
  return { codecOf, defaultOf: (map, field) => copyDefault(map, field, (one) => codecOf(one.type)) };
}

/** Equal, where a field that is absent reads as its default: so it will, once it has been stored. */
function sameField(
  variant: ObjectMap,
  field: FieldMap,
  a: Record<string, unknown>,
  b: Record<string, unknown>,
  codecOf: CodecOf,
): boolean {
  const x = a[field.property];
  const y = b[field.property];
  if (x !== undefined && y !== undefined) return codecOf(field).equals(x, y);
  if (x === y) return true;
  const missing = copyDefault(variant, field, codecOf);
  return missing !== undefined && codecOf(field).equals(x === undefined ? y : x, missing);
}

/** What the stored form holds, if it is of the same class: fields that another class does not declare are not its. */
function keptFields(
  map: EmbeddedMap,
  variant: EmbeddedMap,
  value: object,
  given: RawValue | undefined,
): Map<string, RawValue> | undefined {
  const own = originOf(value, variant);
  if (own !== undefined) return own.fields();
  if (given?.type !== BsonType.object) return undefined;
  const fields = given.fields();
  return variantOfStored(map, fields) === variant ? fields : undefined;
}

/** The declared fields of an object, followed by what its stored form has beyond them. */
function encodeFields(
  variant: ObjectMap,
  value: Record<string, unknown>,
  place: Place,
  stored: Map<string, RawValue> | undefined,
  codecOf: CodecOf,
): object {
  const entries = new Map<string, unknown>();
  const discriminator = variant.discriminator;
  if (discriminator !== undefined) {
    // A class that is not known here reads as the declared one; its name is kept.
    const tag = stored?.get(discriminator.stored) ?? discriminator.value;
    if (tag !== undefined) entries.set(discriminator.stored, tag);
  }
  for (const field of variant.fields) {
    if (field.stored === discriminator?.stored) continue;
    const present = value[field.property];
    const raw = stored?.get(field.stored);
    if (present === undefined && field.required && stored === undefined) {
      place.within(field.property, () => place.refuse(present, 'a value', 'it is required and missing'));
    }
    const encoded =
      present === undefined
        ? keptUndefined(raw)
        : place.within(field.property, () => encodeField(field, present, place, raw, codecOf(field)));
    if (encoded !== undefined) entries.set(field.stored, encoded);
  }
  for (const [name, raw] of stored ?? []) {
    if (!variant.byStored.has(name) && name !== discriminator?.stored) entries.set(name, raw);
  }
  return asDocument(entries, stored);
}

/** Checks what only the declaration of a field can say, then encodes the value. */
export function encodeField(
  field: FieldMap,
  value: unknown,
  place: Place,
  origin: RawValue | undefined,
  codec: ValueCodec,
): unknown {
  if (value === null) {
    if (!field.nullable && origin?.type !== BsonType.null) {
      return place.refuse(value, 'a value', 'it is null, and not declared { nullable: true }');
    }
    return null;
  }
  if (field.enum !== undefined) checkEnum(field.enum, value, place, origin, codec);
  return reuse(codec, value, place, origin);
}

/** Each value is allowed, or was there before: what others have stored does not stand in the way of a change. */
function checkEnum(
  allowed: ReadonlySet<unknown>,
  value: unknown,
  place: Place,
  origin: RawValue | undefined,
  codec: ValueCodec,
): void {
  const others = leavesOf(value).filter((one) => !allowed.has(one));
  if (others.length === 0) return;
  const before = origin === undefined ? [] : leavesOf(codec.decode(origin, place.entity));
  if (others.every((one) => before.includes(one))) return;
  place.refuse(value, `one of ${[...allowed].map((one) => JSON.stringify(one)).join(', ')}`);
}

/** The values in arrays, Sets and Maps, however deep. */
function leavesOf(value: unknown): unknown[] {
  const isList = Array.isArray(value) || value instanceof Set || value instanceof Map;
  return isList ? [...(value as { values(): Iterable<unknown> }).values()].flatMap(leavesOf) : [value];
}

/** By property, and with the class's name where a client could not tell the class otherwise. */
function fieldsToJson(variant: ObjectMap, value: Record<string, unknown>, codecOf: CodecOf): object {
  const object = {};
  const tag = discriminatorProperty(variant);
  if (tag !== undefined) setOwn(object, tag, value[tag] ?? variant.discriminator?.value);
  for (const field of variant.fields) {
    const present = value[field.property];
    if (present === undefined) continue;
    setOwn(object, field.property, present === null ? null : codecOf(field).toJson(present));
  }
  return object;
}

/** A fresh copy of what a missing field reads as. */
export function copyDefault(map: ObjectMap, field: FieldMap, codecOf: CodecOf): unknown {
  const value = map.defaults.get(field.property);
  if (value === undefined || value === null || !field.mutable) return value;
  const codec = codecOf(field);
  let raw = defaultsAsBytes.get(field);
  if (raw === undefined) {
    raw = encodeValue(codec.encode(value, new Place(map.name, field.property)));
    defaultsAsBytes.set(field, raw);
  }
  return codec.decode(raw, map.name);
}

/** Mutable defaults are kept as bytes, as everything that is handed out in copies. */
const defaultsAsBytes = new WeakMap<FieldMap, RawValue>();

/** An object of any class: what is pushed is often a DTO. But no Date, no Map, no value of BSON's. */
function isRecord(map: ObjectMap, value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || isBson(value)) return false;
  return tagOf(value) === '[object Object]' || value instanceof map.target;
}
