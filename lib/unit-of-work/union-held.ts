import { isContainer } from '../tracking/plain-values.js';
import type { DocumentSource } from './document-source.js';
import { freezeEntity, presentSource, shows } from './fork-state.js';
import type { Managed } from './managed.js';
import type { Scope } from './scope.js';
import { ForkConflictError, type UnionConflict } from './union-conflict.js';
import { mergeDocument } from './union-documents.js';
import { fieldValues, fillEntity } from './union-fill.js';

/** An entity of a united fork whose containers are in the hands of others, and how it stood at the union. */
export interface Held {
  readonly managed: Managed;
  at: DocumentSource;
}

/** Has the entity handed out what can be changed in place? */
export function hasContainers(managed: Managed): boolean {
  for (const property of managed.touched()) if (isContainer(managed.present(property))) return true;
  return false;
}

/**
 * Brings in what was changed by old handles: each container of a united fork is compared with its state at the union.
 *
 * @throws ForkConflictError when both handles of one thing were used, each in another way
 */
export function absorbHeld(scope: Scope): void {
  if (scope.held.length === 0) return;
  const conflicts: UnionConflict[] = [];
  const steps: (() => void)[] = [];
  for (const held of scope.held) {
    if (shows(held.managed, held.at)) continue;
    const now = presentSource(held.managed);
    if (now === held.at || now.bytes.equals(held.at.bytes)) continue;
    const { store, key } = held.managed;
    const managed = scope.find(store, key);
    if (managed?.status !== 'loaded' && managed?.status !== 'new') {
      steps.push(() => (held.at = now)); // nobody shows it any more
      continue;
    }
    const ours = freezeEntity(managed);
    const state = (source: DocumentSource) => ({ store, key, source, isRemoved: false, birth: ours.birth });
    const merged = mergeDocument({ original: state(held.at), ours, theirs: state(now) }, 'error', conflicts);
    const values = merged === undefined ? [] : fieldValues(managed, ours.source, merged.source);
    steps.push(() => {
      fillEntity(managed, values);
      held.at = now;
    });
  }
  if (conflicts.length > 0) throw new ForkConflictError(conflicts, 'an old handle');
  for (const step of steps) step();
}

/** A rollback drops what was changed by old handles, too. */
export function forgetHeld(scope: Scope): void {
  for (const held of scope.held) held.at = presentSource(held.managed);
}
