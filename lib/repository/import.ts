import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EntityStore } from '../unit-of-work/entity-store.js';
import type { DirectWriteOptions } from './direct-writes.js';
import { insertDocuments, NewDocuments, type NewDocument } from './new-documents.js';

/** Options of `import()`. */
export interface ImportOptions extends DirectWriteOptions {
  /** Records that one command inserts at most; large ones take several. Default: 1000. */
  batchSize?: number;
  /** Called after each batch with the number of records that have been inserted. */
  progress?: (done: number) => void;
}

type Record = Readonly<globalThis.Record<string, unknown>>;

/** So many records are encoded in one go, in some ten ms: see docs/decisions/0013. */
const SLICE = 1_000;

/** Inserts records; all of them are encoded, and validated, before the first is sent. @returns their ids */
export async function insertRecords(
  store: EntityStore,
  records: readonly Record[],
  options: DirectWriteOptions,
): Promise<unknown[]> {
  const now = new Date();
  const made = await NewDocuments.of(store, options);
  const documents: NewDocument[] = [];
  for (const record of records) {
    const document = made.make(record, now);
    documents.push(document instanceof Promise ? await document : document);
    if (documents.length % SLICE === 0) await nextTurn(); // others wait for no more than this
  }
  await insertDocuments(store, documents);
  return documents.map(({ id }) => id);
}

/** A batch is sent while the next one is encoded; there are never more than these two. */
const BATCH = 1_000;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Inserts what an iterable yields, batch by batch. @returns how many */
export async function importRecords(
  store: EntityStore,
  records: AsyncIterable<Record> | Iterable<Record>,
  options: ImportOptions,
): Promise<number> {
  const { batchSize = BATCH, progress } = options;
  let documents: NewDocument[] = [];
  let bytes = 0;
  let done = 0;
  let sending: Promise<void> = Promise.resolve();
  const send = async () => {
    await sending;
    const batch = documents;
    documents = [];
    bytes = 0;
    sending = insertDocuments(store, batch).then(() => {
      done += batch.length;
      progress?.(done);
    });
    sending.catch(() => undefined); // whoever waits for it is told
  };
  const made = await NewDocuments.of(store, options);
  try {
    for await (const record of records) {
      const making = made.make(record, new Date());
      const document = making instanceof Promise ? await making : making;
      documents.push(document);
      bytes += document.bytes.length;
      if (documents.length >= batchSize || bytes >= BATCH_BYTES) await send();
    }
    if (documents.length > 0) await send();
  } finally {
    await sending;
  }
  return done;
}
