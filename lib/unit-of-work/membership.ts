import { CowError } from '../errors/index.js';
import { Managed } from './managed.js';
import type { Scope } from './scope.js';

/** What the unit of work knows of an entity. @throws ForeignEntity when it is not of this unit of work */
export function requireManaged(scope: Scope, entity: unknown): Managed {
  const managed = Managed.of(entity);
  if (managed !== undefined && scope.owns(managed)) return managed;
  const name = (entity as object | null)?.constructor.name;
  throw new CowError('ForeignEntity', {
    ...(name === undefined ? {} : { entity: name }),
    reason:
      managed === undefined
        ? 'was not loaded by a repository, nor added'
        : 'belongs to another unit of work, or was detached or removed',
  });
}
