import { CowError } from '../errors/index.js';
import type { Change } from '../tracking/change-set.js';
import { StateTracker } from '../tracking/state-tracker.js';
import { runBranches, type BranchResults, type BranchesOptions } from './branches.js';
import { currentScope, enterFork, requireScope } from './context.js';
import { expectUnchanged, expectVersion } from './expectations.js';
import { kindOf, planScope, type ChangeKind } from './flush-conductor.js';
import { dropFork, forkScope, ownEntity, runForked } from './fork.js';
import { flush, rollback, runInNew } from './lifecycle.js';
import { requireManaged } from './membership.js';
import { emitEvent, type OutboxEvent } from './outbox.js';
import type { Scope, ScopeOptions } from './scope.js';
import { unite, type UnionOptions } from './union.js';

/** What `changes()` answers for one entity. */
export interface EntityChange {
  /** The entity itself. */
  readonly entity: object;
  /** Name of its class. */
  readonly name: string;
  /** Its id, as text. */
  readonly id: string;
  readonly kind: ChangeKind;
  /** What changed, by path; of a new entity everything, of a removed one nothing. */
  readonly changes: readonly Change[];
}

/** Options of `unitOfWork.run()`. */
export type RunOptions = ScopeOptions;

/**
 * The current unit of work: which entities were loaded, what changed, and when it is written. Injectable anywhere; it
 * finds the current one by AsyncLocalStorage.
 *
 * @example
 * await this.unitOfWork.run(async () => {
 *   const order = await this.orders.getById(id);
 *   order.status = 'paid';
 * }); // committed here
 */
export class UnitOfWork {
  /** The fork that this is of; undefined for the current unit of work. */
  private bound: Scope | undefined;

  /**
   * Runs `fn` in a unit of work: flushed when it returns, dropped when it throws. Inside another it joins that one. Of
   * a fork: runs `fn` in the fork, which stays open.
   *
   * @param options of a new unit of work; without effect when joining
   * @returns what `fn` returns
   * @throws CowError: whatever the flush reports
   */
  async run<T>(fn: () => T | Promise<T>, options: RunOptions = {}): Promise<T> {
    if (this.bound !== undefined) return enterFork(this.bound, fn);
    return currentScope() === undefined ? runInNew(options, fn) : fn();
  }

  /**
   * Writes exactly what changed, at once. Called during another flush it waits, then writes what has changed since.
   *
   * @throws CowError: ConcurrentModification, DuplicateKey, ValidationFailed, FlushOutcomeUnknown, StoreUnavailable, …
   */
  async flush(): Promise<void> {
    const scope = this.scope('flush');
    if (scope.options.readonly === true) {
      throw new CowError('ReadOnlyViolation', { entity: 'The unit of work', reason: 'it is read-only (flush())' });
    }
    await flush(scope);
  }

  /** Drops every change that was not flushed: entities read as they were loaded, new ones are forgotten. */
  rollback(): void {
    rollback(this.scope('rollback'));
  }

  /** What a flush would write now. Nothing is sent. */
  changes(): EntityChange[] {
    return planScope(this.scope('changes'))
      .filter(({ write }) => write.kind !== 'lock')
      .map(({ managed }) => ({
        entity: managed.entity,
        name: managed.store.map.name,
        id: managed.idText,
        kind: kindOf(managed),
        changes: managed.status === 'removed' ? [] : new StateTracker(managed).changeSet(),
      }));
  }

  /**
   * Would a flush write anything (of this entity)?
   *
   * @param entity default: any entity
   */
  isModified(entity?: object): boolean {
    const scope = this.scope('isModified');
    const planned = planScope(scope);
    return entity === undefined ? planned.length > 0 : planned.some(({ managed }) => managed.entity === entity);
  }

  /**
   * Makes fields that were only read a condition of the flush: when someone else changed them since, it conflicts.
   * Field guards alone admit write skew between two fields that were only read.
   *
   * @param paths property names, dotted into embedded values
   */
  expectUnchanged(entity: object, ...paths: string[]): void {
    const scope = this.scope('expectUnchanged');
    expectUnchanged(scope, requireManaged(scope, entity), paths);
  }

