import { currentScope } from '../unit-of-work/context.js';
import type { Lifecycle } from '../unit-of-work/lifecycle.js';

/** Runs `fn` in the unit of work: enters it, where it is not the current one already. */
export function within<T>(lifecycle: Lifecycle, fn: () => T): T {
  return currentScope() === lifecycle.scope ? fn() : lifecycle.enter(fn);
}
