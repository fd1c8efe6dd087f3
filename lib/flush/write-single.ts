import { setTimeout as sleep } from 'node:timers/promises';
import {
  MongoServerError,
  MongoWriteConcernError,
  type ClientSession,
  type Db,
  type Document,
  type MongoClient,
} from 'mongodb';
import { RawValue } from '../bson/raw-value.js';
import { Long } from '../bson/values.js';
import { CowError } from '../errors/index.js';
import type { Guard } from './change.js';
import { collationOf, commandFor } from './commands.js';
import { brokenGuards } from './guard-check.js';
import type { Write } from './plan.js';
import { isResendable, isStateChange, mayHaveArrived } from './server-errors.js';
import { backoff, inTime, type FlushLimits } from './transaction.js';
import { conflict, writeError } from './write-errors.js';

/**
 * Sends one write with its guards in the filter.
 *
 * @param numbered under a transaction number (replica sets), so that it can be resent and still applies once
 */
export async function writeSingle(write: Write, limits: FlushLimits, numbered: boolean): Promise<void> {
  const command: Document = { ...commandFor([write], true), writeConcern: { w: 'majority' } };
  const { client, db } = write.target;
  const reply = await sendCommand(client, db, command, limits, numbered);
  const [error] = (reply.writeErrors as Document[] | undefined) ?? [];
  if (error !== undefined) throw writeError(write, error);
  if (reply.n !== 1) throw await missed(write);
}

/**
 * Sends a command that writes.
 *
 * @param numbered under a transaction number (replica sets), so that it can be resent and still applies once
 * @returns the server's reply
 */
export async function sendCommand(
  client: MongoClient,
  db: Db,
  command: Document,
  limits: FlushLimits,
  numbered: boolean,
): Promise<Document> {
  const session = client.startSession();
  try {
    command.maxTimeMS = limits.deadlineMS; // a document that a transaction of another holds is waited for
    if (numbered) command.txnNumber = nextTransactionNumber(session);
    return await send(command, limits, (options) => db.command(command, { ...options, session }), numbered);
  } finally {
    await session.endSession().catch(() => undefined);
  }
}

/**
 * The number that makes a resent command the same command. Taken from the session itself: the driver's
 * `incrementTransactionNumber()` does not reach `db.command`.
 */
function nextTransactionNumber(session: ClientSession): Long {
  const { serverSession } = session as unknown as { serverSession: { txnNumber: number } };
  return Long.fromNumber(++serverSession.txnNumber);
}

/** Resends the command, unchanged, until its outcome is known. */
async function send(
  command: Document,
  limits: FlushLimits,
  dispatch: (options: object) => Promise<Document>,
  numbered: boolean,
): Promise<Document> {
  const deadline = Date.now() + limits.deadlineMS;
  let isSent = false; // may the server have got it, so that its outcome is open?
  for (let attempt = 0; ; attempt++) {
    let failure: unknown;
    try {
      const reply = await inTime(dispatch({}), deadline);
      if (attempt === 0 && reply.retriedStmtIds !== undefined) {
        throw new Error('The server took a first send for a repeated one: the transaction number was used before.');
      }
      failure = numbered ? stateChangeIn(reply) : undefined;
      if (failure === undefined) return reply;
      isSent ||= reply.n !== 0; // what comes before it was applied
    } catch (error) {
      const isApplied = error instanceof MongoWriteConcernError; // but not yet known to a majority
      if (!isApplied && !isResendable(error)) {
        // The server refuses to answer for what it may have got before.
        if (isSent) throw new CowError('FlushOutcomeUnknown', { flushId: limits.flushId }, { cause: error });
        throw error;
      }
      failure = error;
      isSent ||= isApplied || mayHaveArrived(error);
      if (!numbered) break;
    }
    limits.onRetry?.(failure);
    if (Date.now() >= deadline) {
      throw new CowError(
        isSent ? 'FlushOutcomeUnknown' : 'StoreUnavailable',
        { flushId: limits.flushId },
        { cause: failure },
      );
    }
    await sleep(backoff(attempt));
  }
  throw new CowError('FlushOutcomeUnknown', { flushId: limits.flushId });
}

/** A server that is stepping down may say so of a statement only: those before it were applied, it was not. */
function stateChangeIn({ writeErrors }: Document): Error | undefined {
  const [error] = (writeErrors as Document[] | undefined) ?? [];
  const failure = error && new MongoServerError({ ...error, message: error.errmsg as string });
  return isStateChange(failure) ? failure : undefined;
}

/**
 * Compares the guards with the document as it is now. Without transactions nothing keeps it so.
 *
 * @throws ConcurrentModification when one does not hold
 */
export async function requireGuards(write: Write): Promise<void> {
  const document = await read(write);
  const broken = document === undefined ? [] : brokenGuards(document, guardsOf(write));
  if (document === undefined || broken.length > 0) throw conflict(write, broken, document !== undefined, document);
}

/** Nothing matched: which guard did not hold, by a look at the document as it is now. */
async function missed(write: Write): Promise<CowError> {
  let document: RawValue | undefined;
  try {
    document = await read(write);
  } catch (error) {
    const unexplained = conflict(write, [], true); // what is known stands, whatever became of the look
    unexplained.cause = error;
    return unexplained;
  }
  const broken = document === undefined ? [] : brokenGuards(document, guardsOf(write));
  return conflict(write, broken, document !== undefined, document);
}

async function read({ target, filter }: Write): Promise<RawValue | undefined> {
  const bytes = (await target.db.collection(target.map.collection).findOne({ _id: filter._id } as Document, {
    raw: true,
    readPreference: 'primary',
    ...collationOf(target),
  })) as Buffer | null;
  return bytes === null ? undefined : RawValue.ofDocument(Buffer.from(bytes));
}

function guardsOf(write: Write): readonly Guard[] {
  return 'guards' in write ? write.guards : [];
}
