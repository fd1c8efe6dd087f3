import { MongoClient, type Document } from 'mongodb';
import { LossyProxy, type Loss } from '../../integration/support/lossy-proxy.js';
import type { Proof, ProofOptions } from '../proof.js';
import { verify, type Kind, type Verdict } from './verify.js';
import { insist, Workload, type WorkloadOptions } from './workload.js';

const WORKERS = 4;
/** A server that really steps down says so by itself; after an injected code it has to be asked. */
export const ASK = { heartbeatFrequencyMS: 500, serverMonitoringMode: 'poll' } as const;
const COMMANDS = ['insert', 'update', 'delete', 'find', 'commitTransaction', 'abortTransaction'];

/** Faults by chance, with the part of the runs that each gets. State changes cost half a second each. */
const FAULTS: readonly { name: string; share: number; probability: number; data: Document }[] = [
  { name: 'closeConnection', share: 0.5, probability: 0.1, data: { closeConnection: true } },
  {
    name: 'code 112',
    share: 0.3,
    probability: 0.1,
    data: { errorCode: 112, errorLabels: ['TransientTransactionError'] },
  },
  { name: 'code 91', share: 0.05, probability: 0.05, data: { errorCode: 91 } },
  { name: 'code 11602', share: 0.05, probability: 0.05, data: { errorCode: 11602 } },
  {
    name: 'write concern error 91',
    share: 0.05,
    probability: 0.05,
    data: { writeConcernError: { code: 91, errmsg: 'x' } },
  },
];

/** Which command of which kind of flush loses its reply, or is lost itself. */
const LOSSES: readonly { kind: Kind; command: string }[] = [
  { kind: 'update', command: 'update' },
  { kind: 'insert', command: 'insert' },
  { kind: 'delete', command: 'delete' },
  ...['find', 'insert', 'update', 'delete', 'commitTransaction'].map((command) => ({
    kind: 'several' as const,
    command,
  })),
];

/** The network, and the server, fail by chance; and replies are lost, up to five times in a row. */
export const flakyNetwork: Proof = {
  name: 'flaky-network',
  about:
    'connections that break, servers that step down, replies that are lost: each flush is applied once, or not at all',
  runs: 4_000,
  short: 240,
  async run(options) {
    const appName = options.database;
    const server = await options.servers.single();
    const clean = await new MongoClient(server.uri).connect();
    const faulty = await new MongoClient(server.uri, { appName, serverSelectionTimeoutMS: 5_000, ...ASK }).connect();
    const proxy = await LossyProxy.start(server.uri);
    const direct = await new MongoClient(proxy.uri).connect();
    try {
      const db = clean.db(options.database);
      const workload = new Workload({ client: faulty, database: options.database, clean: db });
      await workload.prepare();
      const fault = (mode: unknown, data: Document = {}) =>
        clean.db('admin').command({
          configureFailPoint: 'failCommand',
          mode,
          ...(mode === 'off' ? {} : { data: { appName, ...data } }),
        });
      let done = 0;
      let hits = 0;
      const workers = Array.from({ length: WORKERS }, (_, index) => workload.worker(`w${index}`));
      for (const { share, probability, data } of FAULTS) {
        let left = Math.ceil(options.runs * share);
        const { count } = await fault({ activationProbability: probability }, { failCommands: COMMANDS, ...data });
        await Promise.all(workers.map((worker) => worker.until(() => (options.progress(done++), left-- <= 0))));
        hits += ((await fault('off')).count as number) - (count as number);
      }
      const dropped = await drop(options, proxy, { client: direct, database: options.database, clean: db, name: 'p' });
      const verdict = await insist(() => verify(db, [...workload.tries, ...dropped.tries], options.report));
      if (hits === 0 || dropped.lost === 0) {
        verdict.lost++;
        options.report('no fault was hit: this proved nothing');
      }
      refuseConflicts(verdict, options);
      return { ...verdict.figures(), faultsHit: hits, messagesLost: dropped.lost };
    } finally {
      await Promise.all([clean.close(), faulty.close(), direct.close(), proxy.close()]);
      await server.stop();
    }
  },
};

/** Every command of every kind of flush, its reply or itself lost one to five times. */
async function drop({ runs }: ProofOptions, proxy: LossyProxy, options: WorkloadOptions) {
  let next: Loss | undefined;
  const workload = new Workload({
    ...options,
    onTry: (_, isOver) => (isOver || next === undefined ? proxy.deliver() : proxy.lose(next)),
  });
  await workload.prepare();
  const worker = workload.worker('0');
  let lost = 0;
  for (let round = 0; round < Math.max(1, Math.round(runs / 2_000)); round++) {
    for (const { kind, command } of LOSSES) {
      for (const what of ['reply', 'request'] as const) {
        for (let times = 1; times <= 5; times++) {
          next = { command, what, times };
          await worker.flush(kind);
          lost += proxy.lost;
        }
      }
    }
  }
  return { tries: workload.tries, lost };
}

/** On ledgers of its own no flush has a reason to conflict. */
export function refuseConflicts(verdict: Verdict, { report }: ProofOptions): void {
  if (verdict.conflicts === 0) return;
  verdict.falseConflicts += verdict.conflicts;
  report(`${verdict.conflicts} conflicts, and nobody else writes`);
}
