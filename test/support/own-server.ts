import { startEmbedded } from '../../tools/mongod/embedded.mjs';
import { testDatabase, type TestDatabase } from './mongo.js';

/**
 * A database on a mongod of its own, for tests that let commands fail: a server has one fail point of a name for all of
 * its clients, so that the tests of two workers would replace and switch off each other's.
 */
export async function databaseOnOwnServer(): Promise<TestDatabase> {
  const { uri, stop } = await startEmbedded();
  return { uri, name: testDatabase().name, drop: stop };
}
