import { AsyncLocalStorage } from 'node:async_hooks';
import { CowError } from '../errors/index.js';
import type { Scope } from './scope.js';

/**
 * What the asynchronous context holds: a small box, emptied when the unit of work ends. Pooled sockets and timers keep
 * the context they were made in alive; they then keep a box, not a request's entities.
 */
interface Box {
  scope: Scope | undefined;
  /** What to say of a unit of work that ended, unless that it did. */
  ended?: () => CowError;
}

const storage = new AsyncLocalStorage<Box>();

/** The current unit of work, if there is one. */
export function currentScope(): Scope | undefined {
  return storage.getStore()?.scope;
}

/**
 * The current unit of work.
 *
 * @param caller what needs it, for the error
 * @throws NoUnitOfWork outside any, UnitOfWorkClosed after its end
 */
export function requireScope(caller: string): Scope {
  const box = storage.getStore();
  if (box === undefined) throw new CowError('NoUnitOfWork', { option: caller });
  if (box.scope === undefined) throw box.ended?.() ?? new CowError('UnitOfWorkClosed');
  return box.scope;
}

/** Runs `fn` with the scope as the current one; `end()` empties the box. */
export function enterScope<T>(scope: Scope, fn: (end: () => void) => T): T {
  const box: Box = { scope };
  return storage.run(box, () =>
    fn(() => {
      scope.close();
      box.scope = undefined;
    }),
  );
}

/** Runs `fn` with a fork as the current unit of work, which stays open; its end empties the box. */
export function enterFork<T>(scope: Scope, fn: () => T): T {
  if (scope.closed) throw scope.closedError();
  const box: Box = { scope };
  scope.whenClosed(() => {
    const error = scope.closedError();
    box.scope = undefined;
    box.ended = () => error;
  });
  return storage.run(box, fn);
}
