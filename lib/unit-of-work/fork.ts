import { CowError } from '../errors/index.js';
import { enterFork } from './context.js';
import { closeFork } from './fork-close.js';
import { ForkNode } from './fork-node.js';
import { watchReads } from './fork-reads.js';
import { ForkTree } from './fork-tree.js';
import { Managed } from './managed.js';
import { Scope, type ScopeOptions } from './scope.js';
import { unite, type UnionOptions } from './union.js';

/** Makes a unit of work that sees this one as it is now; neither sees what the other does from now on. */
export function forkScope(parent: Scope): Scope {
  if (parent.closed) throw parent.closedError();
  const node = parent.node ?? plant(parent);
  const layer = node.freeze();
  const child = new Scope(parent.options.readonly === true ? READ_ONLY : WRITABLE);
  child.node = new ForkNode(child, node.tree, node.nextFork(), node, layer);
  node.tree.open.add(child);
  return child;
}

const WRITABLE: ScopeOptions = { flush: 'manual' };
const READ_ONLY: ScopeOptions = { flush: 'manual', readonly: true };

/** The first fork of a unit of work makes it the root of a tree. */
function plant(scope: Scope): ForkNode {
  watchReads();
  return (scope.node = new ForkNode(scope, new ForkTree(scope), scope.options.label ?? 'unit of work'));
}

/** Ends a fork and everything of it. Its callbacks never run. Dropping it again does nothing. */
export function dropFork(scope: Scope): void {
  const { node } = scope;
  if (node?.isFork !== true) {
    if (scope.closed) throw scope.closedError();
    throw new CowError('ForeignFork', { option: scope.options.label ?? 'The unit of work', reason: 'is no fork' });
  }
  if (scope.ending === 'dropped') return;
  if (scope.closed) throw scope.closedError();
  for (const managed of scope.ownInstances) managed.status = 'detached'; // they can be added elsewhere
  closeFork(scope, 'dropped');
}

/**
 * The instance that a unit of work has of an entity, whosever it is.
 *
 * @throws ForeignEntity when it is none of the tree's, or not there in this unit of work
 */
export function ownEntity(scope: Scope, entity: object): object {
  const managed = Managed.of(entity);
  const own = managed && scope.find(managed.store, managed.key);
  if (own !== undefined && own.status !== 'removed') return own.entity;
  throw new CowError('ForeignEntity', {
    entity: entity.constructor.name,
    reason: own === undefined ? 'is not known in this unit of work' : 'was removed in this unit of work',
    expected: 'Load it there; a fork knows what its parent had when it was forked.',
  });
}

/** Runs `fn` in a fork: united when it returns, dropped when it throws. */
export async function runForked<T>(parent: Scope, fn: () => T | Promise<T>, options?: UnionOptions): Promise<T> {
  const child = forkScope(parent);
  try {
    const result = await enterFork(child, fn);
    unite(parent, child, options);
    return result;
  } catch (error) {
    if (child.ending === undefined) dropFork(child);
    throw error;
  }
}

/** Refuses what writes to the server at once: a fork's changes reach it by the flush of the root. */
export function refuseInFork(scope: Scope | undefined, method: string): void {
  if (scope?.node?.isFork !== true) return;
  throw new CowError('ForkedWrite', { option: method, reason: scope.node.name });
}
