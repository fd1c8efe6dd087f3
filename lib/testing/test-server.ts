import { CowError } from '../errors/index.js';

/** A MongoDB server for tests. */
export interface TestServer {
  /** Connection string, without a database. */
  readonly uri: string;
  /** Ends the server, and removes its data. One that `MONGODB_URI` names goes on. */
  stop(): Promise<void>;
}

/** How long mongod may take to start, in ms: where test machines are shared, mongodb-memory-server's 10 s are few. */
const LAUNCH_MS = 60_000;

/** Options of `startTestServer()`. */
export interface TestServerOptions {
  /** A mongod to run; default: what mongodb-memory-server finds (`MONGOMS_SYSTEM_BINARY`) or downloads. */
  binary?: string;
}

/**
 * The server for the tests of an application: the one that the environment variable `MONGODB_URI` names, else an
 * embedded replica set of one node, by the package `mongodb-memory-server-core`. Sets `MONGODB_URI`, so that test
 * processes which are started later find it.
 *
 * @throws ConnectionFailed when there is neither
 * @example
 * // jest's globalSetup; vitest's is the same
 * export default async () => {
 *   const server = await startTestServer();
 *   return () => server.stop();
 * };
 */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const given = process.env.MONGODB_URI;
  if (given !== undefined && given !== '') return { uri: given, stop: () => Promise.resolve() };
  const { MongoMemoryReplSet } = await memoryServer();
  const server = await MongoMemoryReplSet.create({
    replSet: { count: 1, storageEngine: 'wiredTiger' },
    instanceOpts: [{ launchTimeout: LAUNCH_MS }],
    ...(options.binary !== undefined && { binary: { systemBinary: options.binary } }),
  });
  const uri = server.getUri();
  process.env.MONGODB_URI = uri;
  return {
    uri,
    async stop() {
      if (process.env.MONGODB_URI === uri) delete process.env.MONGODB_URI;
      await server.stop();
    },
  };
}

async function memoryServer() {
  try {
    return await import('mongodb-memory-server-core');
  } catch (error) {
    const reason = 'MONGODB_URI is not set, and the package mongodb-memory-server-core is not installed';
    const expected =
      'Run "npm install --save-dev mongodb-memory-server-core", or set MONGODB_URI to a replica set for tests.';
    throw new CowError('ConnectionFailed', { option: 'a server for tests', reason, expected }, { cause: error });
  }
}

let shared: Promise<TestServer> | undefined;
let users = 0;

/** The server of this process, for those that bring none: started for the first that asks, ended after the last. */
export async function borrowServer(): Promise<TestServer> {
  if (shared === undefined && process.env.MONGODB_URI) return startTestServer(); // another's
  users += 1;
  shared ??= startTestServer();
  try {
    const { uri } = await shared;
    let isReturned = false;
    return {
      uri,
      async stop() {
        if (isReturned) return;
        isReturned = true;
        await giveBack();
      },
    };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

async function giveBack(): Promise<void> {
  users -= 1;
  if (users > 0) return;
  const ended = shared;
  shared = undefined;
  const server = await ended?.catch(() => undefined);
  await server?.stop();
}
