import { jsonOf } from './json.js';
import { bsonTypeOf, copyValue, eachPart, isContainer, kindOf, sameValue } from './plain-values.js';

/**
 * One difference between the original and the present, at the deepest path where both are objects. JSON.stringify gives
 * its values their documented JSON form.
 */
export interface Change {
  /** Dotted path of property names. */
  readonly path: string;
  readonly kind: 'added' | 'changed' | 'removed';
  /** Copy of the original value; absent for `added`. */
  readonly original?: unknown;
  /** Copy of the present value; absent for `removed`. */
  readonly value?: unknown;
}

/** Two values that lie around those being compared. */
type Outer = readonly (readonly [original: unknown, value: unknown])[];

/** The differences between two values that are known to differ, in the order of their paths. */
export function differences(path: string, original: unknown, value: unknown, outer: Outer = []): Change[] {
  if (original === undefined) return [change({ path, kind: 'added', value: copyValue(value) })];
  if (value === undefined) return [change({ path, kind: 'removed', original: copyValue(original) })];
  if (outer.some(([o, v]) => o === original && v === value)) return []; // a cycle: they are being taken apart
  const [before, now] = [entriesOf(original), entriesOf(value)];
  if (before !== undefined && now !== undefined && kindOf(original as object) === kindOf(value as object)) {
    const keys = [...new Set([...before.keys(), ...now.keys()])].sort();
    const changed = keys.filter((key) => !sameValue(before.get(key), now.get(key)));
    if (changed.length > 0 && changed.every(isPathPart)) {
      const around: Outer = [...outer, [original, value]];
      return changed.flatMap((key) => differences(`${path}.${key}`, before.get(key), now.get(key), around));
    }
  }
  return [change({ path, kind: 'changed', original: copyValue(original), value: copyValue(value) })];
}

/** The parts that a path can name: the properties of an object, the entries of a Map with text keys. */
function entriesOf(value: unknown): Map<string, unknown> | undefined {
  if (!isContainer(value) || bsonTypeOf(value) !== undefined) return undefined;
  if (kindOf(value) !== 'object' && kindOf(value) !== 'map') return undefined;
  const entries = new Map<unknown, unknown>();
  eachPart(value, (part, key) => entries.set(key, part));
  return [...entries.keys()].every((key) => typeof key === 'string') ? (entries as Map<string, unknown>) : undefined;
}

/** Can the key be a part of a dotted path? */
function isPathPart(key: string): boolean {
  return key !== '' && !key.includes('.');
}

/** The JSON form comes by a method that neither matchers nor copies see. */
function change(found: Change): Change {
  const toJSON = () => jsonOf({ ...found });
  return Object.defineProperty(found, 'toJSON', { value: toJSON, enumerable: false });
}
