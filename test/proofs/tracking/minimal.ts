import { sameAny } from '../../../lib/bson/codecs/any.js';
import { encodeDocument, encodeValue, type RawValue } from '../../../lib/bson/raw-value.js';
import { updateBytes, type PathChange } from '../../../lib/flush/change.js';
import type { FieldMap, ObjectMap, ValueType } from '../../../lib/mapping/index.js';
import { comparable } from './documents.js';

/**
 * The oracle of size: what one operator alone would send for the change of a field, without touching what did not
 * change. It knows the stored bytes before and after, and nothing of how the library compares.
 */

/** One operator's work on one path. */
interface Edit {
  readonly op: '$set' | '$unset' | '$push' | '$pullAll' | '$addToSet' | '$pop';
  readonly path: string;
  readonly operand: unknown;
}

/** Says where the changes of a field are longer than they had to be; undefined where they are not. */
export function tooLong(
  map: ObjectMap,
  before: ReadonlyMap<string, RawValue>,
  after: ReadonlyMap<string, RawValue>,
  changes: readonly PathChange[],
): string | undefined {
  for (const field of map.fields) {
    const own = changes.filter(({ path }) => path === field.stored || path.startsWith(`${field.stored}.`));
    if (own.length === 0 || field.merge !== undefined) continue; // operators that commute have a size of their own
    if (own.some(({ elements }) => elements !== undefined)) continue; // told apart by key, whatever that takes
    const [was, is] = [before.get(field.stored), after.get(field.stored)];
    if (own.some(isMoved)) continue;
    if (was === undefined && own[0]?.op === '$push') continue; // commutes, where `$set` would not
    const edits = editsOf(field.type, field.stored, was, is);
    if (new Set(edits?.map(({ op }) => op)).size !== 1) continue;
    const least = sizeOf(edits!);
    const size = updateBytes(own);
    if (size > least) return `${field.stored}: ${size} bytes, and ${least} were enough: ${JSON.stringify(edits)}`;
  }
  return undefined;
}

/** An object set whole with what its class does not declare: it may have been moved here, which the bytes do not tell. */
function isMoved(change: PathChange): boolean {
  if (change.op !== '$set') return false;
  const value = encodeValue(change.value);
  return value.type === OBJECT && ['zz', 'zip', 'hid'].some((name) => value.fields().has(name));
}

function sizeOf(edits: readonly Edit[]): number {
  const update: Record<string, Map<string, unknown>> = {};
  for (const { op, path, operand } of edits) (update[op] ??= new Map()).set(path, operand);
  return encodeDocument(update).length;
}

/** The edits that leave alone what did not change; undefined where there is no bound. */
function editsOf(
  type: ValueType,
  path: string,
  was: RawValue | undefined,
  is: RawValue | undefined,
): Edit[] | undefined {
  if (same(was, is)) return [];
  if (is === undefined) return [{ op: '$unset', path, operand: '' }];
  const whole: Edit = { op: '$set', path, operand: is };
  if (was?.type !== is.type) return [whole];
  if (is.type === OBJECT) return ofObject(type, path, was, is) ?? undefined;
  if (is.type !== ARRAY) return [whole];
  if (type.kind === 'set') return ofSet(path, was.elements(), is.elements(), [whole]) ?? [whole];
  const of: ValueType | undefined = type.kind === 'array' ? type.of : type.kind === 'any' ? type : undefined;
  return of === undefined ? [whole] : ofArray(of, path, was, is);
}

function ofObject(type: ValueType, path: string, was: RawValue, is: RawValue): Edit[] | undefined {
  const [before, after] = [was.fields(), is.fields()];
  const names = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => !same(before.get(name), after.get(name)),
  );
  if (type.kind === 'embedded') {
    if (type.map.discriminator !== undefined) return undefined; // of another class, or as another reads it
    if (names.some((name) => !type.map.byStored.has(name))) return undefined; // moved, with what is not declared
    return all(names, (name) => inside(type.map.byStored.get(name)!, path, before, after));
  }
  if (before.has('$ref') || names.some((name) => name === '' || name.startsWith('$') || name.includes('.'))) {
    return [{ op: '$set', path, operand: is }];
  }
  const of: ValueType = type.kind === 'map' ? type.of : { kind: 'any' };
  return all(names, (name) => editsOf(of, `${path}.${name}`, before.get(name), after.get(name)));
}

