import { BsonType } from '../bson/elements.js';
import type { RawValue } from '../bson/raw-value.js';
import type { ValueType } from '../mapping/index.js';
import { inStatements, updateBytes, type PathChange } from './change.js';
import { fitsFilter } from './guard-filter.js';
import { holdsUndeclared } from './undeclared.js';
import type { Collector, Location } from './collector.js';
import { guardNewKeys, isEqual, isSame, type ArrayComparison, type InnerDiff } from './diff-array.js';

/** One way to say what became of an array. */
interface Form {
  /** Holds the changes and their guards. */
  readonly parts: Collector;
  /** Taken whatever its size, since it conflicts with less of what others do than the whole array would. */
  readonly isPreferred: boolean;
}

/**
 * The changes of an array whose elements are told apart by nothing but their position; false when only the whole says
 * it, or says it shorter.
 */
export function diffUnkeyed(out: Collector, array: ArrayComparison, at: Location, inner: InnerDiff): boolean {
  const { stored, present } = array;
  const head = commonHead(array);
  const tail = commonTail(array, head);
  const inserted = present.length - stored.length;
  if (inserted > 0 && head + tail === stored.length) return insert(out, array, head, inserted, at);

  const forms = [
    pullScalars(out.inside(), array, at),
    editByPosition(out.inside(), array, head, inserted === 0 ? tail : 0, at, inner),
    truncate(out.inside(), array, head, at),
  ]
    .filter((form) => form !== undefined)
    .filter((form) => form.isPreferred || mayPay(form.parts, array.original));
  const best = forms.find(({ isPreferred }) => isPreferred) ?? shortest(forms);
  if (best === undefined) return false;
  const isShorter = () =>
    updateBytes(best.parts.changes) < updateBytes([{ op: '$set', path: at.path, value: array.encoded() }]);
  if (!best.isPreferred && !isShorter()) return false;
  out.take(best.parts);
  return true;
}

/**
 * Several statements take a transaction, which is two more round trips: not where the whole array could be set by one
 * command, under a filter. Originals that are too large for that are read in a transaction anyway.
 */
export function mayPay({ changes }: Collector, original: RawValue): boolean {
  return inStatements(changes).length === 1 || !fitsFilter({ kind: 'value', path: '', field: '', original });
}

function shortest(forms: readonly Form[]): Form | undefined {
  const sizes = new Map(forms.map((form) => [form, updateBytes(form.parts.changes)]));
  return [...forms].sort((a, b) => sizes.get(a)! - sizes.get(b)!)[0];
}

/** A run of new elements between unchanged ones: at the end it commutes with others' appends. */
function insert(out: Collector, array: ArrayComparison, at: number, count: number, location: Location): boolean {
  const values = array.encoded().slice(at, at + count);
  if (at === array.stored.length) return append(out, array, values, location);
  out.guard({ kind: 'value', path: location.path, field: location.property, original: array.original });
  out.changes.push({ op: '$push', path: location.path, values, position: at });
  return true;
}

/** Guarded by its being an array still, and by the keys being new; false when one is not. */
function append(out: Collector, array: ArrayComparison, values: readonly unknown[], at: Location): boolean {
  const key = array.of.kind === 'embedded' ? array.of.map.key : undefined;
  if (key !== undefined && !guardNewKeys(out, array, values, key, at)) return false;
  out.guard({ kind: 'array', path: at.path, field: at.property });
  out.changes.push({ op: '$push', path: at.path, values });
  return true;
}

/**
 * Elements changed where they stand, each guarded by its whole original, and what was appended or cut off behind them:
 * that takes an update of its own, since the server refuses two changes of one path.
 */
function editByPosition(
  out: Collector,
  array: ArrayComparison,
  head: number,
  tail: number,
  at: Location,
  inner: InnerDiff,
): Form | undefined {
  const { stored, present, codec } = array;
  const both = Math.min(stored.length, present.length);
  const encoded = array.encoded(); // refuses what cannot be stored, such as what contains itself
  if (stored.length === present.length ? isReordered(array) : !out.mayTakeSeveral) return undefined;
  let areFields = true;
  const inside: PathChange[] = []; // parts of elements, wherever only these changed
  const shorter: PathChange[] = []; // or the element whole, where that is shorter
  for (let index = head; index < both - tail; index++) {
    const original = stored[index]!;
    const value = present[index] ?? null;
    if (isSame(codec, original, value)) continue;
    const location = { path: `${at.path}.${index}`, property: `${at.property}.${index}` };
    out.guard({ kind: 'position', path: at.path, field: location.property, index, original });
    const whole: PathChange = { op: '$set', path: location.path, value: encoded[index] };
    const isAtHome = isHome(array, original, value);
    const changes = out.inside();
    const isExact = isAtHome || !hidesAnything(array, original, value);
    const isField = isAtHome && original.type === BsonType.object;
    const isDeep = isExact && inner(changes, array.of, original, value, location);
    areFields &&= isField && isDeep;
    const deep = isDeep ? changes.changes : [whole];
    if (isDeep) parts.set(whole, deep);
    inside.push(...deep);
    shorter.push(...(isField || updateBytes(deep) <= updateBytes([whole]) ? deep : [whole]));
  }
  // Operators are sent once for all their paths: what is shorter for each need not be shorter for all.
  out.changes.push(...least([inside, shorter, inside.flatMap(partsOf)]));
  // Keys, where some elements have them, are not found by their position.
  if (out.changes.length === 0 || out.changes.some(({ elements }) => elements !== undefined)) return undefined;
  if (present.length < stored.length) cut(out, array, present.length, at);
  else if (present.length === stored.length) out.guard({ kind: 'array', path: at.path, field: at.property });
  else if (!append(out, array, encoded.slice(both), at)) return undefined;
  return { parts: out, isPreferred: areFields && stored.length === present.length };
}

