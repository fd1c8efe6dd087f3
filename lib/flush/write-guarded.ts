import type { ClientSession, Document } from 'mongodb';
import { BsonType, visitElements } from '../bson/elements.js';
import { identityKeyOfDocument } from '../bson/identity-key.js';
import { decodeByDriver, encodeValue, RawValue } from '../bson/raw-value.js';
import { Long } from '../bson/values.js';
import { collationOf, guardProjection } from './commands.js';
import type { Write } from './plan.js';

/**
 * What is guarded of the documents of writes to one collection, as it is now, by identity keys. The replies are taken
 * as bytes: a cursor of the driver's makes an object for each document, with the places of its fields.
 */
export async function readGuarded(writes: readonly Write[], session: ClientSession): Promise<Map<string, RawValue>> {
  const [{ target }] = writes as [Write];
  const { collection } = target.map;
  const found = new Map<string, RawValue>();
  const run = async (command: Document) => {
    // By a command, since in a transaction the server is the session's, and nothing is retried but the whole.
    const { cursor } = await target.db.command(command, { session, raw: true });
    return take(cursor as Uint8Array, found);
  };
  let open = await run({
    find: collection,
    filter: { _id: { $in: encodeValue(writes.map((write) => write.filter._id)) } },
    projection: guardProjection(writes),
    batchSize: writes.length + 1, // then the first reply is the last, but for large ones
    ...collationOf(target),
  });
  while (open !== undefined) open = await run({ getMore: open, collection });
  return found;
}

/** Takes the documents of a reply. @returns the id of the cursor, if there are more to come */
function take(cursor: Uint8Array, found: Map<string, RawValue>): Long | undefined {
  const bytes = Buffer.from(cursor.buffer, cursor.byteOffset, cursor.byteLength);
  let id = Long.ZERO;
  visitElements(bytes, 0, (type, nameStart, nameEnd, start, end) => {
    const name = bytes.toString('latin1', nameStart, nameEnd);
    if (name === 'id') {
      id = decodeByDriver(new RawValue(type, bytes, start, end), { promoteLongs: false }) as Long;
    } else if (type === BsonType.array) {
      visitElements(bytes, start, (_type, _nameStart, _nameEnd, at) => {
        found.set(identityKeyOfDocument(bytes, at), RawValue.ofDocument(bytes, at));
      });
    }
  });
  return id.isZero() ? undefined : id;
}
