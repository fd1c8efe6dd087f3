import { enterFork } from './context.js';
import { dropFork, forkScope } from './fork.js';
import type { Scope } from './scope.js';
import { unite, type UnionOptions } from './union.js';

/** Options of `unitOfWork.branches()`. */
export interface BranchesOptions<R extends readonly unknown[]> extends UnionOptions {
  /**
   * Which branches are united, in the order of their indexes: all (default), or those whose indexes the function
   * answers, given the results. The others are dropped.
   *
   * @example { unite: (prices) => prices.indexOf(Math.min(...prices)) } // the best of
   */
  readonly unite?: 'all' | ((results: R) => number | readonly number[] | undefined);
}

/** What functions answer, awaited. */
export type BranchResults<F extends readonly (() => unknown)[]> = {
  -readonly [K in keyof F]: Awaited<ReturnType<F[K]>>;
};

/**
 * Runs each function in a fork of its own, all at once; none sees the others. When all have returned the forks are
 * united, all or nothing. When one throws all are dropped, and its error is thrown.
 */
export async function runBranches<F extends readonly (() => unknown)[]>(
  parent: Scope,
  fns: F,
  options: BranchesOptions<BranchResults<F>> = {},
): Promise<BranchResults<F>> {
  const forks = fns.map(() => forkScope(parent));
  let together: Scope | undefined;
  try {
    const outcomes = await Promise.allSettled(fns.map(async (fn, index) => enterFork(forks[index]!, fn)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const results = outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as BranchResults<F>;
    const chosen = choose(options.unite, results, forks);
    if (chosen.length > 0) {
      together = forkScope(parent); // so that a conflict of two branches leaves the parent as it is
      for (const fork of chosen) unite(together, fork, options);
      unite(parent, together, options);
    }
    return results;
  } finally {
    for (const fork of [...forks, together]) if (fork !== undefined && !fork.closed) dropFork(fork);
  }
}

function choose<R extends readonly unknown[]>(
  unite: BranchesOptions<R>['unite'],
  results: R,
  forks: readonly Scope[],
): readonly Scope[] {
  if (typeof unite !== 'function') return forks;
  const answer = unite(results);
  const indexes = typeof answer === 'number' ? [answer] : (answer ?? []);
  return forks.filter((_, index) => indexes.includes(index));
}