  /**
   * Checks the version that a client saw (an `If-Match` header) against the one that was loaded.
   *
   * @throws ConcurrentModification when they differ
   */
  expectVersion(entity: object, version: number | string): void {
    const scope = this.scope('expectVersion');
    expectVersion(scope, requireManaged(scope, entity), version);
  }

  /** Takes an entity out of the unit of work: it stays readable, and no flush concerns it. */
  detach(entity: object): void {
    const scope = this.scope('detach');
    scope.detach(requireManaged(scope, entity));
  }

  /** Runs `callback` once after the next flush was committed: mails, queues. Dropped when it fails. */
  onCommit(callback: () => unknown): void {
    this.scope('onCommit').onCommit.push(callback);
  }

  /** Runs `callback` once when the flush fails, or the changes are dropped: by `rollback()`, or by an error. */
  onRollback(callback: () => unknown): void {
    this.scope('onRollback').onRollback.push(callback);
  }

  /**
   * Tells others what happened: the event is written to the outbox (`forRoot({ outbox })`) by the same transaction as
   * the changes, and an `OutboxRelay` delivers it after the commit, at least once. Dropped when the changes are; an
   * event of a fork goes with it.
   *
   * @throws InvalidOption without an outbox, ForeignEntity when `about` is of another unit of work
   * @example unitOfWork.emit({ about: order, type: 'order.paid', payload: { total: order.total } });
   */
  emit(event: OutboxEvent): void {
    emitEvent(this.scope('emit'), event);
  }

  // Forks.

  /**
   * Runs `fn` in a fork of this unit of work: what it changes is united with this one when it returns, and dropped
   * when it throws. A savepoint.
   *
   * @returns what `fn` returns
   * @throws ForkConflictError when this unit of work changed the same meanwhile
   */
  fork<T>(fn: () => T | Promise<T>, options?: UnionOptions): Promise<T>;
  /**
   * A fork: sees everything as it is here now, and neither sees what the other does from now on. `run(fn)` on it
   * works in it; `own(entity)` answers its instances. It ends by `union()` or `drop()`.
   *
   * @example
   * const cheaper = unitOfWork.fork();
   * cheaper.own(order).discount = 10;
   * if (order.total > limit) unitOfWork.union(cheaper); else cheaper.drop();
   */
  fork(): UnitOfWork;
  fork<T>(fn?: () => T | Promise<T>, options?: UnionOptions): UnitOfWork | Promise<T> {
    const scope = this.scope('fork');
    return fn === undefined ? UnitOfWork.boundTo(forkScope(scope)) : runForked(scope, fn, options);
  }

  /**
   * Brings everything of a fork in here, and closes it: as a flush would, but into memory. Any two of one tree can be
   * united. All or nothing; uniting again does nothing.
   *
   * @throws ForkConflictError with every conflict, unless `onConflict` decides; ForkClosed, ForeignFork
   */
  union(fork: UnitOfWork, options?: UnionOptions): void {
    if (fork.bound === undefined) throw new CowError('ForeignFork', { reason: 'is no fork' });
    unite(this.scope('union'), fork.bound, options);
  }

  /**
   * Runs each function in a fork of its own, all at once, then unites the forks, or those that `unite` chooses. When
   * one throws, or two conflict, nothing of any remains.
   *
   * @returns the results, in the order of the functions
   */
  branches<F extends readonly (() => unknown)[]>(
    fns: readonly [...F],
    options?: BranchesOptions<BranchResults<F>>,
  ): Promise<BranchResults<F>> {
    return runBranches(this.scope('branches'), fns as F, options);
  }

  /** The instance that this unit of work has of an entity of its fork tree. @throws ForeignEntity */
  own<T extends object>(entity: T): T {
    return ownEntity(this.scope('own'), entity) as T;
  }

  /** Ends a fork: nothing of it remains. Its entities cannot be used any more. */
  drop(): void {
    dropFork(this.bound ?? this.scope('drop'));
  }

  private scope(method: string): Scope {
    if (this.bound === undefined) return currentScope() ?? requireScope(`UnitOfWork.${method}()`);
    if (this.bound.closed) throw this.bound.closedError();
    return this.bound;
  }

  /** @internal */
  static boundTo(scope: Scope): UnitOfWork {
    const unit = new UnitOfWork();
    unit.bound = scope;
    return unit;
  }
}
