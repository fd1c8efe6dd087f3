/** jest's globalTeardown: runs in the process, and the realm, of globalSetup. */
export default async function teardown() {
  await /** @type {any} */ (globalThis).stopTestMongo?.();
}
