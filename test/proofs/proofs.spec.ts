import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { testDatabase } from '../support/mongo.js';
import { startEmbedded } from '../../tools/mongod/embedded.mjs';
import { startThreeNodes } from '../../tools/mongod/three-nodes.mjs';
import { proofs } from './index.js';

/** How many runs of each `npm test` makes; `npm run prove` makes many more, through the same code. Others are run by `prove:short`. */
const SHORT: Record<string, number> = { bson: 400, forks: 3_000, tracking: 5_000, concurrency: 600 };

const database = testDatabase();
let client: MongoClient;

beforeAll(async () => {
  client = await new MongoClient(database.uri).connect();
});

afterAll(async () => {
  await client.close();
  await database.drop();
});

describe('proofs, in short', () => {
  it.each(proofs.filter(({ name }) => name in SHORT).map((proof) => [proof.name, proof] as const))(
    '%s',
    async (name, proof) => {
      // The same cases everywhere, so that a red run can be repeated; `npm run prove` goes where none has been.
      const seed = Number(process.env.PROOF_SEED ?? 20_261_121);
      const reports: string[] = [];
      const figures = await proof.run({
        runs: SHORT[name] ?? 100,
        seed,
        client,
        database: database.name,
        servers: { single: startEmbedded, replicaSet: startThreeNodes },
        progress: () => undefined,
        report: (text) => reports.push(text),
      });
      expect({ seed, failures: figures.failures, reports: reports.slice(0, 3) }).toEqual({
        seed,
        failures: 0,
        reports: [],
      });
    },
    240_000,
  );
});
