import type { RawBatch } from '../query/find-batches.js';
import type { EntityStore } from './entity-store.js';
import { Page } from './page.js';
import type { Scope } from './scope.js';

/** How a list was read. */
export interface Reading {
  /** Properties that a projection loaded; undefined for all. */
  readonly loaded?: ReadonlySet<string>;
  /** Are unmodified entities to be renewed? */
  readonly refresh?: boolean;
}

/** The entities of a list that was found, in its order, without those that were removed in the unit of work. */
export function entitiesOf(
  scope: Scope,
  store: EntityStore,
  batches: readonly RawBatch[],
  reading: Reading = {},
): object[] {
  const found: object[] = [];
  // In a fork tree each document has a place in the tree, which asks for its state at once.
  const identities = scope.node === undefined && reading.refresh !== true ? scope.identitiesOf(store) : undefined;
  identities?.reserve(batches.reduce((sum, { starts }) => sum + starts.length, 0));
  for (const { bytes, starts } of batches) {
    const page = identities && new Page(store, { scope, identities, bytes, loaded: reading.loaded });
    for (const start of starts) {
      const entity = page?.entity(start) ?? eager(scope, store, bytes, start, reading);
      if (entity !== undefined) found.push(entity);
    }
  }
  return found.slice(); // as long as it need be: what was pushed has room for half as many again
}

function eager(scope: Scope, store: EntityStore, bytes: Buffer, start: number, reading: Reading): object | undefined {
  const managed = scope.materialise(store, bytes, reading, start);
  return managed.status === 'removed' ? undefined : managed.entity;
}
