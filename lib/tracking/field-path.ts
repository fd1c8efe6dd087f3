import { partHandedOut, takeBack, type HandedOut } from './handed-out.js';
import { isContainer, kindOf, setOwn } from './plain-values.js';

/** A field, or a part of one: properties, entries of a Map with text keys and positions, parted by dots. */
export type FieldPath<T extends object> = (keyof T & string) | `${keyof T & string}.${string}`;

/** The value of the field at a path, where its type is known. */
export type PathValue<T extends object, P extends string> = P extends keyof T ? T[P] : unknown;

/** A path taken apart: the field, and the way into it. */
export interface PathParts {
  readonly field: string;
  readonly inside: readonly string[];
}

/** @param isField is there a field of this very name? A plain record may have dots in its names. */
export function partsOf(path: string, isField: (name: string) => boolean): PathParts {
  if (!path.includes('.') || isField(path)) return { field: path, inside: [] };
  const [field, ...inside] = path.split('.') as [string, ...string[]];
  return { field, inside };
}

/** The value that lies inside another; undefined where there is none. */
export function valueInside(value: unknown, inside: readonly string[]): unknown {
  return inside.reduce(partOf, value);
}

function partOf(value: unknown, key: string): unknown {
  if (!isContainer(value)) return undefined;
  if (kindOf(value) === 'map') return (value as Map<unknown, unknown>).get(key);
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

/**
 * Restores what lies inside a value, containers in place; where the way there is gone, or an array on it has another
 * length, the least that is around it.
 *
 * @param original a fresh copy of the original value, which is used up
 * @returns false when the whole value must be restored
 */
export function restoreInside(
  present: unknown,
  original: unknown,
  handed: HandedOut | undefined,
  [key, ...inside]: readonly string[],
): boolean {
  if (key === undefined || !isContainer(present) || !isContainer(original)) return false;
  if (kindOf(present) !== kindOf(original)) return false;
  if (Array.isArray(present) && present.length !== (original as unknown[]).length) return false;
  const part = partHandedOut(handed, Array.isArray(present) ? Number(key) : key);
  const before = partOf(original, key);
  if (restoreInside(partOf(present, key), before, part, inside)) return true;
  putPart(present, key, before === undefined ? undefined : takeBack(part, before));
  return true;
}

function putPart(container: object, key: string, value: unknown): void {
  if (kindOf(container) === 'map') {
    if (value === undefined) (container as Map<unknown, unknown>).delete(key);
    else (container as Map<unknown, unknown>).set(key, value);
  } else if (value === undefined) {
    Reflect.deleteProperty(container, key);
  } else {
    setOwn(container, key, value);
  }
}
