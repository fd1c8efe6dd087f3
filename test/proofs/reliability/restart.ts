import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { MongoClient } from 'mongodb';
import type { Proof } from '../proof.js';
import { percentiles } from './percentiles.js';
import { refuseConflicts } from './flaky-network.js';
import { Recovery } from './recovery.js';
import { verify } from './verify.js';
import { insist, Workload } from './workload.js';

const WORKERS = 4;

/** The single node is killed while flushes are under way, and started again. */
export const restart: Proof = {
  name: 'restart',
  about: 'kill -9 of the single node in mid flush, and restart: nothing torn, no acknowledged flush lost',
  runs: 20,
  short: 2,
  async run(options) {
    const dataDir = await mkdtemp(join(tmpdir(), 'nestjs-cow-restart-'));
    let server = await options.servers.single({ dataDir });
    const { port } = server;
    const quick = { serverSelectionTimeoutMS: 2_000, heartbeatFrequencyMS: 500 };
    const client = await new MongoClient(server.uri, quick).connect();
    const clean = await new MongoClient(server.uri, quick).connect();
    try {
      const recovery = new Recovery();
      const db = clean.db(options.database);
      const workload = new Workload({
        client,
        database: options.database,
        clean: db,
        flushTimeoutMS: 60_000,
        onTry: recovery.onTry,
      });
      await workload.prepare();
      let isOver = false;
      const workers = Promise.all(
        Array.from({ length: WORKERS }, (_, index) => workload.worker(`w${index}`).until(() => isOver)),
      );
      const recoveries: number[] = [];
      const [pauses] = fc.sample(
        fc.array(fc.integer({ min: 200, max: 900 }), { minLength: options.runs, maxLength: options.runs }),
        {
          seed: options.seed,
          numRuns: 1,
        },
      ) as [number[]];
      for (const [done, pause] of pauses.entries()) {
        await sleep(pause);
        process.kill(server.pid, 'SIGKILL');
        await server.ended;
        const killed = Date.now();
        server = await options.servers.single({ dataDir, port });
        recoveries.push(await recovery.after(killed));
        options.progress(done + 1);
      }
      isOver = true;
      await workers;
      const verdict = await insist(() => verify(db, workload.tries, options.report));
      refuseConflicts(verdict, options);
      return { ...verdict.figures(), kills: options.runs, ...percentiles('recoveryMS', recoveries) };
    } finally {
      await Promise.all([client.close(), clean.close()]);
      await server.stop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    }
  },
};
