import { encodeDocument, underName, type RawValue } from '../bson/raw-value.js';

/** The element of an array that has a key: `$[e0]` in a path, and what must be true of `e0`. */
export interface ElementFilter {
  /** Identifier in the path, unique in its update. */
  readonly name: string;
  /** Stored name of the key field. */
  readonly key: string;
  readonly value: RawValue;
}

interface AtPath {
  /** Dotted path of stored names; `$[name]` for an element found by its key. */
  readonly path: string;
  /** The identifiers that occur in the path. */
  readonly elements?: readonly ElementFilter[];
}

/** One change of one path. */
export type PathChange = AtPath &
  (
    | { readonly op: '$set'; readonly value: unknown }
    | { readonly op: '$unset' }
    | {
        readonly op: '$push';
        readonly values: readonly unknown[];
        readonly position?: number;
        /** How many elements stay, afterwards: the first ones, or with a negative number the last. */
        readonly slice?: number;
      }
    | /** Without its last element (1), or its first (-1). */ { readonly op: '$pop'; readonly value: 1 | -1 }
    | { readonly op: '$pull'; readonly key: string; readonly values: readonly RawValue[] }
    | { readonly op: '$pullAll' | '$addToSet'; readonly values: readonly unknown[] }
    | { readonly op: '$inc' | '$max' | '$min'; readonly value: unknown }
  );

/** Where a guard looks, and the property it is about, for messages. */
interface GuardBase {
  readonly path: string;
  readonly field: string;
}

/** What must still hold in the database for a write to apply. */
export type Guard = GuardBase &
  (
    | /** The value equals the original; `undefined`: it is missing. */ {
        readonly kind: 'value';
        readonly original: RawValue | undefined;
      }
    | /** It is an object still (and no array). */ { readonly kind: 'object' }
    | /** It is an array still. */ { readonly kind: 'array' }
    | /** No element of the array has this key yet. */ {
        readonly kind: 'absentKey';
        readonly key: string;
        readonly value: RawValue;
      }
    | /** Exactly one element of the array has this key, and satisfies `inner` (paths inside the element). */ {
        readonly kind: 'element';
        readonly key: string;
        readonly value: RawValue;
        readonly inner: Guard | { readonly kind: 'whole'; readonly original: RawValue };
      }
    | /** The element at a position equals the original. */ {
        readonly kind: 'position';
        readonly index: number;
        readonly original: RawValue;
      }
    | /** So many elements equal the value; without a number: at least one. */ {
        readonly kind: 'count';
        readonly value: RawValue;
        readonly count?: number;
      }
  );

/** What changed in one document, and under which conditions it may be written. */
export interface DocumentChange {
  readonly changes: readonly PathChange[];
  readonly guards: readonly Guard[];
  /** Properties changed, the root ones. */
  readonly fields: readonly string[];
}

/** MongoDB's update document. */
export type UpdateDocument = Record<string, Record<string, unknown>>;

/** The changes as an update document; a key that is no plain name never gets here (`isPathSafe`). */
export function toUpdateDocument(changes: readonly PathChange[]): UpdateDocument {
  const update: UpdateDocument = {};
  for (const change of changes) (update[change.op] ??= {})[change.path] = underName(change.path, operand(change));
  return update;
}

/** What the operator of a change is given for its path. */
export function operand(change: PathChange): unknown {
  switch (change.op) {
    case '$unset':
      return '';
    case '$push':
      return {
        $each: change.values,
        ...(change.position === undefined ? {} : { $position: change.position }),
        ...(change.slice === undefined ? {} : { $slice: change.slice }),
      };
    case '$addToSet':
      return { $each: change.values };
    case '$pullAll':
      return change.values;
    case '$pull': // never a bare value: the server would read a regular expression or an operator in it
      return change.values.length === 1
        ? { [change.key]: { $eq: change.values[0] } }
        : { [change.key]: { $in: change.values } }; // keys are never regular expressions (`isKeyType`)
    default:
      return change.value;
  }
}

/** The `arrayFilters` of an update with these changes; undefined for none. */
export function arrayFilters(changes: readonly PathChange[]): Record<string, unknown>[] | undefined {
  const filters = new Map<string, Record<string, unknown>>();
  for (const { elements } of changes) {
    for (const { name, key, value } of elements ?? []) filters.set(name, { [`${name}.${key}`]: { $eq: value } });
  }
  return filters.size === 0 ? undefined : [...filters.values()];
}

/**
 * The changes in as few updates as the server accepts, in order: it refuses two changes of one path, or of a path and
 * a part of it, in one update.
 */
export function inStatements(changes: readonly PathChange[]): (readonly PathChange[])[] {
  if (changes.length === 1 || areApart(changes)) return [changes]; // nearly always
  const statements: PathChange[][] = [];
  const at = new Map<string, number>(); // the last statement that changes this very path
  const below = new Map<string, number>(); // the last one that changes something below it
  for (const change of changes) {
    const above = pathsAbove(change.path);
    // Never before a change that it overlaps: appends come after edits and removals of the same array.
    const overlapping = [...above, change.path].map((path) => at.get(path) ?? -1);
    const statement = Math.max(below.get(change.path) ?? -1, ...overlapping) + 1;
    (statements[statement] ??= []).push(change);
    at.set(change.path, statement);
    for (const path of above) below.set(path, Math.max(below.get(path) ?? -1, statement));
  }
  return statements;
}

/** Do all of the changes, which are few, begin at fields of their own? */
function areApart(changes: readonly PathChange[]): boolean {
  if (changes.length > 4) return false;
  for (let i = 1; i < changes.length; i++) {
    for (let j = 0; j < i; j++) if (rootOf(changes[i]!.path) === rootOf(changes[j]!.path)) return false;
  }
  return changes.length > 0;
}

function rootOf(path: string): string {
  const dot = path.indexOf('.');
  return dot < 0 ? path : path.slice(0, dot);
}

/** What the changes send, filters left out, in bytes of BSON. */
export function updateBytes(changes: readonly PathChange[]): number {
  return inStatements(changes).reduce((sum, each) => sum + encodeDocument(toUpdateDocument(each)).length, 0);
}

/** `a` and `a.b` for `a.b.c`. */
function pathsAbove(path: string): string[] {
  const paths: string[] = [];
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) paths.push(path.slice(0, dot));
  return paths;
}

/** Can the name be a part of a dotted path? */
export function isPathSafe(name: string): boolean {
  return name !== '' && !name.startsWith('$') && !name.includes('.') && !name.includes('\0');
}
