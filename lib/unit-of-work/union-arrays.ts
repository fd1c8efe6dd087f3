import { codecOf, codecOfField } from '../bson/codec-of.js';
import type { ValueCodec } from '../bson/codec.js';
import { BsonType } from '../bson/elements.js';
import { encodeValue, type RawValue } from '../bson/raw-value.js';
import type { FieldMap, ValueType } from '../mapping/index.js';
import { sameStored, type Merge, type Three } from './union-merge.js';

type Arrays = Record<keyof Three, RawValue>;

/** An array that both sides changed; undefined where only one of the two can be had. */
export function mergeArray(merge: Merge, of: ValueType, three: Arrays, path: string): RawValue | undefined {
  const key = of.kind === 'embedded' ? of.map.key : undefined;
  const merged = (key && mergeKeyed(merge, of, key, three, path)) ?? mergeUnkeyed(merge, of, three, path);
  return merged && encodeValue(merged);
}

/** By key: an element that one side changed, removed or added. The order is the receiver's, new ones at the end. */
function mergeKeyed(
  merge: Merge,
  of: ValueType,
  key: FieldMap,
  { original, ours, theirs }: Arrays,
  path: string,
): RawValue[] | undefined {
  const [a, b, c] = [original, ours, theirs].map((array) => elementsByKey(array, key));
  if (a === undefined || b === undefined || c === undefined) return undefined;
  const common = (side: Elements) => [...side.keys()].filter((text) => a.has(text) && b.has(text) && c.has(text));
  const order = (side: Elements) => common(side).join('\n');
  const isOurs = order(c) === order(a);
  if (!isOurs && order(b) !== order(a)) return undefined; // both reordered
  const [first, second] = isOurs ? [b, c] : [c, b];
  const merged: RawValue[] = [];
  for (const text of new Set([...first.keys(), ...second.keys(), ...a.keys()])) {
    const index = [...(b.has(text) ? b : c.has(text) ? c : a).keys()].indexOf(text);
    const one = { original: a.get(text), ours: b.get(text), theirs: c.get(text) };
    const element = merge.value(of, one, `${path}.${index}`);
    if (element !== undefined) merged.push(element);
  }
  return merged;
}

type Elements = Map<string, RawValue>;

/** The elements by their keys; undefined where a key is missing, or not unique. */
function elementsByKey(array: RawValue, key: FieldMap): Elements | undefined {
  const codec = codecOfField(key);
  const elements: Elements = new Map();
  for (const element of array.elements()) {
    const raw = element.type === BsonType.object ? element.fields().get(key.stored) : undefined;
    if (raw === undefined || raw.type === BsonType.null) return undefined;
    const text = JSON.stringify(codec.toJson(codec.decode(raw, '')));
    if (elements.has(text)) return undefined;
    elements.set(text, element);
  }
  return elements;
}

function mergeUnkeyed(merge: Merge, of: ValueType, three: Arrays, path: string): RawValue[] | undefined {
  const codec = codecOf(of);
  const a = three.original.elements();
  const b = three.ours.elements();
  const c = three.theirs.elements();
  const isAppended = (side: readonly RawValue[]) =>
    side.length >= a.length && a.every((element, index) => sameStored(codec, element, side[index]));
  if (isAppended(b) && isAppended(c)) return [...b, ...c.slice(a.length)];
  if (b.length === c.length && b.every((element, index) => sameStored(codec, element, c[index]))) return b;
  if (b.length >= a.length && c.length >= a.length) {
    const edited = a.map(
      (original, index) => merge.value(of, { original, ours: b[index], theirs: c[index] }, `${path}.${index}`) ?? null,
    );
    return [...edited.map((element) => encodeValue(element)), ...b.slice(a.length), ...c.slice(a.length)];
  }
  return mergeRemovals(codec, a, b, c);
}

/** Values of which a side took every occurrence away, and others that it appended, in both sides. */
function mergeRemovals(
  codec: ValueCodec,
  a: readonly RawValue[],
  b: readonly RawValue[],
  c: readonly RawValue[],
): RawValue[] | undefined {
  const has = (list: readonly RawValue[], value: RawValue) => list.some((other) => sameStored(codec, other, value));
  const tailOf = (side: readonly RawValue[]): RawValue[] | undefined => {
    const kept = a.filter((element) => has(side, element));
    const isInOrder = kept.every((element, index) => sameStored(codec, element, side[index]));
    const tail = side.slice(kept.length);
    return isInOrder && !tail.some((element) => has(a, element)) ? tail : undefined;
  };
  const [ours, theirs] = [tailOf(b), tailOf(c)];
  if (ours === undefined || theirs === undefined) return undefined;
  return [...a.filter((element) => has(b, element) && has(c, element)), ...ours, ...theirs];
}

/** A list that is a set: what either side added, without what either took away. */
export function mergeMembers(of: ValueType, three: Three): RawValue | undefined {
  const codec = codecOf(of);
  const lists = [three.original, three.ours, three.theirs].map((raw) => {
    if (raw === undefined) return [];
    return raw.type === BsonType.array ? raw.elements() : undefined;
  });
  const [a, b, c] = lists;
  if (a === undefined || b === undefined || c === undefined || three.ours === undefined || three.theirs === undefined) {
    return undefined;
  }
  const has = (list: readonly RawValue[], value: RawValue) => list.some((other) => sameStored(codec, other, value));
  const kept = b.filter((value) => !has(a, value) || has(c, value));
  const added = c.filter((value) => !has(a, value) && !has(b, value));
  return encodeValue([...kept, ...added]);
}
