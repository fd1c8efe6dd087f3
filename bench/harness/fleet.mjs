import { fork } from 'node:child_process';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';

/** One participant's process, seen from the one that measures. */
class Member {
  #process;
  #waiting = new Map();
  #next = 1;

  constructor(participant, uri, database) {
    this.participant = participant;
    this.ready = new Promise((resolve, reject) => this.#waiting.set(0, { resolve, reject }));
    this.#process = fork(join(import.meta.dirname, 'worker.mjs'), [participant, uri, database], {
      execArgv: ['--expose-gc', '--no-warnings'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    this.#process.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(`${participant}: ${error}`));
    });
    this.#process.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${participant} ended with code ${code}`));
    });
  }

  /** @param {'open' | 'sample' | 'cpu' | 'close'} what */
  ask(what, parameters = {}) {
    const id = this.#next++;
    this.#process.send({ id, what, ...parameters });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  end() {
    if (!this.#process.connected) return undefined;
    this.#process.send({ id: -1, what: 'end' });
    return new Promise((resolve) => this.#process.once('exit', resolve));
  }
}

/** The processes of all participants, started when they are first needed. */
export class Fleet {
  #members = new Map();

  /** @param {{ uri: string, database: string }} at each has a database of its own, with this one's name as prefix */
  constructor({ uri, database }) {
    this.uri = uri;
    this.database = database;
  }

  async member(participant) {
    let member = this.#members.get(participant);
    if (member === undefined) {
      member = new Member(participant, this.uri, `${this.database}_${participant.replaceAll('-', '_')}`);
      this.#members.set(participant, member);
    }
    await member.ready;
    return member;
  }

  /** New processes, on the same databases. */
  another() {
    return new Fleet(this);
  }

  async serverVersion() {
    return this.#asAdmin(async (admin) => (await admin.serverInfo()).version);
  }

  /** Drops the databases of all members. */
  async drop() {
    await this.#asAdmin(async (admin, client) => {
      const { databases } = await admin.listDatabases({ nameOnly: true });
      for (const { name } of databases) if (name.startsWith(this.database)) await client.db(name).dropDatabase();
    });
  }

  /** Ends them all: the next ones begin with a fresh heap and no compiled code. */
  async end() {
    const members = [...this.#members.values()];
    this.#members.clear();
    await Promise.all(members.map((member) => member.end()));
  }

  async #asAdmin(run) {
    const client = await new MongoClient(this.uri).connect();
    try {
      return await run(client.db('admin').admin(), client);
    } finally {
      await client.close();
    }
  }
}
