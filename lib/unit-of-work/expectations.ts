import { CowError } from '../errors/index.js';
import { storedPath } from '../mapping/index.js';
import type { Managed } from './managed.js';
import type { Scope } from './scope.js';

/** Adds fields that were only read to what must still hold at the flush. */
export function expectUnchanged(scope: Scope, managed: Managed, paths: readonly string[]): void {
  const { base } = managed;
  if (base === undefined) return; // nobody else can have changed what is not stored yet
  for (const path of paths) {
    const { root } = storedPath(managed.store.map, path);
    if (!base.isLoaded(root.property)) {
      throw new CowError('FieldNotLoaded', { entity: managed.store.map.name, field: root.property });
    }
    managed.expectations ??= new Set();
    managed.expectations.add(path);
  }
  scope.expecting.add(managed);
}

/** Compares the version that a client saw with the one that was loaded; the flush guards the rest of the way. */
export function expectVersion(scope: Scope, managed: Managed, version: number | string): void {
  const { map } = managed.store;
  if (map.version === undefined) {
    throw new CowError('InvalidMapping', {
      entity: map.name,
      reason: 'expectVersion() was called, and it has no version',
      expected: 'Declare one: @Version() version!: number.',
    });
  }
  const loaded = managed.base?.read(map.version.property);
  const seen = typeof version === 'number' ? version : Number(version.replace(/^W\/|"/g, ''));
  if (loaded !== seen) {
    throw new CowError('ConcurrentModification', {
      entity: map.name,
      id: managed.idText,
      field: map.version.property,
      issues: [
        {
          entity: map.name,
          id: managed.idText,
          field: map.version.property,
          message: `${map.name} was changed since it was seen`,
        },
      ],
    });
  }
  expectUnchanged(scope, managed, [map.version.property]);
}
