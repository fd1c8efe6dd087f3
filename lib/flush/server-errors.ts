import { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';

/** Codes of a server that is stepping down, shutting down, or lost its place: nothing was done. */
const STATE_CHANGE = new Set([91, 189, 10107, 13435, 11600, 11602, 10058, 13436]);
export const WRITE_CONFLICT = 112;
const NO_SUCH_TRANSACTION = 251;
const DUPLICATE_KEY = 11000;
/** A time limit: the write may have been applied all the same. */
const TIME_IS_OVER = 50;
/** A read was ended by the server: its cursor is not there any more, or its index or collection. */
const READ_ENDED = new Set([43, 175, 237]);
/** A planned path that cannot be applied any more, since the document has another shape. */
const SHAPE_CHANGED = new Set([2, 14, 28]);

/** The error and its causes, the outermost first. */
function* causes(error: unknown): Generator {
  for (let current = error, depth = 0; current !== undefined && depth < 8; depth++) {
    yield current;
    current = current instanceof Error ? current.cause : undefined;
  }
}

export function codeOf(error: unknown): number | undefined {
  for (const each of causes(error)) {
    if (each instanceof MongoServerError && typeof each.code === 'number') return each.code;
  }
  return undefined;
}

function hasLabel(error: unknown, label: string): boolean {
  return error instanceof MongoError && error.hasErrorLabel(label);
}

/** The connection broke, or there was none to be had: a pool that was cleared counts, whatever its labels. */
export function isConnectionError(error: unknown): boolean {
  for (const each of causes(error)) {
    if (each instanceof MongoNetworkError || each instanceof MongoServerSelectionError) return true;
    if (each instanceof Error && /^Mongo(PoolCleared|WaitQueueTimeout|PoolClosed)/.test(each.name)) return true;
  }
  return false;
}

/** Can the server have got what was sent? Not when no connection was to be had, nor when it said that it did nothing. */
export function mayHaveArrived(error: unknown): boolean {
  for (const each of causes(error)) {
    if (each instanceof MongoServerSelectionError) return false;
    if (!(each instanceof Error)) continue;
    if (/^Mongo(PoolCleared|WaitQueueTimeout|PoolClosed)/.test(each.name)) return false;
    if ((each as NodeJS.ErrnoException).syscall === 'connect') return false;
  }
  return !isStateChange(error);
}

export function isStateChange(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && STATE_CHANGE.has(code);
}

/**
 * May the body of a transaction be run again? Nothing has been committed, so that every passing fault allows it. The
 * driver's labels alone do not tell: errors of a stale connection carry none.
 */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return (
    isConnectionError(error) ||
    isStateChange(error) ||
    code === WRITE_CONFLICT ||
    code === NO_SUCH_TRANSACTION ||
    code === TIME_IS_OVER ||
    (code !== undefined && READ_ENDED.has(code)) ||
    hasLabel(error, 'TransientTransactionError')
  );
}

/** Did the server say that the transaction is gone without having been committed? */
export function isTransactionGone(error: unknown): boolean {
  return (
    hasLabel(error, 'TransientTransactionError') &&
    !isConnectionError(error) &&
    !hasLabel(error, 'UnknownTransactionCommitResult')
  );
}

/** May a single write be sent again under its own transaction number? */
export function isResendable(error: unknown): boolean {
  const code = codeOf(error);
  return (
    isConnectionError(error) ||
    isStateChange(error) ||
    code === WRITE_CONFLICT ||
    code === TIME_IS_OVER ||
    hasLabel(error, 'RetryableWriteError')
  );
}

export function isDuplicateKey(code: number | undefined): boolean {
  return code === DUPLICATE_KEY;
}

/** Code 2 is also what an `$inc` beyond 64 bits answers, which says nothing about the shape. */
export function isShapeChange(code: number | undefined, message: string): boolean {
  return code !== undefined && SHAPE_CHANGED.has(code) && !message.includes('Failed to apply $inc');
}
