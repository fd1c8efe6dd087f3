import { eachPart, isContainer, kindOf, refill, sameKind, type Kind } from './plain-values.js';

/**
 * A container that was handed out, with those that lay in it: each at the place where it lay in the original, wherever
 * it has been moved since. A rollback restores them in place, so that references to them stay alive.
 */
export type HandedOut = object | Nest;

class Nest {
  constructor(
    readonly container: object,
    /** Undefined for an array: its parts are by index. */
    private readonly keys: readonly unknown[] | undefined,
    private readonly parts: readonly (HandedOut | undefined)[],
  ) {}

  part(key: unknown): HandedOut | undefined {
    return this.parts[this.keys === undefined ? (key as number) : this.keys.indexOf(key)];
  }
}

/**
 * Notes a value that is handed out.
 *
 * @returns undefined for a value that cannot be changed in place
 */
export function handOut(value: unknown, outer: object[] = []): HandedOut | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const kind = kindOf(value);
  if (kind === 'value' || outer.includes(value)) return undefined;
  outer.push(value);
  const nest = kind === 'array' ? nestOfArray(value as unknown[], outer) : nestOf(value, kind, outer);
  outer.pop();
  return nest ?? value;
}

function nestOfArray(array: unknown[], outer: object[]): Nest | undefined {
  let parts: (HandedOut | undefined)[] | undefined;
  for (let i = 0; i < array.length; i++) {
    const inner = handOut(array[i], outer);
    if (inner !== undefined) (parts ??= new Array<HandedOut | undefined>(array.length))[i] = inner;
  }
  return parts && new Nest(array, undefined, parts);
}

function nestOf(container: object, kind: Kind, outer: object[]): Nest | undefined {
  let keys: unknown[] | undefined;
  let parts: HandedOut[] | undefined;
  eachPart(
    container,
    (part, key) => {
      const inner = typeof part === 'object' ? handOut(part, outer) : undefined;
      if (inner === undefined) return;
      (keys ??= []).push(key);
      (parts ??= []).push(inner);
    },
    kind,
  );
  return parts && new Nest(container, keys, parts);
}

/** What was handed out of a part of a container. */
export function partHandedOut(handed: HandedOut | undefined, key: unknown): HandedOut | undefined {
  return handed instanceof Nest ? handed.part(key) : undefined;
}

/**
 * Puts the containers that were handed out back to where they lay, with the content they had.
 *
 * @param original a fresh copy of the original value, which is used up
 * @returns the original value, made of the containers handed out as far as they allow it
 */
export function takeBack(handed: HandedOut | undefined, original: unknown, done = new Map<object, object>()): unknown {
  if (!isContainer(original)) return original;
  const met = done.get(original);
  if (met !== undefined) return met;
  const container = handed instanceof Nest ? handed.container : handed;
  const restore = (into: object) => {
    done.set(original, into);
    return refill(into, original, (part, key) => takeBack(partHandedOut(handed, key), part, done));
  };
  if (container !== undefined && sameKind(container, original) && restore(container)) return container;
  restore(original);
  return original;
}
