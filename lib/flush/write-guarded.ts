import type { ClientSession, Document } from 'mongodb';
import { identityKeyOfDocument } from '../bson/identity-key.js';
import { encodeValue, RawValue } from '../bson/raw-value.js';
import type { Long } from '../bson/values.js';
import { collationOf, guardProjection } from './commands.js';
import type { Write } from './plan.js';

/**
 * Documents as bytes, the rest of a reply as always. Not `raw: true`: of a command it concerns errors, too, and the
 * driver remembers what they say of the server's state, of which bytes make its next heartbeat throw in nobody's hands.
 */
const BATCHES_AS_BYTES = {
  fieldsAsRaw: { firstBatch: true, nextBatch: true },
  promoteLongs: false, // the id of a cursor uses all its bits
  useBigInt64: false,
};

/** The part of a reply that is of use here: the first, or a further batch. */
interface OpenCursor {
  readonly id: Long;
  readonly firstBatch?: readonly Uint8Array[];
  readonly nextBatch?: readonly Uint8Array[];
}

/**
 * What is guarded of the documents of writes to one collection, as it is now, by identity keys. By commands: a cursor of
 * the driver's makes an object for each document, with the places of its fields.
 */
export async function readGuarded(
  writes: readonly Write[],
  session: ClientSession,
  maxTimeMS: number,
): Promise<Map<string, RawValue>> {
  const [{ target }] = writes as [Write];
  const { collection } = target.map;
  const found = new Map<string, RawValue>();
  const run = async (command: Document): Promise<Long> => {
    // In a transaction the server is the session's, and nothing is retried but the whole.
    const reply = await target.db.command(command, { session, ...BATCHES_AS_BYTES });
    const { id, firstBatch, nextBatch = firstBatch } = reply.cursor as OpenCursor;
    for (const { buffer, byteOffset, byteLength } of nextBatch!) {
      const bytes = Buffer.from(buffer, byteOffset, byteLength);
      found.set(identityKeyOfDocument(bytes, 0), RawValue.ofDocument(bytes));
    }
    return id;
  };
  let open = await run({
    find: collection,
    filter: { _id: { $in: encodeValue(writes.map((write) => write.filter._id)) } },
    projection: guardProjection(writes),
    batchSize: writes.length + 1, // then the first reply is the last, but for large ones
    maxTimeMS, // of the cursor, all of it
    ...collationOf(target),
  });
  while (!open.isZero()) open = await run({ getMore: open, collection });
  return found;
}
