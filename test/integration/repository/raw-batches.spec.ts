import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AbstractCursor, BSON, type Document } from 'mongodb';
import { MAX_BATCH, rawBatches, type RawBatch, type Trust } from '../../../lib/query/find-batches.js';
import { Order } from '../support/models.js';
import { SERVER_START, World } from '../support/world.js';

const world = new World();
const documents = Array.from({ length: 250 }, (_, n) => ({ n, text: 'x'.repeat(n) }));

beforeAll(async () => {
  await world.moveToOwnServer(); // for its fail points
  await world.open({});
  await world.raw(Order).insertMany(documents.map((one) => ({ ...one })));
}, SERVER_START);
afterAll(() => world.close());

const find = (options: Document = {}) =>
  world.store(Order).collection.find({}, { raw: true, sort: { n: 1 }, batchSize: 100, ...options });

async function read(cursor: AbstractCursor, whole = true): Promise<RawBatch[]> {
  const batches: RawBatch[] = [];
  for await (const batch of rawBatches(cursor, whole)) batches.push(batch);
  return batches;
}

const numbers = (batches: readonly RawBatch[]) =>
  batches.flatMap(({ bytes, starts }) =>
    starts.map((start) => BSON.deserialize(bytes.subarray(start, start + bytes.readInt32LE(start))).n as number),
  );
const all = documents.map(({ n }) => n);

describe('the documents of a cursor', () => {
  it('come in one piece a batch, all of them, in their order', async () => {
    const batches = await read(find());
    expect(batches.map(({ starts }) => starts.length)).toEqual([100, 100, 50]);
    expect(numbers(batches)).toEqual(all);
    expect(batches[1]!.starts.every((start) => start > 0)).toBe(true);
    expect(numbers(await read(find({ limit: 120 })))).toEqual(all.slice(0, 120));
    expect(await read(find({ limit: 0, skip: 1000 }))).toEqual([]);
  });

  it('make no object of the driver for each document', async () => {
    const shift = jest.spyOn(AbstractCursor.prototype, 'readBufferedDocuments');
    await read(find());
    expect(shift).not.toHaveBeenCalled();
    shift.mockRestore();
  });

  it('come one by one where that is switched off', async () => {
    const batches = await read(find(), false);
    expect(batches).toHaveLength(250);
    expect(numbers(batches)).toEqual(all);
  });

  it('belong to the transaction that they are read in', async () => {
    await world.client.withSession(async (session) => {
      session.startTransaction();
      await world.store(Order).collection.updateOne({ n: 0 }, { $set: { n: -1 } }, { session });
      expect(numbers(await read(find({ session })))[0]).toBe(-1);
      await session.abortTransaction();
    });
    expect(numbers(await read(find()))[0]).toBe(0);
  });

  it('are read again by the driver where the first try is lost', async () => {
    await world.client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: ['find'], closeConnection: true, appName: world.database.name },
    });
    expect(numbers(await read(find()))).toEqual(all);
  });

  it('close their cursor when no more are wanted', async () => {
    const cursor = find({ batchSize: 10 });
    for await (const batch of rawBatches(cursor, true)) {
      expect(batch.starts).toHaveLength(10);
      break;
    }
    expect(cursor.closed).toBe(true);
  });
});

describe('a batch', () => {
  it('has no more documents than the most there may be, unless more are asked for', async () => {
    const many = Array.from({ length: MAX_BATCH + 200 }, (_, n) => ({ status: 'many', total: n }));
    await world.raw(Order).insertMany(many);
    const sizes: number[] = [];
    const listen = ({ reply }: { reply: { cursor?: { firstBatch?: unknown[]; nextBatch?: unknown[] } } }) => {
      const batch = reply.cursor?.firstBatch ?? reply.cursor?.nextBatch;
      if (batch !== undefined) sizes.push(batch.length);
    };
    const found = (options: object) =>
      world.uow.run(async () => (await world.repository(Order).find({ status: 'many' }, options)).length);
    world.client.on('commandSucceeded', listen as never);
    try {
      expect(await found({})).toBe(many.length);
      expect(sizes).toEqual([MAX_BATCH, 200]);
      sizes.length = 0;
      expect(await found({ batchSize: MAX_BATCH + 100 })).toBe(many.length);
      expect(sizes).toEqual([MAX_BATCH + 100, 100]);
    } finally {
      world.client.off('commandSucceeded', listen as never);
      await world.raw(Order).deleteMany({ status: 'many' });
    }
  });
});

describe('a detached entity', () => {
  it('keeps its own bytes and no others, and all that its document holds', async () => {
    const { Managed } = await import('../../../lib/unit-of-work/managed.js');
    const document = { items: [{ sku: 'a', qty: 1, hidden: 'kept' }], text: 'y'.repeat(5000) };
    const id = await world.stored(Order, document);
    const order = await world.uow.run(async () => {
      const found = await world.repository(Order).find();
      const own = found.find((one) => String((one as { id: unknown }).id) === String(id))!;
      expect(own.items[0]!.sku).toBe('a');
      expect(Managed.of(own)!.base!.bytes.buffer.byteLength).toBeGreaterThan(20_000); // the whole batch
      world.uow.detach(own);
      return own;
    });
    await world.raw(Order).deleteOne({ _id: id } as Document);
    const { base, store } = Managed.of(order)!;
    expect(base!.bytes.buffer.byteLength).toBeLessThan(20_000);
    const items = store.map.byProperty.get('items')!;
    const encoded = store.codec.encode(items, [...order.items], undefined);
    expect(BSON.deserialize(BSON.serialize({ encoded })).encoded).toMatchObject([{ hidden: 'kept' }]);
  });
});

describe('another version of the driver, whose private fields differ', () => {
  /** What stands in for the fields that are looked at; the methods are the cursor's. */
  it.each([
    ['no documents', () => null],
    ['another count', (real: Document) => ({ length: 5, batch: real.batch, clear: () => undefined })],
    ['no batch', (real: Document) => ({ length: real.length, clear: () => undefined })],
    [
      'a batch that is no array',
      (real: Document) => ({ length: real.length, batch: { toBytes: () => Buffer.alloc(9) }, clear: () => undefined }),
    ],
    ['nothing to clear with', (real: Document) => ({ length: real.length, batch: real.batch })],
  ])('is read by public methods: %s', async (_what, private_) => {
    const trust: Trust = { isGiven: true };
    const real = find();
    const cursor = {
      hasNext: () => real.hasNext(),
      bufferedCount: () => real.bufferedCount(),
      readBufferedDocuments: () => real.readBufferedDocuments(),
      close: () => real.close(),
      get closed() {
        return real.closed;
      },
      get documents() {
        return private_((real as unknown as { documents: Document }).documents);
      },
    };
    const batches: RawBatch[] = [];
    for await (const batch of rawBatches(cursor as never, true, trust)) batches.push(batch);
    expect(numbers(batches)).toEqual(all);
    expect(batches).toHaveLength(250);
    expect(trust.isGiven).toBe(false);
  });
});
