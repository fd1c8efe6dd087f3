import { MongoClient } from 'mongodb';
import { setTimeout as sleep } from 'node:timers/promises';

export const REPLICA_SET = 'nestjs-cow';

const NOT_YET_INITIALIZED = 94;
const PATIENCE_MS = 30_000;

/**
 * Makes the mongod at host the primary of its own single-node replica set: a new one, or the one that its data
 * directory holds, which knows itself by the port of last time.
 *
 * @param {string} host such as 127.0.0.1:27017
 * @param {{ pid: number, ended: Promise<string> }} mongod the one that should be there: another may have got the port
 */
export async function becomePrimary(host, { pid, ended }) {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: PATIENCE_MS,
  });
  try {
    const failure = ended.then((reason) => Promise.reject(new Error(reason)));
    await Promise.race([failure, configure(client.db('admin'), host, pid)]);
  } finally {
    await client.close();
  }
}

/**
 * @param {import('mongodb').Db} admin
 * @param {string} host
 * @param {number} pid
 */
async function configure(admin, host, pid) {
  const status = await admin.command({ serverStatus: 1, repl: 0, metrics: 0, wiredTiger: 0 });
  if (Number(status.pid) !== pid) throw new PortTaken(host);
  const config = await configOf(admin);
  if (config === undefined) {
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } });
  } else if (config.members.length !== 1 || config.members[0]?.host !== host) {
    // Under its old address the node waits for a primary that never comes.
    const members = [{ ...config.members[0], _id: 0, host }];
    await admin.command({ replSetReconfig: { ...config, version: config.version + 1, members }, force: true });
  }
  await untilPrimary(admin, host);
}

/** The port went to another process between our finding it free and mongod's asking for it. */
export class PortTaken extends Error {
  /** @param {string} host */
  constructor(host) {
    super(`another mongod listens on ${host}`);
  }
}

/**
 * @param {import('mongodb').Db} admin
 * @returns {Promise<{ version: number, members: { host?: string }[] } | undefined>}
 */
async function configOf(admin) {
  try {
    const { config } = await admin.command({ replSetGetConfig: 1 });
    return config;
  } catch (error) {
    if (/** @type {{ code?: unknown }} */ (error).code === NOT_YET_INITIALIZED) return undefined;
    throw error;
  }
}

/**
 * @param {import('mongodb').Db} admin
 * @param {string} host
 */
async function untilPrimary(admin, host) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { isWritablePrimary } = await admin.command({ hello: 1 });
    if (isWritablePrimary === true) return;
    if (Date.now() > deadline)
      throw new Error(`mongod at ${host} did not become primary within ${PATIENCE_MS / 1000} s`);
    await sleep(20);
  }
}
