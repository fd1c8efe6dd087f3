import type { ClientSession, Document } from 'mongodb';
import { identityKey } from '../bson/identity-key.js';
import { collationOf, commandFor, expectedMatches } from './commands.js';
import { brokenGuards } from './guard-check.js';
import { statementsOf, type InsertWrite, type UpdateWrite, type Write } from './plan.js';
import { documentsArray, updateStatements } from './statements.js';
import { runTransaction, type FlushLimits } from './transaction.js';
import { conflict, writeError } from './write-errors.js';
import { readGuarded } from './write-guarded.js';

/** Statements in one command, and bytes; larger flushes take several. The server takes 16 MiB. */
const BATCH = 1_000;
const BATCH_BYTES = 12 * 1024 * 1024;

/**
 * Sends several writes in one transaction: reads what is guarded and compares it, then writes by id. Another's write
 * after the read is a write conflict, which starts the transaction over; so the comparison holds at the commit.
 */
export async function writeInTransaction(writes: readonly Write[], limits: FlushLimits): Promise<void> {
  const [first] = writes as [Write];
  await runTransaction(first.target.client, limits, async (session) => {
    for (const batch of batches(writes.filter(isGuarded), false)) await compare(batch, session, limits);
    for (const batch of batches(writes, true)) await send(batch, session, limits);
  });
}

function isGuarded(write: Write): boolean {
  return 'guards' in write && write.guards.length > 0;
}

async function compare(writes: readonly Write[], session: ClientSession, { deadlineMS }: FlushLimits): Promise<void> {
  const found = await readGuarded(writes, session, deadlineMS);
  for (const write of writes) {
    const document = found.get(identityKey(write.filter._id));
    if (document === undefined) throw conflict(write, [], false);
    const broken = brokenGuards(document, 'guards' in write ? write.guards : []);
    if (broken.length > 0) throw conflict(write, broken, true, document);
  }
}

async function send(writes: readonly Write[], session: ClientSession, { deadlineMS }: FlushLimits): Promise<void> {
  const [{ target }] = writes as [Write];
  const reply = await target.db.command({ ...commandOf(writes), maxTimeMS: deadlineMS }, { session });
  const [error] = (reply.writeErrors as Document[] | undefined) ?? [];
  if (error !== undefined) throw writeError(writeOf(writes, error.index as number), error);
  if (reply.n !== expectedMatches(writes)) throw await findRemoved(writes);
}

/** One command for writes of one kind, whose guards have been compared. What there can be many of goes as bytes. */
function commandOf(writes: readonly Write[]): Document {
  const [{ kind, target }] = writes as [Write];
  const { collection } = target.map;
  switch (kind) {
    case 'update':
      return {
        update: collection,
        updates: updateStatements(writes as UpdateWrite[], collationOf(target).collation),
      };
    case 'insert':
      return { insert: collection, documents: documentsArray(writes.map((write) => (write as InsertWrite).document)) };
    default:
      return commandFor(writes, false);
  }
}

/** The write that a statement of the command belongs to: some take several. */
function writeOf(writes: readonly Write[], statement: number): Write {
  return writes.flatMap((write) => new Array<Write>(statementsOf(write)).fill(write))[statement]!;
}

/** Fewer documents than writes: one was removed. Which one, a look from outside of the transaction tells. */
async function findRemoved(writes: readonly Write[]): Promise<Error> {
  const [{ target }] = writes as [Write];
  for (const write of writes) {
    const found = await target.db
      .collection(target.map.collection)
      .findOne(write.filter, { projection: { _id: 1 }, readPreference: 'primary', ...collationOf(target) });
    if (found === null) return conflict(write, [], false);
  }
  return conflict(writes[0]!, [], true);
}

/** Consecutive writes to one collection (and of one kind) in groups that fit one command. */
function batches(writes: readonly Write[], byKind: boolean): Write[][] {
  const groups: Write[][] = [];
  let bytes = 0;
  for (const write of writes) {
    const last = groups.at(-1);
    const head = last?.[0];
    const isAlike = head?.target === write.target && (!byKind || head.kind === write.kind);
    bytes += mostBytes(write);
    if (last !== undefined && isAlike && last.length < BATCH && bytes <= BATCH_BYTES) {
      last.push(write);
    } else {
      groups.push([write]);
      bytes = mostBytes(write);
    }
  }
  return groups;
}

/** An update sends no more than its document; and every statement has a filter. */
function mostBytes(write: Write): number {
  if (write.kind === 'insert') return write.document.length;
  return 1_024 + (write.kind === 'update' ? Math.max(write.base.length, write.next.length) : 0);
}
