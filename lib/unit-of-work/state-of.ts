import { CowError } from '../errors/index.js';
import { StateTracker } from '../tracking/state-tracker.js';
import { Managed } from './managed.js';

/**
 * The tracker of an entity: what changed, and what it was.
 *
 * @throws ForeignEntity when the object is no entity of a unit of work
 * @example stateOf(order).getOriginalValue('status')
 */
export function stateOf<T extends object>(entity: T): StateTracker<T> {
  const managed = Managed.of(entity);
  if (managed !== undefined) return new StateTracker<T>(managed);
  throw new CowError('ForeignEntity', {
    entity: entity.constructor.name,
    reason: 'was not loaded by a repository, nor added',
  });
}
