import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientSession, MongoClient, TransactionOptions } from 'mongodb';
import { CowError } from '../errors/index.js';
import { isTransactionGone, isTransient } from './server-errors.js';

/** Bounds of a flush. */
export interface FlushLimits {
  /** How long a flush may try, in ms. The driver's own `timeoutMS` has no effect. */
  readonly deadlineMS: number;
  /** Names the flush in errors. */
  readonly flushId: string;
  /** Told of each try that failed and is repeated. */
  readonly onRetry?: (error: unknown) => void;
}

const OPTIONS: TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority' },
  readPreference: 'primary',
};

/**
 * Runs `body` in a transaction until it is committed.
 *
 * Not the driver's `withTransaction`: under load that was measured to surface unlabelled errors of transactions which
 * had been committed. Here the two phases are kept apart. Before the commit every passing fault starts over, which is
 * always safe. From the commit on only the commit is sent again, on the same session and number, until its outcome is
 * known or the deadline is over.
 *
 * @throws FlushOutcomeUnknown when the outcome of the commit could not be learnt in time
 * @throws StoreUnavailable when no try got as far as a commit in time
 */
export async function runTransaction<T>(
  client: MongoClient,
  limits: FlushLimits,
  body: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + limits.deadlineMS;
  for (let attempt = 0; ; attempt++) {
    const session = client.startSession();
    let failure: unknown;
    try {
      session.startTransaction({ ...OPTIONS, maxCommitTimeMS: limits.deadlineMS });
      const result = await body(session);
      failure = await commit(session, deadline, limits);
      if (failure === undefined) return result;
    } catch (error) {
      if (error instanceof CowError || !isTransient(error)) throw error;
      failure = error;
    } finally {
      await session.endSession().catch(() => undefined); // aborts what is open; the server would after its own time
    }
    if (Date.now() >= deadline) {
      throw new CowError('StoreUnavailable', { flushId: limits.flushId }, { cause: failure });
    }
    limits.onRetry?.(failure);
    await sleep(backoff(attempt));
  }
}

/**
 * Sends the commit until it is known.
 *
 * @returns undefined when committed, else why the transaction is gone, which must start over then
 */
async function commit(session: ClientSession, deadline: number, limits: FlushLimits): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    try {
      await session.commitTransaction();
      return undefined;
    } catch (error) {
      if (isTransactionGone(error)) return error;
      if (Date.now() >= deadline) {
        throw new CowError('FlushOutcomeUnknown', { flushId: limits.flushId }, { cause: error });
      }
      limits.onRetry?.(error);
      await sleep(backoff(attempt));
    }
  }
}

/** Exponential, bounded, with full jitter, in ms. */
export function backoff(attempt: number): number {
  return Math.random() * Math.min(500, 5 * 2 ** attempt);
}
