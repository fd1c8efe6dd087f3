import { Place, type ValueCodec } from '../bson/codec.js';
import { codecOf, codecOfField } from '../bson/codec-of.js';
import { BsonType } from '../bson/elements.js';
import { encodeDocument, encodeValue, type RawValue } from '../bson/raw-value.js';
import type { FieldMap, ValueType } from '../mapping/index.js';
import type { PathChange } from './change.js';
import type { Collector, Location } from './collector.js';
import { diffKeyed } from './diff-keyed.js';

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

function diffUnkeyed(out: Collector, array: ArrayComparison, at: Location, inner: InnerDiff): boolean {
  const { stored, present } = array;
  const head = commonHead(array);
  const tail = commonTail(array, head);
  const inserted = present.length - stored.length;
  if (inserted > 0 && head + tail === stored.length) return insert(out, array, head, inserted, at);
  if (inserted === 0 && diffByPosition(out, array, head, stored.length - tail, at, inner)) return true;
  return out.mayTakeSeveral && out.isExact && isScalar(array.of) && pullScalars(out, array, at);
}

/** A run of new elements between unchanged ones: at the end it commutes with others' appends. */
function insert(out: Collector, array: ArrayComparison, at: number, count: number, location: Location): boolean {
  const values = array.encoded().slice(at, at + count);
  if (at === array.stored.length) {
    if (
      array.of.kind === 'embedded' &&
      array.of.map.key !== undefined &&
      !guardNewKeys(out, array, values, array.of.map.key, location)
    ) {
      return false;
    }
    out.guard({ kind: 'array', path: location.path, field: location.property });
    out.changes.push({ op: '$push', path: location.path, values });
    return true;
  }
  out.guard({ kind: 'value', path: location.path, field: location.property, original: array.original });
  out.changes.push({ op: '$push', path: location.path, values, position: at });
  return true;
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

/** Elements changed where they stand, each guarded by its whole original; false when the whole array is shorter. */
function diffByPosition(
  out: Collector,
  array: ArrayComparison,
  from: number,
  to: number,
  at: Location,
  inner: InnerDiff,
): boolean {
  const parts = out.inside();
  const encoded = array.encoded();
  for (let index = from; index < to; index++) {
    const original = array.stored[index]!;
    const present = array.present[index] ?? null;
    if (isSame(array.codec, original, present)) continue;
    const location = { path: `${at.path}.${index}`, property: `${at.property}.${index}` };
    parts.guard({ kind: 'position', path: at.path, field: location.property, index, original });
    const changes = parts.inside();
    const isDeep = isAtHome(array, original, present) && inner(changes, array.of, original, present, location);
    if (isDeep) parts.changes.push(...changes.changes);
    else parts.changes.push({ op: '$set', path: location.path, value: encoded[index] });
  }
  const whole: PathChange = { op: '$set', path: at.path, value: encoded };
  if (parts.changes.some(({ elements }) => elements !== undefined) || !isShorter(parts.changes, [whole])) return false;
  out.guard({ kind: 'array', path: at.path, field: at.property });
  for (const guard of parts.guards) out.guard(guard);
  out.changes.push(...parts.changes);
  return true;
}

/**
 * Scalars of which every occurrence goes, and others appended. Guarded by how many there were: a bare `$pullAll` would
 * also remove what another client has added since.
 */
function pullScalars(out: Collector, array: ArrayComparison, at: Location): boolean {
  const { stored, present, codec } = array;
  const decoded = stored.map((raw) => codec.decode(raw, ''));
  const gone = stored.filter((_, index) => !present.some((value) => codec.equals(decoded[index], value)));
  const kept = decoded.filter((value) => present.some((other) => codec.equals(value, other)));
  const isSameOrder = kept.every((value, index) => codec.equals(value, present[index]));
  if (gone.length === 0 || !isSameOrder || kept.length + gone.length !== stored.length) return false;
  if (gone.some((raw) => raw.type === BsonType.object || raw.type === BsonType.array)) return false;
  const values = gone.filter((raw, index) => gone.findIndex((other) => isEqual(codec, raw, other)) === index);
  const changes: PathChange[] = [{ op: '$pullAll', path: at.path, values }];
  const added = array.encoded().slice(kept.length);
  if (added.length > 0) changes.push({ op: '$push', path: at.path, values: added });
  if (!isShorter(changes, [{ op: '$set', path: at.path, value: array.encoded() }])) return false;
  out.guard({ kind: 'array', path: at.path, field: at.property });
  for (const value of values) {
    const count = stored.filter((raw) => isEqual(codec, raw, value)).length;
    out.guard({ kind: 'count', path: at.path, field: at.property, value, count });
  }
  out.changes.push(...changes);
  return true;
}

/**
 * Is the value the one that was read at this place, changed? One of no known origin, or one that was moved here,
 * replaces the element whole: what its class does not declare belongs to the element that was here.
 */
function isAtHome({ stored, codec }: ArrayComparison, original: RawValue, present: unknown): boolean {
  const origin = codec.origin?.(present);
  if (origin === undefined) return false;
  return origin.sameBytes(original) || !stored.some((other) => origin.sameBytes(other));
}

function isScalar(type: ValueType): boolean {
  return !['array', 'set', 'map', 'embedded', 'any', 'regexp'].includes(type.kind);
}

function commonHead({ codec, stored, present }: ArrayComparison): number {
  let index = 0;
  while (index < stored.length && index < present.length && isSame(codec, stored[index]!, present[index] ?? null)) {
    index++;
  }
  return index;
}

function commonTail({ codec, stored, present }: ArrayComparison, head: number): number {
  let count = 0;
  while (
    count < stored.length - head &&
    count < present.length - head &&
    isSame(codec, stored[stored.length - 1 - count]!, present[present.length - 1 - count] ?? null)
  ) {
    count++;
  }
  return count;
}

export function isSame(codec: ValueCodec, raw: RawValue, value: unknown): boolean {
  return codec.equals(codec.decode(raw, ''), value);
}

function isEqual(codec: ValueCodec, a: RawValue, b: RawValue): boolean {
  return codec.equals(codec.decode(a, ''), codec.decode(b, ''));
}

/** Is the one list of changes shorter than the other, in bytes? */
function isShorter(changes: readonly PathChange[], than: readonly PathChange[]): boolean {
  const size = (list: readonly PathChange[]) =>
    list.reduce((sum, change) => sum + encodeDocument({ [change.op]: { [change.path]: payload(change) } }).length, 0);
  return size(changes) < size(than);
}

function payload(change: PathChange): unknown {
  return 'values' in change ? change.values : 'value' in change ? change.value : '';
}
