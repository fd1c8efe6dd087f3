import { MongoClient, type CommandStartedEvent } from 'mongodb';
import { LossyProxy } from '../../integration/support/lossy-proxy.js';
import type { Proof } from '../proof.js';
import { verify, type Try } from './verify.js';
import { insist, Workload } from './workload.js';

/** What a flush of several writes sends: reads of what is guarded, writes, the commit. */
const OWN = new Set(['find', 'insert', 'update', 'delete', 'commitTransaction']);

/** How command k fails. The first three pass; the last, which the server refuses, does not. */
const WAYS = [
  { name: 'request lost', what: 'request', isFinal: false },
  { name: 'reply lost', what: 'reply', isFinal: false },
  { name: 'write conflict', code: 112, isFinal: false },
  { name: 'stepped down', code: 10107, isFinal: false },
  { name: 'refused', code: 13, isFinal: true },
] as const;

/** Every command of a flush fails, in every way, one at a time. */
export const partial: Proof = {
  name: 'partial',
  about:
    'failure at command k of n of a flush, for every k: retried, the documents are what the entities show; else as before',
  runs: 20,
  short: 2,
  async run(options) {
    const appName = options.database;
    const server = await options.servers.single();
    const clean = await new MongoClient(server.uri).connect();
    const proxy = await LossyProxy.start(server.uri);
    const client = await new MongoClient(proxy.uri, { appName, monitorCommands: true }).connect();
    try {
      const db = clean.db(options.database);
      let isWatching = false;
      let sent: string[] = [];
      let arm: (() => Promise<unknown>) | undefined;
      client.on('commandStarted', ({ commandName }: CommandStartedEvent) => {
        if (isWatching && OWN.has(commandName)) sent.push(commandName);
      });
      const workload = new Workload({
        client,
        database: options.database,
        clean: db,
        onTry: async (_, isOver) => {
          isWatching = !isOver;
          if (!isOver) await arm?.();
        },
      });
      await workload.prepare();
      const worker = workload.worker('w');
      const figures = { commands: 0, cases: 0, wrong: 0 };
      await worker.flush('several');
      const healthy = [...sent];
      figures.commands = healthy.length;
      for (let run = 0; run < options.runs; run++) {
        for (const [k, command] of healthy.entries()) {
          const earlier = healthy.slice(0, k).filter((name) => name === command).length;
          for (const way of WAYS) {
            if (command === 'commitTransaction' && way.isFinal) continue; // resent until it is known
            figures.cases++;
            sent = [];
            arm = () => fail(proxy, clean, appName, command, earlier, way);
            const one: Try = await worker.flush('several');
            proxy.deliver();
            await clean.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' });
            const expected = way.isFinal ? 'refused' : 'acknowledged';
            if (one.outcome === expected && (way.isFinal || sent.length > healthy.length)) continue;
            figures.wrong++;
            options.report(
              `command ${k} (${command}), ${way.name}: ${one.outcome} ${one.error ?? ''}; sent ${sent.join()}`,
            );
          }
        }
        options.progress(run + 1);
      }
      const verdict = await insist(() => verify(db, workload.tries, options.report));
      return { ...verdict.figures(), ...figures, failures: verdict.failures + figures.wrong };
    } finally {
      await Promise.all([client.close(), clean.close(), proxy.close()]);
      await server.stop();
    }
  },
};

/** Lets the command fail once, after so many of its name. */
async function fail(
  proxy: LossyProxy,
  clean: MongoClient,
  appName: string,
  command: string,
  earlier: number,
  way: (typeof WAYS)[number],
): Promise<void> {
  if ('what' in way) {
    proxy.lose({ command, what: way.what, times: 1, after: earlier });
    return;
  }
  const admin = clean.db('admin');
  const data = { failCommands: [command], errorCode: way.code, appName };
  if (earlier === 0) {
    await admin.command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data });
    return;
  }
  // The server cannot fail just one after some: it is told to stop with the first that failed.
  const { count } = await admin.command({ configureFailPoint: 'failCommand', mode: { skip: earlier }, data });
  if (!way.isFinal) {
    const off = admin.command({ waitForFailPoint: 'failCommand', timesEntered: Number(count) + 1, maxTimeMS: 20_000 });
    void off.then(() => admin.command({ configureFailPoint: 'failCommand', mode: 'off' })).catch(() => undefined);
  }
}
