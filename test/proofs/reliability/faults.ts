import { MongoClient, type Document } from 'mongodb';
import type { Proof } from '../proof.js';
import { FAULTS, TRANSACTIONAL_WRITE, type FaultRow } from './fault-table.js';
import { ASK, refuseConflicts } from './flaky-network.js';
import { verify, type Kind } from './verify.js';
import { insist, Workload } from './workload.js';

/** Above it nothing is left to try; faults that never end take so long. */
const FLUSH_TIMEOUT_MS = 1_500;

/** The table of MongoDB's driver specifications, fault by fault. */
export const faults: Proof = {
  name: 'faults',
  about: `${FAULTS.length} fail points of MongoDB's driver tests, against a flush of one write and of several`,
  runs: FAULTS.length,
  short: 40,
  async run(options) {
    const appName = options.database;
    // Of faults that hit every abort, locks would stay for a minute.
    const server = await options.servers.single({ parameters: { transactionLifetimeLimitSeconds: 2 } });
    const clean = await new MongoClient(server.uri).connect();
    const client = await new MongoClient(server.uri, { appName, serverSelectionTimeoutMS: 2_000, ...ASK }).connect();
    try {
      const db = clean.db(options.database);
      let next: Document | undefined;
      let hits = 0;
      const workload = new Workload({
        client,
        database: options.database,
        clean: db,
        flushTimeoutMS: FLUSH_TIMEOUT_MS,
        onTry: async (_, isOver) => {
          if (!isOver && next !== undefined)
            hits = ((await clean.db('admin').command(next)) as { count: number }).count;
        },
      });
      await workload.prepare();
      const worker = workload.worker('w');
      const tried = { cases: 0, hit: 0, retargeted: 0 };
      const flush = async (row: FaultRow, kind: Kind): Promise<number> => {
        next = failPoint(row, appName);
        await worker.flush(kind);
        const { count } = await clean
          .db('admin')
          .command({ configureFailPoint: next.configureFailPoint as string, mode: 'off' });
        next = undefined;
        await worker.flush(kind); // the next flush finds a connection, and nothing locked
        return (count as number) - hits;
      };
      for (const [index, row] of spread(options.runs).entries()) {
        for (const kind of [singleOf(row), 'several'] as const) {
          tried.cases++;
          if ((await flush(row, kind)) > 0) tried.hit++;
          else {
            tried.retargeted++; // a command that no flush sends: its fault on those that this one sends
            const on = kind === 'several' ? ['find', 'update', 'commitTransaction'] : [kind];
            if ((await flush({ ...row, on }, kind)) > 0) tried.hit++;
          }
        }
        options.progress(index + 1);
      }
      const verdict = await insist(() => verify(db, workload.tries, options.report));
      refuseConflicts(verdict, options);
      return { ...verdict.figures(), ...tried, faults: Math.min(options.runs, FAULTS.length) };
    } finally {
      await Promise.all([client.close(), clean.close()]);
      await server.stop();
    }
  },
};

/** So many of the faults, from all over the table. */
function spread(count: number): FaultRow[] {
  if (count >= FAULTS.length) return [...FAULTS];
  return Array.from({ length: count }, (_, index) => FAULTS[Math.floor((index * FAULTS.length) / count)]!);
}

/** The flush of one write that the fault can hit. */
function singleOf({ on }: FaultRow): Kind {
  return on.includes('insert') ? 'insert' : on.includes('delete') ? 'delete' : 'update';
}

function failPoint(row: FaultRow, appName: string): Document {
  const mode =
    row.always === true ? 'alwaysOn' : row.skip !== undefined ? { skip: row.skip } : { times: row.times ?? 1 };
  if (row.on.includes(TRANSACTIONAL_WRITE)) {
    const data = row.beforeCommit === true ? { failBeforeCommitExceptionCode: row.code, closeConnection: false } : {};
    return { configureFailPoint: 'onPrimaryTransactionalWrite', mode, data };
  }
  const data: Document = { failCommands: row.on, appName };
  if (row.code !== undefined) data.errorCode = row.code;
  if (row.labels !== undefined) data.errorLabels = row.labels;
  if (row.closes === true) data.closeConnection = true;
  if (row.blocksMS !== undefined) Object.assign(data, { blockConnection: true, blockTimeMS: row.blocksMS });
  if (row.concern !== undefined) data.writeConcernError = row.concern;
  return { configureFailPoint: 'failCommand', mode, data };
}
