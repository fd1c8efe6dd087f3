import { mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { reasonOf } from '../reason.mjs';
import { findBinary } from './find-binary.mjs';
import { freePort } from './free-port.mjs';
import { inUse, vacate } from './occupant.mjs';
import { becomePrimary, PortTaken, REPLICA_SET } from './replica-set.mjs';
import { superviseMongod } from './supervised-mongod.mjs';

// After kill -9 the old mongod's lock on the directory was seen to last for up to three seconds.
const RETRY_MS = 10_000;

/**
 * @typedef {object} EmbeddedOptions
 * @property {string} [dataDir] where the data stays; without it, a temporary directory that is removed at the end
 * @property {number} [port] without it, any free one: the data can be started on another port each time
 * @property {string} [binary] without it, the one that `findBinary()` finds
 * @property {Record<string, string | number | boolean>} [parameters] server parameters, such as
 *   `{ transactionLifetimeLimitSeconds: 5 }`
 * @property {(line: string) => void} [onLine] what a person who waits would like to know
 *
 * @typedef {object} Embedded
 * @property {string} uri for applications
 * @property {number} port
 * @property {number} pid of mongod
 * @property {string} logFile
 * @property {Promise<string>} ended resolves, with the reason, when mongod ends before `stop()` was called
 * @property {() => Promise<void>} stop resolves when mongod has ended and a temporary directory is removed
 */

/**
 * Starts a mongod of our own on 127.0.0.1, as a single-node replica set (transactions need one). It ends with
 * `stop()`, and otherwise shortly after this process, however that ends (see supervisor.mjs).
 *
 * @param {EmbeddedOptions} [options]
 * @returns {Promise<Embedded>}
 */
export async function startEmbedded({ dataDir, port, binary, parameters, onLine = () => {} } = {}) {
  const mongod = binary ?? (await findBinary({ onLine })).path;
  const directory = await directoryFor(dataDir);
  const dbPath = join(directory, 'db');
  const logFile = join(directory, 'mongod.log');
  const deadline = Date.now() + RETRY_MS;
  for (;;) {
    await mkdir(dbPath, { recursive: true }); // each time: a temporary directory goes with its mongod
    await vacate(dbPath, onLine);
    const usedPort = port ?? (await freePort());
    const removeAtEnd = dataDir === undefined ? directory : '';
    const run = superviseMongod([mongod, ...argumentsFor(dbPath, usedPort, parameters)], { logFile, removeAtEnd });
    try {
      const pid = await run.listening(usedPort);
      const host = `127.0.0.1:${usedPort}`;
      await becomePrimary(host, { pid, ended: run.ended });
      const uri = `mongodb://${host}/?replicaSet=${REPLICA_SET}`;
      return { uri, port: usedPort, pid, logFile, ended: run.ended, stop: run.stop };
    } catch (error) {
      await run.stop();
      const why = whyNot(error);
      const again = why === 'directory taken' || (why === 'port taken' && port === undefined);
      if (!again || Date.now() > deadline) throw startError(error, { dbPath, port: usedPort });
      await sleep(200);
    }
  }
}

/** @param {unknown} error */
function whyNot(error) {
  const reason = reasonOf(error);
  if (reason.includes('DBPathInUse')) return 'directory taken';
  return error instanceof PortTaken || reason.includes('Address already in use') ? 'port taken' : 'other';
}

/**
 * @param {unknown} cause
 * @param {{ dbPath: string, port: number }} of
 */
function startError(cause, { dbPath, port }) {
  switch (whyNot(cause)) {
    case 'directory taken':
      return inUse(dbPath, 'by a mongod that this process cannot see', cause);
    case 'port taken':
      return new Error(`Port ${port} is in use. Stop what listens there, or use another port.`, { cause });
    default:
      return new Error(
        `The embedded MongoDB did not start on ${dbPath}: ${reasonOf(cause)}. Should its data be of another version ` +
          'of MongoDB, start that one: MONGOD_BINARY=/path/to/mongod.',
        { cause },
      );
  }
}

/**
 * The real path: it is how other processes recognise a mongod on this directory.
 *
 * @param {string | undefined} dataDir
 */
async function directoryFor(dataDir) {
  if (dataDir === undefined) return realpath(await mkdtemp(join(tmpdir(), 'nestjs-cow-mongod-')));
  await mkdir(resolve(dataDir), { recursive: true });
  return realpath(resolve(dataDir));
}

/**
 * @param {string} dbPath
 * @param {number} port
 * @param {Record<string, string | number | boolean>} parameters
 */
function argumentsFor(dbPath, port, parameters = {}) {
  const all = {
    enableTestCommands: 1, // fail points, for tests and proofs
    diagnosticDataCollectionEnabled: false,
    ...parameters,
  };
  return [
    ...['--dbpath', dbPath, '--port', String(port), '--bind_ip', '127.0.0.1'],
    ...['--replSet', REPLICA_SET, '--nounixsocket', '--storageEngine', 'wiredTiger', '--wiredTigerCacheSizeGB', '0.5'],
    ...Object.entries(all).flatMap(([name, value]) => ['--setParameter', `${name}=${value}`]),
  ];
}
