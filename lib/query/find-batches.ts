import type { AbstractCursor } from 'mongodb';
import { documentEnd } from '../bson/elements.js';

/** Documents as they came from the server, in one piece of memory. */
export interface RawBatch {
  readonly bytes: Buffer;
  /** Where each document starts. */
  readonly starts: readonly number[];
}

/**
 * The most documents that a batch has, unless who reads asks for another number: an entity keeps its whole batch in
 * memory. (The server ends a batch at 16 MB. Two thousand five hundred documents each cost a fifth more time to read.)
 */
export const MAX_BATCH = 5_000;

/** What is used of the driver's cursor beyond its public methods. */
interface OpenCursor {
  readonly documents?: {
    readonly length: number;
    readonly batch?: { toBytes?(): Uint8Array };
    clear?(): void;
  } | null;
}

/** Are the private fields as expected, as far as is known? */
export interface Trust {
  isGiven: boolean;
}

/** Of this process: the first batch that is otherwise ends it. */
const trust: Trust = { isGiven: true };

/**
 * The batches of a cursor that was opened with `raw: true`.
 *
 * The driver makes an object for every document, even a raw one. Its cursor keeps the reply, in private fields: where
 * these are as expected the batch is taken from there, whole; sessions, retries and the choice of the server stay the
 * driver's. Where anything differs the documents are taken one by one, by public methods only.
 *
 * @param whole may batches be taken whole? (`rawBatches` of `forRoot()`)
 */
export async function* rawBatches(
  cursor: AbstractCursor,
  whole: boolean,
  trusted = trust,
): AsyncGenerator<RawBatch, void, undefined> {
  try {
    while (await cursor.hasNext()) {
      const batch = whole && trusted.isGiven ? takeWhole(cursor) : undefined;
      trusted.isGiven &&= !whole || batch !== undefined; // another version of the driver: from now on without
      if (batch !== undefined) yield batch;
      else for (const bytes of cursor.readBufferedDocuments() as Buffer[]) yield { bytes, starts: [0] };
    }
  } finally {
    if (!cursor.closed) await cursor.close();
  }
}

/** The documents that the cursor holds; undefined, and nothing taken, where they are not to be had. */
function takeWhole(cursor: AbstractCursor): RawBatch | undefined {
  const { documents } = cursor as unknown as OpenCursor;
  const count = cursor.bufferedCount();
  try {
    const bytes = documents?.batch?.toBytes?.();
    if (documents?.length !== count || bytes === undefined || documents.clear === undefined) return undefined;
    const batch = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), starts: [] as number[] };
    findDocuments(batch.bytes, batch.starts);
    if (batch.starts.length !== count) return undefined; // or some were taken by others
    documents.clear();
    return cursor.bufferedCount() === 0 ? batch : undefined;
  } catch {
    return undefined;
  }
}

const DOCUMENT = 3;

/** Where the documents of an array start. */
function findDocuments(bytes: Buffer, starts: number[]): void {
  const limit = documentEnd(bytes, 0) - 1;
  let at = 4;
  while (at < limit) {
    if (bytes[at] !== DOCUMENT) throw new Error('no document');
    while (bytes[++at] !== 0) if (at >= limit) throw new Error('a name without end');
    starts.push(++at);
    at = documentEnd(bytes, at);
  }
  if (at !== limit) throw new Error('a document ends beyond its array');
}
