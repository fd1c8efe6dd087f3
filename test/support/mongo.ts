import { randomBytes } from 'node:crypto';

import { MongoClient } from 'mongodb';

export interface TestDatabase {
  readonly uri: string;
  /** Random: suites that run at the same time, or on a server that others use, do not meet. */
  readonly name: string;
  /** Call it in `afterAll`. */
  drop(): Promise<void>;
}

/** A throw-away database on the server that jest's globalSetup started (or MONGODB_URI names). */
export function testDatabase(): TestDatabase {
  const uri = process.env.MONGODB_URI;
  if (!uri) throw new Error('MONGODB_URI is not set: test/support/mongo-setup.mjs is jest’s globalSetup and sets it.');
  const name = `cow_test_${randomBytes(8).toString('hex')}`;
  return {
    uri,
    name,
    async drop() {
      const client = new MongoClient(uri);
      try {
        await client.db(name).dropDatabase();
      } finally {
        await client.close();
      }
    },
  };
}
