import { setTimeout as sleep } from 'node:timers/promises';
import { MongoNetworkError, type ClientSession, type MongoClient, type TransactionOptions } from 'mongodb';
import { CowError } from '../errors/index.js';
import {
  codeOf,
  isConnectionError,
  isStateChange,
  isTransactionGone,
  isTransient,
  WRITE_CONFLICT,
} from './server-errors.js';

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
  // One session for all tries: the next transaction on it ends the one before, even where its abort was lost.
  const session = client.startSession();
  const calls = new Calls(deadline);
  try {
    for (let attempt = 0; ; attempt++) {
      let failure: unknown;
      try {
        if (session.inTransaction()) await calls.run(session.abortTransaction());
        session.startTransaction({ ...OPTIONS, maxCommitTimeMS: limits.deadlineMS });
        const result = await calls.run(body(session));
        failure = await commit(session, calls, limits);
        if (failure === undefined) return result;
      } catch (error) {
        if (error instanceof CowError || !isTransient(error)) throw error;
        failure = error;
      }
      if (calls.isLate) {
        throw new CowError('StoreUnavailable', { flushId: limits.flushId }, { cause: failure });
      }
      limits.onRetry?.(failure);
      await sleep(backoff(attempt));
    }
  } finally {
    if (calls.isPending || calls.isLate) void calls.settled().then(() => abandon(client, session));
    else await inTime(abandon(client, session), deadline).catch(() => undefined);
  }
}

/** The calls on a session, of which there is one at a time. */
class Calls {
  private last: Promise<unknown> = Promise.resolve();
  /** Is one under way that was given up? */
  isPending = false;

  constructor(private readonly deadline: number) {}

  get isLate(): boolean {
    return Date.now() >= this.deadline;
  }

  async run<T>(call: Promise<T>): Promise<T> {
    this.isPending = true;
    const done = () => (this.isPending = false);
    this.last = call.then(done, done);
    return inTime(call, this.deadline);
  }

  /**
   * What is under way must end first: a command of a transaction that is sent after its abort would be sent outside of
   * any.
   */
  async settled(): Promise<void> {
    await this.last;
  }
}

/** How often an abort is sent whose answer did not come. */
const MOST_ABORTS = 6;

/**
 * Ends the session, and a transaction that failed for good. What it wrote is locked until the server knows: for a
 * minute when it is never told, and the driver's own abort tries twice and keeps silent.
 */
async function abandon(client: MongoClient, session: ClientSession): Promise<void> {
  for (let attempt = 0; attempt < MOST_ABORTS && session.inTransaction(); attempt++) {
    try {
      await client.db('admin').command({ abortTransaction: 1 }, { session });
      markAborted(session);
    } catch (error) {
      if (!isConnectionError(error) && !isStateChange(error) && codeOf(error) !== WRITE_CONFLICT) break; // it is gone
    }
    await sleep(backoff(attempt));
  }
  await session.endSession().catch(() => undefined);
}

/** The driver learns of an abort by its own method only, and would send another. */
function markAborted(session: ClientSession): void {
  const { transaction } = session as unknown as { transaction?: { transition?(state: string): void } };
  transaction?.transition?.('TRANSACTION_ABORTED');
}

/** The server ends what takes too long, and says so; after this it is not waited for any longer. */
const GRACE_MS = 1_000;

/** A server that does not answer at all, and has not been found out yet. */
class NoAnswer extends MongoNetworkError {
  override get name(): string {
    return 'MongoNetworkError';
  }
}

/** What the promise brings, or an error some time after the deadline: a hung server is noticed after half a minute. */
export function inTime<T>(promise: Promise<T>, deadline: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const ms = Math.max(0, deadline - Date.now()) + GRACE_MS;
    const timer = setTimeout(() => reject(new NoAnswer(`no answer within ${ms} ms`)), ms);
    // What comes later, a failure too, is nobody's concern any more.
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: Error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/**
 * Sends the commit until it is known.
 *
 * @returns undefined when committed, else why the transaction is gone, which must start over then
 */
async function commit(session: ClientSession, calls: Calls, limits: FlushLimits): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    try {
      await calls.run(session.commitTransaction());
      return undefined;
    } catch (error) {
      if (isTransactionGone(error)) return error;
      if (calls.isLate) {
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
