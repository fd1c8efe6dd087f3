import type { Places } from './fork-places.js';
import type { Frozen } from './fork-state.js';

/**
 * What a unit of work showed when it was forked: every document in which it differed from what the tree's units of work
 * read. Immutable and flat, so that a read costs the same at any depth.
 *
 * Which layers a state contains is said by the last version of each line: a line is a unit of work, its versions are
 * the layers that were made of it.
 */
export class Layer {
  constructor(
    readonly line: number,
    readonly version: number,
    readonly entries: Places<Frozen>,
    /** The last version of each line that is part of this state, its own included. */
    readonly contains: ReadonlyMap<number, number>,
    /** Layers of other lines that may be the ancestor of a union still: kept alive by those that contain them. */
    readonly holds: readonly Layer[],
  ) {}

  /** A list of this layer alone, shared by the forks that begin with it. */
  readonly alone: readonly Layer[] = [this];

  /** Is the other layer part of this state? */
  includes(other: Layer): boolean {
    return (this.contains.get(other.line) ?? 0) >= other.version;
  }
}

/** Those layers that are part of no other one. */
export function latestOf(layers: readonly Layer[]): Layer[] {
  const all = [...new Set(layers)];
  return all.filter((layer) => !all.some((other) => other !== layer && other.includes(layer)));
}
