import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';

import { findBinary } from './find-binary.mjs';
import { freePort } from './free-port.mjs';
import { superviseMongod } from './supervised-mongod.mjs';

const NAME = 'nestjs-cow-three';
const PATIENCE_MS = 60_000;

/** How fast a new primary is elected. MongoDB's default is 10,000 ms; proofs kill many primaries. */
export const ELECTION_TIMEOUT_MS = 1_000;

/**
 * A replica set of three mongods on 127.0.0.1, which can be killed one by one. All end with `stop()`, and otherwise
 * shortly after this process.
 *
 * @returns {Promise<import('../../test/proofs/proof.js').ReplicaSet>}
 */
export async function startThreeNodes() {
  const { path } = await findBinary();
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'nestjs-cow-three-')));
  /** @type {Map<string, Member>} */
  const members = new Map();
  for (let index = 0; index < 3; index++) {
    const member = new Member(path, join(directory, String(index)), await freePort());
    members.set(member.host, member);
  }
  const hosts = [...members.keys()];
  /** @param {string} host */
  const memberAt = (host) => {
    const member = members.get(host);
    if (member === undefined) throw new Error(`no member ${host}`);
    return member;
  };
  const stop = async () => {
    await Promise.all([...members.values()].map((member) => member.stop()));
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await Promise.all([...members.values()].map((member) => member.start()));
    await initiate(hosts);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    uri: `mongodb://${hosts.join(',')}/?replicaSet=${NAME}`,
    hosts,
    kill: (host) => memberAt(host).kill(),
    restart: (host) => memberAt(host).start(),
    signal: (host, name) => memberAt(host).signal(name),
    stop,
  };
}

class Member {
  /** @type {ReturnType<typeof superviseMongod> | undefined} */
  #run;
  #pid = 0;

  /**
   * @param {string} binary
   * @param {string} directory
   * @param {number} port
   */
  constructor(binary, directory, port) {
    this.binary = binary;
    this.directory = directory;
    this.port = port;
    this.host = `127.0.0.1:${port}`;
  }

  async start() {
    const dbPath = join(this.directory, 'db');
    await mkdir(dbPath, { recursive: true });
    const command = [
      ...[this.binary, '--dbpath', dbPath, '--port', String(this.port), '--bind_ip', '127.0.0.1', '--nounixsocket'],
      ...['--replSet', NAME, '--oplogSize', '128', '--wiredTigerCacheSizeGB', '0.25'],
      ...['--setParameter', 'enableTestCommands=1', '--setParameter', 'diagnosticDataCollectionEnabled=false'],
    ];
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      this.#run = superviseMongod(command, { logFile: join(this.directory, 'mongod.log'), removeAtEnd: '' });
      try {
        this.#pid = await this.#run.listening(this.port);
        return;
      } catch (error) {
        await this.#run.stop(); // after kill -9 the lock on the directory can last for seconds
        if (Date.now() > deadline) throw error;
        await sleep(250);
      }
    }
  }

  async kill() {
    const run = this.#run;
    process.kill(this.#pid, 'SIGKILL');
    await run?.ended;
  }

  /** @param {NodeJS.Signals} name */
  signal(name) {
    process.kill(this.#pid, name);
  }

  async stop() {
    try {
      process.kill(this.#pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
    await this.#run?.stop();
  }
}

/** @param {readonly string[]} hosts */
async function initiate(hosts) {
  const client = await new MongoClient(`mongodb://${hosts[0]}/?directConnection=true`).connect();
  try {
    const admin = client.db('admin');
    await admin.command({
      replSetInitiate: {
        _id: NAME,
        members: hosts.map((host, index) => ({ _id: index, host })),
        settings: { electionTimeoutMillis: ELECTION_TIMEOUT_MS, heartbeatIntervalMillis: 500 },
      },
    });
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const { members } = await admin.command({ replSetGetStatus: 1 });
      const states = members.map((/** @type {{ stateStr: string }} */ member) => member.stateStr);
      if (states.includes('PRIMARY') && states.every((/** @type {string} */ one) => /PRIMARY|SECONDARY/.test(one)))
        return;
      if (Date.now() > deadline) throw new Error(`the replica set is not ready: ${states.join(', ')}`);
      await sleep(100);
    }
  } finally {
    await client.close();
  }
}
