import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { startEmbedded } from '../../tools/mongod/embedded.mjs';
import { startThreeNodes } from '../../tools/mongod/three-nodes.mjs';
import type { Proof } from '../proofs/proof.js';
import { testDatabase } from './mongo.js';

/**
 * Runs a proof in short, as a test. `npm run prove` makes many more runs, through the same code.
 * A file for each, so that they run side by side.
 */
export function proveInShort(proof: Proof, runs: number): void {
  const database = testDatabase();
  let client: MongoClient;
  beforeAll(async () => {
    client = await new MongoClient(database.uri).connect();
  });
  afterAll(async () => {
    await client.close();
    await database.drop();
  });

  it(`${proof.name}: ${proof.about}`, async () => {
    // The same cases everywhere, so that a red run can be repeated; `npm run prove` goes where none has been.
    const seed = Number(process.env.PROOF_SEED ?? 20_261_121);
    const reports: string[] = [];
    const figures = await proof.run({
      runs,
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
  }, 900_000); // machines are shared: a slow one is no failure
}
