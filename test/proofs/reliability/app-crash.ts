import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { MongoClient, ObjectId, type Db } from 'mongodb';
import type { Proof, ProofOptions, Server } from '../proof.js';
import { refuseConflicts } from './flaky-network.js';
import { percentiles } from './percentiles.js';
import { verify, type Try } from './verify.js';
import { insist } from './workload.js';

/** What a killed application wrote in a transaction stays locked for so long; MongoDB's default is 60. */
const LIFETIME_SECONDS = 3;

/** What the child tells of a flush: ids as text. */
export type Told = { readonly [K in keyof Try]: Try[K] extends ObjectId | undefined ? string : Try[K] } & {
  readonly isOver: boolean;
  readonly ledgerIds: readonly string[];
};

/** The application is killed while its flushes are under way. */
export const appCrash: Proof = {
  name: 'app-crash',
  about:
    'kill -9 of the application in mid flush: nothing torn, and what it had locked is free again in a bounded time',
  runs: 30,
  short: 2,
  async run(options) {
    const server = await options.servers.single({ parameters: { transactionLifetimeLimitSeconds: LIFETIME_SECONDS } });
    const clean = await new MongoClient(server.uri).connect();
    try {
      const db = clean.db(options.database);
      const tries: Try[] = [];
      const blocked: number[] = [];
      const pauses = fc.sample(fc.integer({ min: 20, max: 400 }), { seed: options.seed, numRuns: options.runs });
      for (const [index, pause] of pauses.entries()) {
        const own = await crash(options, server, index, pause);
        if (own.length === 0) options.report(`crash ${index}: the application had not begun`);
        tries.push(...own);
        blocked.push(await blockedFor(db, own));
        options.progress(index + 1);
      }
      const verdict = await insist(() => verify(db, tries, options.report));
      refuseConflicts(verdict, options);
      const open = tries.filter(({ outcome }) => outcome === 'unknown').length;
      return {
        ...verdict.figures(),
        crashes: options.runs,
        interrupted: open,
        lifetimeSeconds: LIFETIME_SECONDS,
        ...percentiles('blockedMS', blocked),
      };
    } finally {
      await clean.close();
      await server.stop();
    }
  },
};

/** One life of the application. @returns the flushes that it began; of those under way at its end nobody was told */
async function crash({ database }: ProofOptions, server: Server, index: number, pause: number): Promise<Try[]> {
  const child = fork(
    fileURLToPath(new URL('app-crash.child.js', import.meta.url)),
    [server.uri, database, `c${index}`],
    {
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  const tries = new Map<string, Try>();
  child.on('message', (message) => {
    const told = message as Told;
    tries.set(told.token, {
      token: told.token,
      kind: told.kind,
      ledgers: told.ledgerIds.map((id) => new ObjectId(id)),
      ...(told.inserts === undefined ? {} : { inserts: new ObjectId(String(told.inserts)) }),
      ...(told.deletes === undefined ? {} : { deletes: new ObjectId(String(told.deletes)) }),
      outcome: told.isOver ? told.outcome : 'unknown',
    });
  });
  const ended = once(child, 'exit');
  while (tries.size < 20 && child.exitCode === null) await sleep(5);
  await sleep(pause);
  child.kill('SIGKILL');
  await ended;
  await new Promise((resolve) => setImmediate(resolve)); // what it told before it died
  return [...tries.values()];
}

/** How long another's plain write to what the application wrote last has to wait. */
async function blockedFor(db: Db, tries: readonly Try[]): Promise<number> {
  const ids = [...new Set(tries.filter(({ outcome }) => outcome === 'unknown').flatMap(({ ledgers }) => ledgers))];
  const started = Date.now();
  await Promise.all(ids.map((_id) => db.collection('ledgers').updateOne({ _id }, { $set: { seen: true } })));
  await db.collection('counters').updateMany({}, { $set: { seen: true } });
  return Date.now() - started;
}