/** What changes the parts of an element, where it may be set whole since that alone is shorter. */
const parts = new WeakMap<PathChange, readonly PathChange[]>();

function partsOf(change: PathChange): readonly PathChange[] {
  return parts.get(change)?.flatMap(partsOf) ?? [change];
}

/** The shortest, and of equal ones the first. */
function least(all: readonly (readonly PathChange[])[]): readonly PathChange[] {
  const sizes = all.map(updateBytes);
  return all[sizes.indexOf(Math.min(...sizes))]!;
}

/** Elements gone from one end. */
function truncate(out: Collector, array: ArrayComparison, head: number, at: Location): Form | undefined {
  const { stored, present } = array;
  if (present.length === 0 || present.length >= stored.length) return undefined;
  if (head === present.length) cut(out, array, present.length, at);
  else if (commonTail(array, 0) === present.length) cut(out, array, -present.length, at);
  else return undefined;
  return { parts: out, isPreferred: false };
}

/** Keeps so many elements: the first ones, or with a negative number the last. Guarded by the whole original. */
function cut(out: Collector, { stored, original }: ArrayComparison, kept: number, at: Location): void {
  out.guard({ kind: 'value', path: at.path, field: at.property, original });
  out.changes.push(
    stored.length - Math.abs(kept) === 1
      ? { op: '$pop', path: at.path, value: kept > 0 ? 1 : -1 }
      : { op: '$push', path: at.path, values: [], slice: kept },
  );
}

/**
 * Scalars of which every occurrence goes, and others appended. Guarded by how many there were: a bare `$pullAll` would
 * also remove what another client has added since.
 */
function pullScalars(out: Collector, array: ArrayComparison, at: Location): Form | undefined {
  const { stored, present, codec } = array;
  if (!out.isExact || !isScalar(array.of)) return undefined; // the collection's collation rules `$pullAll`
  const decoded = stored.map((raw) => codec.decode(raw, ''));
  const gone = stored.filter((_, index) => !present.some((value) => codec.equals(decoded[index], value)));
  const kept = decoded.filter((value) => present.some((other) => codec.equals(value, other)));
  const isSameOrder = kept.every((value, index) => codec.equals(value, present[index]));
  if (gone.length === 0 || !isSameOrder || gone.some(isContainer)) return undefined;
  const values = gone.filter((raw, index) => gone.findIndex((other) => isEqual(codec, raw, other)) === index);
  const added = array.encoded().slice(kept.length);
  if (added.length > 0 && !out.mayTakeSeveral) return undefined;
  out.guard({ kind: 'array', path: at.path, field: at.property });
  for (const value of values) {
    const count = stored.filter((raw) => isEqual(codec, raw, value)).length;
    out.guard({ kind: 'count', path: at.path, field: at.property, value, count });
  }
  out.changes.push({ op: '$pullAll', path: at.path, values });
  if (added.length > 0) out.changes.push({ op: '$push', path: at.path, values: added });
  return { parts: out, isPreferred: added.length === 0 && values.length <= kept.length };
}

/** The same elements in another order: to merge that with what others append would be neither order. */
function isReordered({ codec, stored, present }: ArrayComparison): boolean {
  // In groups by their text, which NaN and null, a date and its text, have in common.
  const text = (value: unknown) => JSON.stringify(value === null ? null : codec.toJson(value)) ?? '';
  const groups = new Map<string, RawValue[]>();
  for (const raw of stored) {
    const own = text(codec.decode(raw, ''));
    const group = groups.get(own);
    if (group === undefined) groups.set(own, [raw]);
    else group.push(raw);
  }
  return Array.from(present, (value) => value ?? null).every((value) => {
    const group = groups.get(text(value)) ?? [];
    const at = group.findIndex((raw) => isSame(codec, raw, value));
    return at >= 0 && group.splice(at, 1).length === 1;
  });
}

/**
 * Is the value the one that was read at this place, changed? One of no known origin, or one that was moved here,
 * replaces the element whole where that has anything undeclared: it belongs to the element that was here.
 */
function isHome({ stored, codec }: ArrayComparison, original: RawValue, present: unknown): boolean {
  const origin = codec.origin?.(present);
  if (origin === undefined) return false;
  return origin.sameBytes(original) || !stored.some((other) => origin.sameBytes(other));
}

/** Has the element that was here, or the one that is here now, parts that its class does not declare? */
function hidesAnything({ of, codec }: ArrayComparison, original: RawValue, present: unknown): boolean {
  const origin = codec.origin?.(present);
  return holdsUndeclared(of, original) || (origin !== undefined && holdsUndeclared(of, origin));
}

/** Of a type that the server compares as we do, and reads no pattern in. */
export function isScalar(type: ValueType): boolean {
  return !['array', 'set', 'map', 'embedded', 'any', 'regexp'].includes(type.kind);
}

/** An object or an array, whatever was declared: the server compares the order of its fields too. */
export function isContainer({ type }: RawValue): boolean {
  return type === BsonType.object || type === BsonType.array;
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
