import { BsonType } from '../bson/elements.js';
import { Place, type ValueCodec } from '../bson/codec.js';
import { codecOf, codecOfField } from '../bson/codec-of.js';
import { encodeField, variantOfStored, variantOfValue } from '../bson/codecs/embedded.js';
import { checkMapKey } from '../bson/codecs/collections.js';
import { isUnreadable } from '../bson/codecs/rebuild.js';
import type { DocumentCodec } from '../bson/document-codec.js';
import type { RawValue } from '../bson/raw-value.js';
import { CowError } from '../errors/index.js';
import type { EmbeddedMap, FieldMap, ValueType } from '../mapping/index.js';
import { isPathSafe, type DocumentChange } from './change.js';
import { Collector, type Location } from './collector.js';
import { diffArray } from './diff-array.js';
import { diffSet } from './diff-set.js';
import { mergeChanges } from './merge.js';
import { holdsUndeclared, sameUndeclared } from './undeclared.js';

/** A loaded document and what it is now. */
export interface Comparison {
  readonly codec: DocumentCodec;
  /** The raw original of a field; undefined where the document lacks it. */
  original(field: FieldMap): RawValue | undefined;
  /** The present value of a field. */
  present(field: FieldMap): unknown;
  /** May a document take several updates, in a transaction? */
  readonly mayTakeSeveral: boolean;
  /** Does the server compare strings of this collection byte by byte? */
  readonly isExact: boolean;
  /** The fields to compare. */
  readonly touched: Iterable<FieldMap>;
}

/** The smallest changes that turn the original into the present, each under its guard; undefined for none. */
export function diffDocument(comparison: Comparison): DocumentChange | undefined {
  const { codec } = comparison;
  const collector = new Collector(codec.map.name, comparison.mayTakeSeveral, comparison.isExact);
  const fields: string[] = [];
  for (const field of comparison.touched) {
    const before = collector.changes.length;
    diffField(collector, field, comparison.original(field), comparison.present(field), {
      path: field.stored,
      property: field.property,
      missing: codec.defaultOf(field),
    });
    if (collector.changes.length > before) fields.push(field.property);
  }
  if (collector.changes.length === 0) return undefined;
  return { changes: collector.changes, guards: collector.guards, fields };
}

function diffField(
  out: Collector,
  field: FieldMap,
  original: RawValue | undefined,
  present: unknown,
  at: Location,
): void {
  const codec = codecOfField(field);
  const before = original === undefined ? at.missing : readable(codec, original, `${out.entity}.${field.property}`);
  if (before !== UNREADABLE && isSame(codec, before, present)) return;
  if (present === undefined) {
    if (field.required) refuseRemoval(out.entity, at.property);
    removeValue(out, original, at);
    return;
  }
  if (field.merge !== undefined && before !== UNREADABLE) {
    const merged = mergeChanges(out, field, before, present, at.path);
    if (merged !== undefined) {
      out.changes.push(...merged);
      return;
    }
  }
  if (UNDIVIDED.has(field.type.kind) && field.enum === undefined && present !== null && before !== UNREADABLE) {
    // It differs, which `encodeField` would find out once more.
    out.setWhole(original, codec.encode(present, new Place(out.entity, at.property), original), at);
    return;
  }
  const encode = () => encodeField(field, present, new Place(out.entity, at.property), original, codec);
  if (field.enum !== undefined) encode(); // checks each value
  if (present === null || original === undefined) {
    if (original === undefined && isAppendToNothing(field.type, before, present)) {
      out.changes.push({ op: '$push', path: at.path, values: encode() as unknown[] });
      return;
    }
    out.setWhole(original, encode(), at);
    return;
  }
  if (!diffInside(out, field.type, original, present, at)) out.setWhole(original, encode(), at);
}

/** Types whose values are always sent whole. */
const UNDIVIDED = new Set<ValueType['kind']>(['string', 'number', 'boolean', 'date', 'objectId']);

/** The original where it cannot be read as the type declared, such as an int64 beyond 2^53 as a number: another value. */
const UNREADABLE = Symbol('unreadable');

function readable(codec: ValueCodec, original: RawValue, owner: string): unknown {
  try {
    return codec.decode(original, owner);
  } catch (error) {
    if (isUnreadable(error)) return UNREADABLE;
    throw error;
  }
}

/** A list that is missing, read as empty and appended to: two clients that do so both succeed. */
function isAppendToNothing(type: ValueType, before: unknown, present: unknown): boolean {
  if (type.kind !== 'array' || !Array.isArray(present) || present.length === 0) return false;
  return Array.isArray(before) && before.length === 0 && !hasKey(type.of);
}

function hasKey(type: ValueType): boolean {
  return type.kind === 'embedded' && type.map.key !== undefined;
}

/**
 * Differences of two present values by their parts; false when only the whole says it: another class, another type, a
 * key that cannot be part of a path.
 */
