import { channel } from 'node:diagnostics_channel';
import { isCowError, type CowError } from '../errors/index.js';

/** Documents that were read. Published on `nestjs-cow:load`. */
export interface LoadEvent {
  readonly entity: string;
  readonly collection: string;
  readonly documents: number;
  readonly durationMS: number;
}

/** What a flush is about to send. Published on `nestjs-cow:plan`. */
export interface PlanEvent {
  readonly flushId: string;
  /** What the unit of work was opened for, for example `PATCH /orders/:id`. */
  readonly label: string | undefined;
  readonly writes: readonly { readonly entity: string; readonly id: string; readonly kind: string }[];
}

/** A flush that met what someone else had changed. Published on `nestjs-cow:conflict`. */
export interface ConflictEvent {
  readonly flushId: string;
  readonly label: string | undefined;
  readonly error: CowError;
}

/** A try that is repeated. Published on `nestjs-cow:retry`. */
export interface RetryEvent {
  /** `'flush'`: the same plan is sent again. `'transactional'`: `@Transactional({ retries })` runs its method again. */
  readonly of: 'flush' | 'transactional';
  readonly label: string | undefined;
  readonly flushId?: string;
  /** How many tries there were. */
  readonly attempt: number;
  readonly error: unknown;
}

/** How a flush that had something to write ended. Published on `nestjs-cow:outcome`. */
export interface OutcomeEvent {
  readonly flushId: string;
  readonly label: string | undefined;
  /** `'refused'`: nothing was written; the error says why. */
  readonly outcome: 'committed' | 'conflict' | 'refused' | 'unknown';
  readonly writes: number;
  /** How often something was sent again. */
  readonly retries: number;
  readonly durationMS: number;
  readonly error?: unknown;
}

/** What the library has counted in this process since its start: for an application to export. */
export interface Counters {
  /** Queries that loaded entities, and documents that they read. */
  readonly loads: number;
  readonly documents: number;
  /** Flushes that had something to write, and how they ended. */
  readonly flushes: number;
  readonly committed: number;
  readonly conflicts: number;
  readonly refused: number;
  readonly unknown: number;
  /** Writes of committed flushes. */
  readonly writes: number;
  /** Tries of flushes that were repeated. */
  readonly retries: number;
  /** Methods with `@Transactional({ retries })` that were run again. */
  readonly reruns: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const count: Mutable<Counters> = {
  ...{ loads: 0, documents: 0, flushes: 0, committed: 0, conflicts: 0, refused: 0, unknown: 0 },
  ...{ writes: 0, retries: 0, reruns: 0 },
};

/** A copy of the counters. @example prometheus: `new Counter({ collect() { this.inc(counters().conflicts - seen) } })` */
export function counters(): Counters {
  return { ...count };
}

const channels = {
  load: channel('nestjs-cow:load'),
  plan: channel('nestjs-cow:plan'),
  conflict: channel('nestjs-cow:conflict'),
  retry: channel('nestjs-cow:retry'),
  outcome: channel('nestjs-cow:outcome'),
};

export function signalLoad(event: LoadEvent): void {
  count.loads++;
  count.documents += event.documents;
  if (channels.load.hasSubscribers) channels.load.publish(event);
}

export function signalRetry(event: RetryEvent): void {
  count[event.of === 'flush' ? 'retries' : 'reruns']++;
  if (channels.retry.hasSubscribers) channels.retry.publish(event);
}

/** Tells of one flush, from its plan to its outcome. */
export class FlushSignals {
  private readonly started = performance.now();
  private retries = 0;

  constructor(
    private readonly flushId: string,
    private readonly label: string | undefined,
    private readonly writes: number,
    describe: () => PlanEvent['writes'],
  ) {
    count.flushes++;
    if (channels.plan.hasSubscribers) channels.plan.publish({ flushId, label, writes: describe() } satisfies PlanEvent);
  }

  readonly retry = (error: unknown): void => {
    const { flushId, label } = this;
    signalRetry({ of: 'flush', label, flushId, attempt: ++this.retries, error });
  };

  committed(): void {
    count.committed++;
    count.writes += this.writes;
    this.outcome('committed');
  }

  failed(error: unknown): void {
    const { flushId, label } = this;
    const isConflict = isCowError(error, 'ConcurrentModification');
    const outcome = isConflict ? 'conflict' : isCowError(error, 'FlushOutcomeUnknown') ? 'unknown' : 'refused';
    count[outcome === 'conflict' ? 'conflicts' : outcome]++;
    if (isConflict && channels.conflict.hasSubscribers) {
      channels.conflict.publish({ flushId, label, error } satisfies ConflictEvent);
    }
    this.outcome(outcome, error);
  }

  private outcome(outcome: OutcomeEvent['outcome'], error?: unknown): void {
    if (!channels.outcome.hasSubscribers) return;
    const { flushId, label, retries } = this;
    const durationMS = performance.now() - this.started;
    const event: OutcomeEvent = { flushId, label, outcome, writes: this.writes, retries, durationMS };
    channels.outcome.publish(error === undefined ? event : { ...event, error });
  }
}
