import type { Place, ValueCodec } from '../codec.js';
import { BsonType } from '../elements.js';
import { originOf, rememberOrigin } from '../origins.js';
import { setOwn } from '../set-own.js';
import { anyCodec, foreignOrigin } from './any.js';
import { asDocument, encodeElements, isStorableName, keptUndefined, reuse, type ElementMatcher } from './rebuild.js';
import { sameAny, sameSet } from './same.js';

export type { ElementMatcher } from './rebuild.js';

/** Arrays of a declared type. */
export function arrayCodec(of: ValueCodec, matcher: ElementMatcher): ValueCodec {
  const codec: ValueCodec = {
    decode: (raw, owner) => {
      if (raw.type !== BsonType.array) return anyCodec.decode(raw, owner);
      const array = raw.elements().map((element) => of.decode(element, owner));
      rememberOrigin(array, raw.bytes, raw.start, codec);
      return array;
    },
    equals: (a, b) => {
      if (!Array.isArray(a) || !Array.isArray(b)) return sameAny(a, b);
      if (a.length !== b.length) return false;
      for (let i = 0; i < a.length; i++) if (!of.equals(a[i] ?? null, b[i] ?? null)) return false;
      return true;
    },
    encode: (value, place, given) => {
      if (!Array.isArray(value)) return place.refuse(value, 'an array');
      return place.inside(value, () => encodeElements(of, matcher, value, place, originOf(value, codec) ?? given));
    },
    toJson: (value) =>
      Array.isArray(value) ? Array.from(value, (v) => jsonOf(of, v) ?? null) : anyCodec.toJson(value),
    origin: (value) => originOf(value, codec) ?? foreignOrigin(value, BsonType.array),
  };
  return codec;
}

/** Sets, stored as arrays. */
export function setCodec(of: ValueCodec, matcher: ElementMatcher): ValueCodec {
  const codec: ValueCodec = {
    decode: (raw, owner) => {
      if (raw.type !== BsonType.array) return anyCodec.decode(raw, owner);
      const set = new Set(raw.elements().map((element) => of.decode(element, owner)));
      rememberOrigin(set, raw.bytes, raw.start, codec);
      return set;
    },
    equals: (a, b) =>
      a instanceof Set && b instanceof Set ? sameSet([...a], [...b], (x, y) => of.equals(x, y)) : sameAny(a, b),
    encode: (value, place, given) => {
      if (!(value instanceof Set)) return place.refuse(value, 'a Set');
      const elements = [...(value as Set<unknown>)];
      return place.inside(value, () => encodeElements(of, matcher, elements, place, originOf(value, codec) ?? given));
    },
    toJson: (value) =>
      value instanceof Set ? [...(value as Set<unknown>)].map((v) => jsonOf(of, v) ?? null) : anyCodec.toJson(value),
    origin: (value) => originOf(value, codec) ?? foreignOrigin(value, BsonType.array),
  };
  return codec;
}

/** Maps with string keys, stored as objects. */
export function mapCodec(of: ValueCodec): ValueCodec {
  const codec: ValueCodec = {
    decode: (raw, owner) => {
      if (raw.type !== BsonType.object) return anyCodec.decode(raw, owner);
      const map = new Map<string, unknown>();
      for (const [name, field] of raw.fields()) map.set(name, of.decode(field, owner));
      rememberOrigin(map, raw.bytes, raw.start, codec);
      return map;
    },
    equals: (a, b) => {
      if (!(a instanceof Map) || !(b instanceof Map)) return sameAny(a, b);
      const present = [...(a as Map<unknown, unknown>)].filter(([, value]) => value !== undefined);
      const others = b as Map<unknown, unknown>;
      if (present.length !== [...others.values()].filter((value) => value !== undefined).length) return false;
      return present.every(([key, value]) => others.get(key) !== undefined && of.equals(value, others.get(key)));
    },
    encode: (value, place, given) => {
      if (!(value instanceof Map)) return place.refuse(value, 'a Map');
      const origin = originOf(value, codec) ?? given;
      const stored = origin?.type === BsonType.object ? origin.fields() : undefined;
      return place.inside(value, () => {
        const entries = new Map<string, unknown>();
        for (const [key, entry] of value as Map<unknown, unknown>) {
          const name = checkMapKey(key, place);
          const raw = stored?.get(name);
          const encoded =
            entry === undefined
              ? keptUndefined(raw)
              : place.within(name, () => reuse(of, entry, place, of.origin?.(entry) ?? raw));
          if (encoded !== undefined) entries.set(name, encoded);
        }
        return asDocument(entries, stored);
      });
    },
    toJson: (value) => {
      if (!(value instanceof Map)) return anyCodec.toJson(value);
      const object = {};
      for (const [key, entry] of value as Map<unknown, unknown>) setOwn(object, String(key), jsonOf(of, entry));
      return object;
    },
    origin: (value) => originOf(value, codec) ?? foreignOrigin(value, BsonType.object),
  };
  return codec;
}

export function checkMapKey(key: unknown, place: Place): string {
  if (typeof key === 'string' && isStorableName(key)) return key;
  return place.refuse(key, 'a Map whose keys are strings without NUL and lone surrogates');
}

function jsonOf(codec: ValueCodec, value: unknown): unknown {
  return value === null || value === undefined ? value : codec.toJson(value);
}
