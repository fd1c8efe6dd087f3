import { Place, type ValueCodec } from '../bson/codec.js';
import { codecOf, codecOfField } from '../bson/codec-of.js';
import { BsonType } from '../bson/elements.js';
import { encodeValue, type RawValue } from '../bson/raw-value.js';
import type { FieldMap, ValueType } from '../mapping/index.js';
import type { Collector, Location } from './collector.js';
import { diffKeyed } from './diff-keyed.js';
import { diffUnkeyed } from './diff-unkeyed.js';

/** Compares the insides of two values that differ; false when the whole must be set. */
export type InnerDiff = (out: Collector, of: ValueType, original: RawValue, present: unknown, at: Location) => boolean;

/**
 * The smallest correct changes of an array; false when only the whole array says it: then it is set, guarded by the
 * whole original.
 */
export function diffArray(
  out: Collector,
  type: ValueType & { kind: 'array' },
  original: RawValue,
  present: unknown,
  at: Location,
  inner: InnerDiff,
): boolean {
  if (original.type !== BsonType.array || !Array.isArray(present)) return false;
  const { of } = type;
  const comparison: ArrayComparison = {
    of,
    codec: codecOf(of),
    stored: original.elements(),
    present,
    encoded: () => codecOf(type).encode(present, new Place(out.entity, at.property), original) as unknown[],
    original,
  };
  const key = of.kind === 'embedded' ? of.map.key : undefined;
  if (key !== undefined && out.isExact && diffKeyed(out, comparison, key, at, inner)) return true;
  return diffUnkeyed(out, comparison, at, inner);
}

/** A stored array and what it is now. */
export interface ArrayComparison {
  readonly of: ValueType;
  readonly codec: ValueCodec;
  readonly stored: readonly RawValue[];
  readonly present: readonly unknown[];
  /** The present elements for the driver. */
  readonly encoded: () => unknown[];
  readonly original: RawValue;
}

/** Guards that nobody has added elements of these keys meanwhile; false when a key is not new. */
export function guardNewKeys(
  out: Collector,
  array: ArrayComparison,
  values: readonly unknown[],
  key: FieldMap,
  at: Location,
): boolean {
  const codec = codecOfField(key);
  const keyOf = (raw: RawValue) => (raw.type === BsonType.object ? raw.fields().get(key.stored) : undefined);
  const text = (raw: RawValue) => JSON.stringify(codec.toJson(codec.decode(raw, ''))) ?? '';
  const seen = new Set(array.stored.flatMap((raw) => keyOf(raw) ?? []).map(text));
  for (const value of values) {
    const raw = keyOf(encodeValue(value));
    if (raw === undefined || raw.type === BsonType.null) continue;
    if (seen.has(text(raw))) return false;
    seen.add(text(raw));
    out.guard({ kind: 'absentKey', path: at.path, field: at.property, key: key.stored, value: raw });
  }
  return true;
}

export function isSame(codec: ValueCodec, raw: RawValue, value: unknown): boolean {
  return codec.equals(codec.decode(raw, ''), value);
}

export function isEqual(codec: ValueCodec, a: RawValue, b: RawValue): boolean {
  return codec.equals(codec.decode(a, ''), codec.decode(b, ''));
}
