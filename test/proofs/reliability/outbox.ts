import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { MongoClient, ObjectId } from 'mongodb';
import { entityMapOf } from '../../../lib/mapping/index.js';
import { Repository } from '../../../lib/repository/index.js';
import { Connection, UnitOfWork } from '../../../lib/unit-of-work/index.js';
import type { Proof, Server } from '../proof.js';
import { Ledger } from './ledger.js';

const ENTITIES = 8;

/** The relay of the outbox is killed again and again, while events are emitted. */
export const outbox: Proof = {
  name: 'outbox',
  about: 'kill -9 of the relay: every committed event is delivered at least once, those of an entity in their order',
  runs: 20,
  short: 2,
  async run(options) {
    const server = await options.servers.single();
    const client = await new MongoClient(server.uri).connect();
    const db = client.db(options.database);
    const settings = { atomicity: 'transaction', flushTimeoutMS: 20_000, validate: false, outbox: 'outbox' } as const;
    const ledgers = new Repository<Ledger>(new Connection('default', client, db, settings).store(entityMapOf(Ledger)));
    const unitOfWork = new UnitOfWork();
    const ids = Array.from({ length: ENTITIES }, () => new ObjectId());
    for (const name of ['outbox', 'outbox.relays', 'delivered']) await db.createCollection(name);
    await db.collection('ledgers').insertMany(ids.map((_id) => ({ _id, worker: '', count: 0, total: 0, log: [] })));
    let emitted = 0;
    let isOver = false;
    let stop: (() => Promise<void>) | undefined;
    /** Each entity counts its own events, in the transaction that emits them; some are given up. */
    const emit = async (id: ObjectId) => {
      while (!isOver) {
        await unitOfWork.run(async () => {
          const ledger = await ledgers.getById(id);
          ledger.count += 1;
          unitOfWork.emit({ about: ledger, type: 'counted', payload: { count: ledger.count } });
          if (Math.random() < 0.1) unitOfWork.rollback();
          else emitted++;
        });
        await sleep(20 + Math.random() * 200); // a backlog would only be waited for
      }
    };
    try {
      const emitting = Promise.all(ids.map(emit));
      const pauses = fc.sample(fc.integer({ min: 100, max: 900 }), { seed: options.seed, numRuns: options.runs });
      for (const [index, pause] of pauses.entries()) {
        const kill = await relay(server, options.database);
        await sleep(pause);
        await kill();
        options.progress(index + 1);
      }
      isOver = true;
      await emitting;
      stop = await relay(server, options.database);
      const waited = Date.now();
      while ((await db.collection('outbox').countDocuments()) > 0 && Date.now() - waited < 120_000) await sleep(50);
      const delivered = await db.collection('delivered').find().sort({ $natural: 1 }).toArray();
      const figures = {
        failures: 0,
        kills: options.runs,
        emitted,
        delivered: delivered.length,
        missing: 0,
        outOfOrder: 0,
        repeated: 0,
      };
      for (const id of ids) {
        const ledger = await db.collection('ledgers').findOne({ _id: id });
        const counts = delivered.filter(({ about }) => about === id.toHexString()).map(({ count }) => Number(count));
        const first = [...new Set(counts)];
        figures.repeated += counts.length - first.length;
        figures.missing += Number(ledger!.count) - first.length;
        figures.outOfOrder += first.filter((count, index) => count !== index + 1).length;
      }
      figures.failures = Math.abs(figures.missing) + figures.outOfOrder + (emitted === 0 ? 1 : 0);
      if (figures.failures > 0) options.report(JSON.stringify(figures));
      return figures;
    } finally {
      isOver = true;
      await stop?.();
      await client.close();
      await server.stop();
    }
  },
};

/** A process that relays. @returns what kills it */
async function relay(server: Server, database: string): Promise<() => Promise<void>> {
  const child = fork(fileURLToPath(new URL('outbox.child.js', import.meta.url)), [server.uri, database], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  await once(child, 'message');
  return async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
}
