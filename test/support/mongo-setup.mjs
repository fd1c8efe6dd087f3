import { startEmbedded } from '../../tools/mongod/embedded.mjs';

/**
 * jest's globalSetup: one throw-away replica set for all suites, or the server that MONGODB_URI names. Killing jest
 * ends it too. Workers inherit the environment.
 */
export default async function setup() {
  if (process.env.MONGODB_URI) return;
  const embedded = await startEmbedded();
  process.env.MONGODB_URI = embedded.uri;
  /** @type {any} */ (globalThis).stopTestMongo = embedded.stop;
}
