import { sameAny } from '../../../lib/bson/codecs/any.js';
import { RawValue } from '../../../lib/bson/raw-value.js';
import { comparable } from './documents.js';

/**
 * A document as what can be changed independently: leaves of objects by path, elements of the keyed array by key, other
 * arrays as a whole. `#` after a path says of what kind the value there is.
 */
export type Units = ReadonlyMap<string, unknown>;

const OBJECT = 3;
const ARRAY = 4;
const KEYED = 'lns';

/** Between the parts of a path: keys of free-form objects may contain dots. */
const DOT = '\u0001';

/** The units of several states of one document; elements are told apart by key only if all states allow it. */
export function unitsOf(states: readonly Buffer[]): Units[] {
  const documents = states.map((bytes) => RawValue.ofDocument(bytes));
  const isKeyed = documents.every((document) => {
    const array = document.fields().get(KEYED);
    return array?.type !== ARRAY || keysOf(array) !== undefined;
  });
  return documents.map((document) => {
    const units = new Map<string, unknown>();
    visit(units, '', document, isKeyed);
    return units;
  });
}

function visit(units: Map<string, unknown>, path: string, raw: RawValue, isKeyed: boolean): void {
  if (raw.type === OBJECT) {
    if (path !== '') units.set(`${path}#`, 'object');
    for (const [name, part] of raw.fields()) visit(units, path === '' ? name : path + DOT + name, part, isKeyed);
    return;
  }
  const keys = isKeyed && path === KEYED && raw.type === ARRAY ? keysOf(raw) : undefined;
  if (keys !== undefined) {
    units.set(`${path}#`, 'array');
    units.set(`${path}@`, [...keys.keys()]);
    for (const [key, element] of keys) visit(units, `${path}[${key}]`, element, isKeyed);
    return;
  }
  units.set(path, comparable(raw));
}

/** The elements by key, twins numbered; undefined unless every one has a key. */
function keysOf(raw: RawValue): Map<string, RawValue> | undefined {
  const keys = new Map<string, RawValue>();
  for (const element of raw.elements()) {
    const key = element.type === OBJECT ? element.fields().get('sku') : undefined;
    if (key === undefined) return undefined;
    const text = JSON.stringify(comparable(key));
    let twin = 0;
    while (keys.has(`${text} ${twin}`)) twin++;
    keys.set(`${text} ${twin}`, element);
  }
  return keys;
}

const MANAGED = new Set(['version']);

/** What is wrong with the outcome; undefined when nothing is. */
export function judge(
  base: Units,
  theirs: Units,
  ours: Units,
  result: Units,
  outcome: 'success' | 'conflict' | 'other',
  isVersioned: boolean,
): string | undefined {
  const names = [...new Set([...base.keys(), ...theirs.keys(), ...ours.keys(), ...result.keys()])].filter(
    (name) => !MANAGED.has(name) && !name.endsWith('@'),
  );
  const same = (a: Units, b: Units, name: string) =>
    a.has(name) ? b.has(name) && sameAny(a.get(name), b.get(name)) : !b.has(name);
  if (outcome === 'other') return 'the flush failed with another error';
  if (outcome === 'conflict') {
    const written = names.find((name) => !same(theirs, result, name));
    if (written !== undefined) return `a conflict wrote ${written}`;
    if (isVersioned) return undefined;
    const hasTwins = names.some((name) => /^lns\[.* [1-9]\d*\]/.test(name)); // then positions are guarded
    const scope = (name: string) => (hasTwins && name.startsWith(`${KEYED}[`) ? KEYED : scopeOf(name));
    const both = names.filter((name) => !same(base, theirs, name)).map(scope);
    const mine = names.filter((name) => !same(base, ours, name)).map(scope);
    mine.push(...mine.filter(hasUnsafeKey).map((name) => name.slice(0, name.lastIndexOf(DOT))));
    if (isReordered(base, ours)) mine.push(KEYED, 'order'); // guarded by the whole array
    if (isReordered(base, theirs)) both.push('order');
    return mine.some((own) => both.some((other) => overlaps(own, other)))
      ? undefined
      : 'a conflict without a common change';
  }
  for (const name of names) {
    const [they, we] = [!same(base, theirs, name), !same(base, ours, name)];
    if (!they && !same(ours, result, name)) return `${name}: our change is lost`;
    if (they && !we && !same(theirs, result, name)) return `${name}: their change is lost`;
    if (they && we && !bothSurvive(name, base, theirs, ours, result)) return `${name}: changed by both, one is lost`;
  }
  return undefined;
}

/** Does the path end in a key that no path of an update can have? Then the object around it is set whole. */
function hasUnsafeKey(name: string): boolean {
  const key = name.slice(name.lastIndexOf(DOT) + 1);
  return name.includes(DOT) && (key === '' || key.startsWith('$') || key.includes('.'));
}

/** Did we put elements elsewhere than behind those that stay, or those in another order? */
function isReordered(base: Units, ours: Units): boolean {
  const before = base.get(`${KEYED}@`) as string[] | undefined;
  const now = ours.get(`${KEYED}@`) as string[] | undefined;
  if (before === undefined || now === undefined) return before !== now;
  const kept = before.filter((key) => now.includes(key));
  return !kept.every((key, index) => now[index] === key);
}

function bothSurvive(name: string, base: Units, theirs: Units, ours: Units, result: Units): boolean {
  const [b, t, o, r] = [base, theirs, ours, result].map((units) => units.get(name));
  if (sameAny(t, o) && sameAny(o, r)) return true;
  if (name === 'views') return Number(r) === Number(t ?? 0) + Number(o ?? 0) - Number(b ?? 0);
  if (name === 'labels' || name === 'roles') return isUnion(b, t, o, r);
  return isCombined(b ?? [], t, o, r);
}

/** Theirs without the elements that we took away, and with those that we added: an edit is both. */
function isCombined(b: unknown, t: unknown, o: unknown, r: unknown): boolean {
  if (!Array.isArray(b) || !Array.isArray(t) || !Array.isArray(o) || !Array.isArray(r)) return false;
  const removed = without(b, o);
  const added = without(o, b);
  if (without(removed, t).length > 0) return false; // what we changed was no longer there
  return same(r, [...without(t, removed), ...added]);
}

/** The elements of the first list that are not in the second, each counted. */
function without(list: readonly unknown[], others: readonly unknown[]): unknown[] {
  const left = [...others];
  return list.filter((value) => {
    const index = left.findIndex((other) => sameAny(value, other));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && without(a, b).length === 0;
}

function isUnion(b: unknown, t: unknown, o: unknown, r: unknown): boolean {
  const set = (value: unknown) => (Array.isArray(value) ? (value as unknown[]).map(String) : []);
  const expected = new Set(set(t));
  for (const value of set(o)) if (!set(b).includes(value)) expected.add(value);
  for (const value of set(b)) if (!set(o).includes(value)) expected.delete(value);
  return sameAny([...expected].sort(), [...new Set(set(r))].sort());
}

/** What a conflict may be blamed on: the element of the keyed array, else the path. */
function scopeOf(name: string): string {
  return name.replace(/#$/, '');
}

function overlaps(a: string, b: string): boolean {
  const isWithin = (x: string, y: string) => x === y || x.startsWith(y + DOT) || x.startsWith(`${y}[`);
  return isWithin(a, b) || isWithin(b, a);
}
