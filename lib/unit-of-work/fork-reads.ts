import { CowError } from '../errors/index.js';
import { currentScope } from './context.js';
import { Managed } from './managed.js';

let isWatching = false;

/**
 * In development, from the first fork of the process on: reading a parent's instance inside a fork is an error, since
 * it shows what the fork does not. The look is put on at run time, so that who never forks reads as before.
 */
export function watchReads(): void {
  if (isWatching || process.env.NODE_ENV === 'production') return;
  isWatching = true;
  const { prototype } = Managed;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on each entity's state
  const read = prototype.get;
  Object.defineProperty(prototype, 'get', {
    value: function (this: Managed, target: Record<string, unknown>, key: string | symbol, receiver: unknown): unknown {
      if (typeof key === 'string' && this.scope.node !== undefined) refuseForeignRead(this, key);
      return read.call(this, target, key, receiver);
    },
    writable: true,
    configurable: true,
  });
}

/** An id is the same everywhere. */
function refuseForeignRead(managed: Managed, key: string): void {
  const { map } = managed.store;
  if (!map.byProperty.has(key) || key === map.id.property) return;
  refuseForeign(managed, key, 'read');
}

/** @throws ForeignFork when the entity is that of a unit of work above the current one */
export function refuseForeign(managed: Managed, field: string, use: 'read' | 'written'): void {
  const { node } = managed.scope;
  const current = currentScope()?.node;
  if (node === undefined || current === undefined || current === node || !current.isBelow(node)) return;
  throw new CowError('ForeignFork', {
    entity: managed.store.map.name,
    field,
    option: `The ${managed.store.map.name} of "${node.name}"`,
    reason: `was ${use} inside the fork "${current.name}"`,
    expected: 'Load it there, or take its own instance: unitOfWork.own(entity).',
  });
}
