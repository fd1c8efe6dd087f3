import { eachPart, isContainer, kindOf, refill, sameKind } from './plain-values.js';

/**
 * A container that was handed out, with those that lay in it: each at the place where it lay in the original, wherever
 * it has been moved since. A rollback restores them in place, so that references to them stay alive.
 */
export type HandedOut = object | Nest;

class Nest {
  constructor(
    readonly container: object,
    readonly parts: ReadonlyMap<unknown, HandedOut>,
  ) {}
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
  let parts: Map<unknown, HandedOut> | undefined;
  outer.push(value);
  eachPart(
    value,
    (part, key) => {
      const inner = typeof part === 'object' ? handOut(part, outer) : undefined;
      if (inner !== undefined) parts = (parts ?? new Map<unknown, HandedOut>()).set(key, inner);
    },
    kind,
  );
  outer.pop();
  return parts === undefined ? value : new Nest(value, parts);
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
  const { container, parts } = handed instanceof Nest ? handed : { container: handed, parts: undefined };
  const restore = (into: object) => {
    done.set(original, into);
    return refill(into, original, (part, key) => takeBack(parts?.get(key), part, done));
  };
  if (container !== undefined && sameKind(container, original) && restore(container)) return container;
  restore(original);
  return original;
}
