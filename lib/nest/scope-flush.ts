import type { ScopeOptions } from '../unit-of-work/scope.js';
import type { FlushMode } from './options.js';

/** The module's option as that of one unit of work. */
export function scopeFlush(mode: FlushMode): NonNullable<ScopeOptions['flush']> {
  return mode === 'manual' ? 'manual' : 'auto';
}
