import { CowError } from '../errors/index.js';
import { enterScope } from './context.js';
import { flushScope } from './flush-conductor.js';
import { Scope, type ScopeOptions } from './scope.js';

/** Flushes of one unit of work, one after the other. */
const queues = new WeakMap<Scope, Promise<void>>();

/**
 * Flushes a unit of work. A call during another waits for it, then writes what has changed since.
 *
 * @throws ConcurrentModification, DuplicateKey, ValidationFailed, … as the error table says
 */
export function flush(scope: Scope): Promise<void> {
  if (scope.closed) return Promise.reject(scope.closedError());
  const { node } = scope;
  if (node?.isFork === true) {
    return Promise.reject(new CowError('ForkedWrite', { option: 'flush()', reason: node.name }));
  }
  const before = queues.get(scope);
  const written = (before ?? Promise.resolve()).then(() => flushScope(scope));
  queues.set(
    scope,
    written.catch(() => undefined), // the next in the queue learns of a failure by the state of the unit of work
  );
  return settled(scope, written); // outside of the queue: a callback may flush, too
}

/** Drops every change that was not flushed, and what was to follow its commit. */
export function rollback(scope: Scope): void {
  scope.rollback();
  if (scope.node?.isFork !== true) void settle(scope.onRollback, scope.onCommit);
}

async function settled(scope: Scope, written: Promise<void>): Promise<void> {
  try {
    await written;
  } catch (error) {
    if (scope.failure !== undefined) await settle(scope.onRollback, scope.onCommit);
    throw error;
  }
  await settle(scope.onCommit, scope.onRollback);
}

/** Runs the callbacks of an outcome once, and drops those of the other. */
async function settle(due: (() => unknown)[], moot: (() => unknown)[]): Promise<void> {
  moot.length = 0;
  for (const callback of due.splice(0)) {
    try {
      await callback();
    } catch (error) {
      // The outcome is known and stands: a failed mail does not undo a commit.
      process.emitWarning(`A callback after a flush failed: ${String(error)}`, {
        type: 'CowWarning',
        code: 'CALLBACK_FAILED',
      });
    }
  }
}

/** A unit of work from its begin to its end, for those that open one. */
export class Lifecycle {
  readonly scope: Scope;
  private end: () => void = () => undefined;

  constructor(options: ScopeOptions = {}) {
    this.scope = new Scope(options);
  }

  /** Runs `fn` with this unit of work as the current one. May be called again where the context was lost. */
  enter<T>(fn: () => T): T {
    const endBefore = this.end;
    return enterScope(this.scope, (end) => {
      this.end = () => {
        endBefore();
        end();
      };
      return fn();
    });
  }

  /** The work succeeded: flushes, unless that is left to explicit calls. */
  async commit(): Promise<void> {
    if (this.scope.options.flush === 'manual') return;
    await flush(this.scope);
  }

  /** The work failed: nothing of it is sent. */
  async discard(): Promise<void> {
    await settle(this.scope.onRollback, this.scope.onCommit);
  }

  /** Ends it, whatever became of it. What still refers to it is told so. */
  close(): void {
    this.end();
    this.scope.close();
  }
}

/** Runs `fn` in a new unit of work: flushed when it returns, dropped when it throws. */
export async function runInNew<T>(options: ScopeOptions, fn: () => T | Promise<T>): Promise<T> {
  const lifecycle = new Lifecycle(options);
  return lifecycle.enter(async () => {
    try {
      const result = await fn();
      await lifecycle.commit();
      return result;
    } catch (error) {
      await lifecycle.discard();
      throw error;
    } finally {
      lifecycle.close();
    }
  });
}
