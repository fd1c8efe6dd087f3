import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { MongoClient } from 'mongodb';
import type { Proof, ReplicaSet } from '../proof.js';
import { refuseConflicts } from './flaky-network.js';
import { percentiles } from './percentiles.js';
import { Recovery } from './recovery.js';
import { verify } from './verify.js';
import { insist, Workload } from './workload.js';

const WORKERS = 4;

/** What the docs recommend for a set that must come back within seconds. */
const QUICK = {
  heartbeatFrequencyMS: 1_000,
  connectTimeoutMS: 2_000,
  socketTimeoutMS: 10_000,
  serverSelectionTimeoutMS: 5_000,
} as const;

type Fault = 'kill' | 'stepDown' | 'stop';

/** Of 38 faults 25 kill the primary, 10 make it step down, 3 stop it without a word. */
const SHARES: readonly [Fault, number][] = [
  ['kill', 25 / 38],
  ['stepDown', 10 / 38],
  ['stop', 3 / 38],
];

/** The primary of three nodes is killed, stepped down or stopped while flushes are under way. */
export const failover: Proof = {
  name: 'failover',
  about: 'kill -9, step-down and SIGSTOP of the primary of three nodes: nothing torn, no acknowledged flush lost',
  runs: 38,
  short: 3,
  async run(options) {
    const set = await options.servers.replicaSet();
    // A read of a primary that does not know yet that it is none would be outdated: majority reads only.
    const client = await new MongoClient(set.uri, { ...QUICK, readConcernLevel: 'majority' }).connect();
    const clean = await new MongoClient(set.uri, { ...QUICK, w: 'majority' }).connect();
    try {
      const recovery = new Recovery();
      const db = clean.db(options.database);
      const workload = new Workload({
        client,
        database: options.database,
        clean: db,
        flushTimeoutMS: 90_000,
        onTry: recovery.onTry,
      });
      await workload.prepare();
      let isOver = false;
      const workers = Promise.all(
        Array.from({ length: WORKERS }, (_, index) => workload.worker(`w${index}`).until(() => isOver)),
      );
      const times: Record<Fault, number[]> = { kill: [], stepDown: [], stop: [] };
      const faults = faultsOf(options.runs);
      const pauses = fc.sample(fc.integer({ min: 300, max: 1_200 }), { seed: options.seed, numRuns: faults.length });
      for (const [done, fault] of faults.entries()) {
        await sleep(pauses[done]);
        const { at, heal } = await inflict(fault, set, clean);
        times[fault].push(await recovery.after(at));
        await heal();
        await healthy(clean);
        options.progress(done + 1);
      }
      isOver = true;
      await workers;
      const verdict = await insist(() => verify(db, workload.tries, options.report));
      refuseConflicts(verdict, options);
      return {
        ...verdict.figures(),
        kills: times.kill.length,
        stepDowns: times.stepDown.length,
        stops: times.stop.length,
        ...percentiles('killMS', times.kill),
        ...percentiles('stepDownMS', times.stepDown),
        ...percentiles('stopMS', times.stop),
      };
    } finally {
      await Promise.all([client.close(), clean.close()]);
      await set.stop();
    }
  },
};

function faultsOf(runs: number): Fault[] {
  return SHARES.flatMap(([fault, share]) => new Array<Fault>(Math.max(1, Math.round(runs * share))).fill(fault));
}

/** @returns when it was done, and what takes it back */
async function inflict(fault: Fault, set: ReplicaSet, clean: MongoClient) {
  const host = await primaryOf(clean);
  const at = Date.now();
  switch (fault) {
    case 'kill':
      await set.kill(host);
      return { at, heal: () => set.restart(host) };
    case 'stepDown':
      await clean
        .db('admin')
        .command({ replSetStepDown: 5, secondaryCatchUpPeriodSecs: 5, force: true })
        .catch(() => undefined); // it may close the connection instead of answering
      return { at: Date.now(), heal: () => Promise.resolve() };
    case 'stop':
      set.signal(host, 'SIGSTOP');
      return { at, heal: () => Promise.resolve(set.signal(host, 'SIGCONT')) };
  }
}

async function primaryOf(client: MongoClient): Promise<string> {
  const { primary } = await insist(() => client.db('admin').command({ hello: 1 }));
  return primary as string;
}

/** Waits for a primary and two secondaries: more than one missing node at a time would stop any set. */
async function healthy(client: MongoClient): Promise<void> {
  for (;;) {
    const { members } = await insist(() => client.db('admin').command({ replSetGetStatus: 1 }));
    const states = (members as { stateStr: string }[]).map(({ stateStr }) => stateStr).sort();
    if (states.join() === 'PRIMARY,SECONDARY,SECONDARY') return;
    await sleep(100);
  }
}
