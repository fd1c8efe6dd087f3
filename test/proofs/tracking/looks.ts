import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { inspect, isDeepStrictEqual } from 'node:util';
import { RawValue } from '../../../lib/bson/raw-value.js';

/** Every property of what a hostile or odd name could have changed. */
export function shapeOfPrototypes() {
  const prototypes = [Object.prototype, Array.prototype, Map.prototype, Set.prototype, Date.prototype];
  return prototypes.map((prototype) => Object.getOwnPropertyDescriptors(prototype));
}

/** A field declared merge: 'set' is stored without regard to order and duplicates. */
export function sameElements(a: unknown, b: unknown): boolean {
  const sorted = (value: unknown) => [...new Set(value as unknown[])].sort();
  return a === undefined || b === undefined ? a === b : isDeepStrictEqual(sorted(a), sorted(b));
}

export function readEverything(entity: object): void {
  void JSON.stringify(entity);
  void { ...entity };
  void isDeepStrictEqual(entity, {});
  void validateSync(entity, { forbidUnknownValues: false });
  for (const value of Object.values(entity)) if (Array.isArray(value)) void [...(value as unknown[])].sort();
}

/** The root fields in which two documents differ. */
export function difference(base: Buffer, server: Buffer): string {
  const [ours, theirs] = [base, server].map((bytes) => RawValue.ofDocument(bytes).fields());
  const names = [...new Set([...ours!.keys(), ...theirs!.keys()])];
  const differing = names.filter((name) => {
    const [a, b] = [ours!.get(name), theirs!.get(name)];
    return a === undefined || b === undefined ? a !== b : !a.sameBytes(b);
  });
  return `${[...ours!.keys()].join()} / ${[...theirs!.keys()].join()}: ${differing.map((name) => `${name}: ${inspect(ours!.get(name), { depth: 9 })} / ${inspect(theirs!.get(name), { depth: 9 })}`).join('; ')}`;
}

export function describe(value: unknown): string {
  return fc.stringify(value).slice(0, 1500);
}
