import type { Scope } from './scope.js';

/** Ends a fork; with the last open one its tree ends, and leaves nothing behind. */
export function closeFork(scope: Scope, ending: 'united' | 'dropped'): void {
  const { node } = scope;
  scope.ending = ending;
  scope.close();
  if (node === undefined) return;
  const { open, root } = node.tree;
  open.delete(scope);
  if (open.size === 0) root.node = undefined;
}
