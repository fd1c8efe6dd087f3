import { codecOfField } from '../bson/codec-of.js';
import { BsonType } from '../bson/elements.js';
import { encodeValue, type RawValue } from '../bson/raw-value.js';
import type { FieldMap } from '../mapping/index.js';
import type { Guard } from './change.js';
import type { Collector, Location } from './collector.js';
import { guardNewKeys, isSame, type ArrayComparison, type InnerDiff } from './diff-array.js';

interface Keyed {
  readonly key: RawValue;
  readonly text: string;
  readonly index: number;
}

/**
 * The changes of an array whose elements have keys, element by element, so that a concurrent push, removal or reorder
 * elsewhere neither conflicts nor hits the wrong element. False when keys are missing or not unique, or the order of
 * the elements that stay is another one.
 */
export function diffKeyed(
  out: Collector,
  array: ArrayComparison,
  key: FieldMap,
  at: Location,
  inner: InnerDiff,
): boolean {
  const encoded = array.encoded();
  const before = keysOf(array.stored, key);
  const now = keysOf(encoded.map(encodeValue), key);
  if (before === undefined || now === undefined) return false;

  const kept = [...now.values()].filter(({ text }) => before.has(text));
  const removed = [...before.values()].filter(({ text }) => !now.has(text));
  const isInOrder = kept.every((one, index) => one.index === index); // what is new stands behind what stays
  const isSameOrder = kept.every(
    (one, index) => index === 0 || positionOf(before, kept[index - 1]!) < positionOf(before, one),
  );
  if (!isInOrder || !isSameOrder) return false;

  const parts = out.inside();
  for (const one of kept) {
    const original = array.stored[positionOf(before, one)]!;
    if (!isSame(array.codec, original, array.present[one.index]))
      edit(parts, array, one, original, encoded, key, at, inner);
  }
  if (removed.length > 0) pull(parts, array, removed, key, at);
  const added = encoded.slice(kept.length);
  if (added.length > 0) {
    if (!guardNewKeys(parts, array, added, key, at)) return false;
    parts.guard({ kind: 'array', path: at.path, field: at.property });
    parts.changes.push({ op: '$push', path: at.path, values: added });
  }
  const kinds = new Set(parts.changes.map(({ op, path }) => (path === at.path ? op : 'edit')));
  if (kinds.size > 1 && !out.mayTakeSeveral) return false;
  for (const guard of parts.guards) out.guard(guard);
  out.changes.push(...parts.changes);
  return true;
}

/** An element that stays and changed: its fields, found by its key. */
function edit(
  out: Collector,
  array: ArrayComparison,
  one: Keyed,
  original: RawValue,
  encoded: readonly unknown[],
  key: FieldMap,
  at: Location,
  inner: InnerDiff,
): void {
  const name = out.elementName();
  const element = { name, key: key.stored, value: one.key };
  const own = `${at.path}.$[${name}]`;
  const property = `${at.property}.${one.index}`;
  const within = out.inside();
  // Paths inside the element are relative to it: guards are checked there, changes get the element's path.
  const isDeep =
    inner(within, array.of, original, array.present[one.index], { path: '', property }) &&
    (out.mayTakeSeveral || within.guards.every(fitsElement));
  const guard = { kind: 'element', path: at.path, key: key.stored, value: one.key } as const;
  if (!isDeep || within.changes.length === 0) {
    out.guard({ ...guard, field: property, inner: { kind: 'whole', original } });
    out.changes.push({ op: '$set', path: own, value: encoded[one.index], elements: [element] });
    return;
  }
  for (const each of within.guards) if (each.path !== '') out.guard({ ...guard, field: each.field, inner: each });
  if (within.guards.every(({ path }) => path === ''))
    out.guard({ ...guard, field: property, inner: { kind: 'whole', original } });
  for (const change of within.changes) {
    out.changes.push({
      ...change,
      path: `${own}.${change.path}`,
      elements: [element, ...(change.elements ?? [])],
    });
  }
}

/** Can a filter say this of an element? Without transactions only filters guard. */
function fitsElement({ kind }: Guard): boolean {
  return kind === 'value' || kind === 'object' || kind === 'array';
}

/** Elements removed by key, each guarded by its original: an edit by another is a conflict, not a silent loss. */
function pull(out: Collector, array: ArrayComparison, removed: readonly Keyed[], key: FieldMap, at: Location): void {
  for (const one of removed) {
    out.guard({
      kind: 'element',
      path: at.path,
      field: at.property,
      key: key.stored,
      value: one.key,
      inner: { kind: 'whole', original: array.stored[one.index]! },
    });
  }
  out.changes.push({ op: '$pull', path: at.path, key: key.stored, values: removed.map((one) => one.key) });
}

/** The elements by key, in their order; undefined when a key is missing, null, a container, or occurs twice. */
function keysOf(elements: readonly RawValue[], key: FieldMap): Map<string, Keyed> | undefined {
  const codec = codecOfField(key);
  const keyed = new Map<string, Keyed>();
  for (const [index, element] of elements.entries()) {
    const raw = element.type === BsonType.object ? element.fields().get(key.stored) : undefined;
    if (raw === undefined || !isKeyType(raw.type)) return undefined;
    const text = JSON.stringify(codec.toJson(codec.decode(raw, '')));
    if (keyed.has(text)) return undefined;
    keyed.set(text, { key: raw, text, index });
  }
  return keyed;
}

function isKeyType(type: number): boolean {
  return ![BsonType.null, BsonType.undefined, BsonType.array, BsonType.object, BsonType.regex].includes(type);
}

function positionOf(before: ReadonlyMap<string, Keyed>, one: Keyed): number {
  return before.get(one.text)!.index;
}