function diffInside(out: Collector, type: ValueType, original: RawValue, present: unknown, at: Location): boolean {
  switch (type.kind) {
    case 'embedded':
      return diffEmbedded(out, type.map, original, present, at);
    case 'map':
      return present instanceof Map && diffMap(out, type.of, original, present as Map<unknown, unknown>, at);
    case 'array':
      return diffArray(out, type, original, present, at, diffInside);
    case 'set':
      return diffSet(out, type, original, present, at);
    case 'any':
      return original.type === BsonType.array
        ? diffArray(out, { kind: 'array', of: type }, original, present, at, diffInside)
        : diffObject(out, original, present, at);
    default:
      return false;
  }
}

/** Field by field, when both are of one class; false when they are not. */
function diffEmbedded(out: Collector, map: EmbeddedMap, original: RawValue, present: unknown, at: Location): boolean {
  if (original.type !== BsonType.object || !isObject(present)) return false;
  const stored = original.fields();
  const variant = variantOfStored(map, stored);
  if (variantOfValue(map, present) !== variant || isMovedHere(map, original, present)) return false;
  guardObject(out, at);
  for (const field of variant.fields) {
    if (field.stored === variant.discriminator?.stored) continue;
    diffField(out, field, stored.get(field.stored), present[field.property], {
      path: join(at.path, field.stored),
      property: `${at.property}.${field.property}`,
      missing: variant.defaults.get(field.property),
    });
  }
  return true;
}

/**
 * Was the object read at another place of the document, or in another one? What its class does not declare then moves
 * with it, and that of the object which was here goes: only the whole says so, where there is any of it.
 */
function isMovedHere(map: EmbeddedMap, original: RawValue, present: object): boolean {
  const origin = codecOf({ kind: 'embedded', map }).origin?.(present);
  if (origin === undefined) return false;
  // Handed out before an earlier flush, it may be at home or not; and nothing that is undeclared was changed by that.
  if (origin.bytes !== original.bytes) return !sameUndeclared(map, origin, original);
  if (origin.start === original.start) return false;
  const type: ValueType = { kind: 'embedded', map };
  return holdsUndeclared(type, origin) || holdsUndeclared(type, original);
}

/** Entry by entry; false when a changed key cannot be part of a path. */
function diffMap(
  out: Collector,
  of: ValueType,
  original: RawValue,
  present: ReadonlyMap<unknown, unknown>,
  at: Location,
): boolean {
  if (original.type !== BsonType.object) return false;
  const place = new Place(out.entity, at.property);
  const entries = new Map([...present].map(([key, value]) => [checkMapKey(key, place), value]));
  return diffEntries(out, codecOf(of), of, original, entries, at);
}

/** Key by key of a free-form object; false when the two are not both plain objects. */
function diffObject(out: Collector, original: RawValue, present: unknown, at: Location): boolean {
  if (original.type !== BsonType.object || Object.prototype.toString.call(present) !== '[object Object]') return false;
  if (typeof (present as { _bsontype?: unknown })._bsontype === 'string') return false;
  const type: ValueType = { kind: 'any' };
  const entries = new Map(Object.entries(present as object));
  return diffEntries(out, codecOf(type), type, original, entries, at);
}

function diffEntries(
  out: Collector,
  codec: ValueCodec,
  of: ValueType,
  original: RawValue,
  entries: ReadonlyMap<string, unknown>,
  at: Location,
): boolean {
  const stored = original.fields();
  const changed: string[] = [];
  for (const name of new Set([...stored.keys(), ...entries.keys()])) {
    const raw = stored.get(name);
    const before = raw === undefined ? undefined : codec.decode(raw, out.entity);
    if (!isSame(codec, before, entries.get(name))) changed.push(name);
  }
  if (stored.has('$ref') || !changed.every(isPathSafe)) return false;
  guardObject(out, at);
  for (const name of changed) {
    const raw = stored.get(name);
    const value = entries.get(name);
    const inner = { path: join(at.path, name), property: `${at.property}.${name}` };
    const encode = () => (value === null ? null : codec.encode(value, new Place(out.entity, inner.property), raw));
    if (value === undefined) removeValue(out, raw, inner);
    else if (raw === undefined || value === null) out.setWhole(raw, encode(), inner);
    else if (!diffInside(out, of, raw, value, inner)) out.setWhole(raw, encode(), inner);
  }
  return true;
}

/** What lies at the path must be an object still: adding `a.b` after another removed `a` would make half an object. */
function guardObject(out: Collector, at: Location): void {
  if (at.path !== '') out.guard({ kind: 'object', path: at.path, field: at.property });
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function removeValue(out: Collector, original: RawValue | undefined, at: Location): void {
  if (original === undefined) return; // what was a default only is not stored
  out.changes.push({ op: '$unset', path: at.path });
  out.guard({ kind: 'value', path: at.path, field: at.property, original });
}

function refuseRemoval(entity: string, field: string): never {
  throw new CowError('InvalidValue', { entity, field, reason: 'it is required and was removed', expected: 'a value' });
}

function isSame(codec: ValueCodec, a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return codec.equals(a, b);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