function inside(
  field: FieldMap,
  path: string,
  before: ReadonlyMap<string, RawValue>,
  after: ReadonlyMap<string, RawValue>,
): Edit[] | undefined {
  return editsOf(field.type, `${path}.${field.stored}`, before.get(field.stored), after.get(field.stored));
}

function all(names: readonly string[], edits: (name: string) => Edit[] | undefined): Edit[] | undefined {
  const found = names.map(edits);
  return found.includes(undefined) ? undefined : (found.flat() as Edit[]);
}

/** Order and duplicates do not count. */
function ofSet(path: string, was: readonly RawValue[], is: readonly RawValue[], whole: Edit[]): Edit[] | undefined {
  const added = is.filter((one) => !was.some((other) => same(one, other)));
  const removed = was.filter((one) => !is.some((other) => same(one, other)));
  if (removed.length === 0) return [{ op: '$addToSet', path, operand: { $each: added } }];
  if (added.length > 0) return undefined;
  return pulled(path, removed, was.length - removed.length, whole);
}

function ofArray(of: ValueType, path: string, was: RawValue, is: RawValue): Edit[] | undefined {
  const [before, after] = [was.elements(), is.elements()];
  const whole: Edit[] = [{ op: '$set', path, operand: is }];
  const isKeyed = of.kind === 'embedded' && of.map.key !== undefined;
  const added = after.length - before.length;
  const head = before.findIndex((one, index) => !same(one, after[index]));
  if (isKeyed && hasTwins(after)) return undefined; // a key that is there already is no new element
  if (added > 0 && (head < 0 || before.slice(head).every((one, i) => same(one, after[head + added + i])))) {
    const at = head < 0 ? before.length : head;
    const operand = { $each: after.slice(at, at + added), ...(at === before.length ? {} : { $position: at }) };
    return [{ op: '$push', path, operand }];
  }
  if (isKeyed) return undefined;
  const kept = before.filter((one) => after.some((other) => same(one, other)));
  const gone = before.filter((one) => !after.some((other) => same(one, other)));
  const isPure = kept.length === after.length && kept.every((one, index) => same(one, after[index]));
  if (isPure && of.kind !== 'any' && gone.every(({ type }) => type !== OBJECT && type !== ARRAY)) {
    return pulled(path, gone, kept.length, whole);
  }
  if (after.length > 0 && added === -1 && (head < 0 || head === after.length))
    return least([{ op: '$pop', path, operand: 1 }], whole);
  if (after.length > 0 && added === -1 && after.every((one, i) => same(one, before[i + 1]))) {
    return least([{ op: '$pop', path, operand: -1 }], whole);
  }
  if (added !== 0 || isPermutation(before, after)) return whole;
  const edits = all([...after.keys()].map(String), (index) =>
    editsOf(of, `${path}.${index}`, before[Number(index)], after[Number(index)]),
  );
  if (edits === undefined) return whole;
  // Fields of elements are edited where they are even if the whole array were shorter: that conflicts with less.
  const areObjects = before.every(
    (one, i) => same(one, after[i]) || (one.type === OBJECT && after[i]?.type === OBJECT),
  );
  return areObjects && sizeOf(edits) > sizeOf(whole) ? edits : least(edits, whole);
}

function hasTwins(elements: readonly RawValue[]): boolean {
  const keys = elements.map((one) => JSON.stringify((comparable(one) as { sku?: unknown } | null)?.sku));
  return new Set(keys).size < keys.length;
}

/** Removed by value even if the whole were shorter, unless little stays: what others append then does, too. */
function pulled(path: string, gone: readonly RawValue[], kept: number, whole: Edit[]): Edit[] {
  const edits: Edit[] = [{ op: '$pullAll', path, operand: unique(gone) }];
  return unique(gone).length <= kept ? edits : least(edits, whole);
}

function least(one: Edit[], other: Edit[]): Edit[] {
  return sizeOf(one) <= sizeOf(other) ? one : other;
}

function isPermutation(before: readonly RawValue[], after: readonly RawValue[]): boolean {
  const left = [...after];
  return before.every((one) => {
    const index = left.findIndex((other) => same(one, other));
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
}

function unique(values: readonly RawValue[]): RawValue[] {
  return values.filter((value, index) => values.findIndex((other) => same(value, other)) === index);
}

function same(a: RawValue | undefined, b: RawValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.sameBytes(b) || sameAny(comparable(a), comparable(b));
}

const OBJECT = 3;
const ARRAY = 4;
