import { Agent, request } from 'node:http';
import { MongoClient, ObjectId } from 'mongodb';
import type { Proof } from '../proof.js';
import { startApplication } from './application.js';

const CLIENTS = 16;
const DOCUMENTS = 4;

/** What guards them, and the collection that it is about. */
const WAYS = { fields: 'tallies', version: 'versioned_tallies', retried: 'tallies' } as const;

/** Many clients read one document, add one to what they read, and write it. */
export const race: Proof = {
  name: 'race',
  about: 'the read-modify-write race over HTTP: what was answered with success is in the database, once',
  runs: 10_000,
  short: 900,
  async run(options) {
    const server = await options.servers.single();
    const { nest, url } = await startApplication(server.uri, options.database);
    const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
    const outside = await new MongoClient(server.uri).connect();
    try {
      const figures = { failures: 0, requests: 0, succeeded: 0, conflicts: 0, lost: 0, otherAnswers: 0 };
      for (const [way, collection] of Object.entries(WAYS)) {
        const ids = Array.from({ length: DOCUMENTS }, () => new ObjectId());
        const tallies = outside.db(options.database).collection(collection);
        await tallies.insertMany(ids.map((_id) => ({ _id, count: 0, version: 1 })));
        let left = Math.ceil(options.runs / Object.keys(WAYS).length);
        let succeeded = 0;
        const client = async () => {
          while (left-- > 0) {
            const status = await post(agent, `${url}/${way}/${ids[left % DOCUMENTS]!.toHexString()}`);
            options.progress(++figures.requests);
            if (status === 201) succeeded++;
            else if (status === 409) figures.conflicts++;
            else if (figures.otherAnswers++ === 0) options.report(`${way}: the first other answer is a ${status}`);
          }
        };
        await Promise.all(Array.from({ length: CLIENTS }, client));
        const stored = await tallies.find({ _id: { $in: ids } }).toArray();
        const sum = stored.reduce((total, { count }) => total + Number(count), 0);
        figures.succeeded += succeeded;
        if (sum === succeeded) continue;
        figures.lost += succeeded - sum;
        figures.failures++;
        options.report(`${way}: ${succeeded} successes, and the database counts ${sum}`);
      }
      if (figures.otherAnswers > 0 || figures.conflicts === 0) {
        figures.failures++;
        options.report(
          `${figures.otherAnswers} answers that are neither success nor conflict, ${figures.conflicts} conflicts`,
        );
      }
      return figures;
    } finally {
      agent.destroy();
      await Promise.all([nest.close(), outside.close()]);
      await server.stop();
    }
  },
};

/** @returns the status of the answer */
export function post(agent: Agent, url: string, method = 'POST'): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, method }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    })
      .once('error', reject)
      .end();
  });
}
