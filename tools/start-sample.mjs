/**
 * What `npm start` runs after the build: the sample's database and the sample, in this one process.
 *
 *   node tools/start-sample.mjs [--entry build/sample/main.js] [--data .data] [--database-port 27117]
 *
 * The entry module exports
 *
 *   export async function start(): Promise<{ url: string; close(): Promise<void> }>
 *
 * and handles no signals: they are handled here, so that MongoDB ends after the application and not before it. It
 * connects to `process.env.MONGODB_URI`. Where that is not set, a mongod of our own is started, whose data stays in
 * the data directory, and the application finds its URI there, and `COW_SAMPLE_EMBEDDED=1`.
 *
 * The first Ctrl-C (or SIGTERM) closes the application, then MongoDB, and exits with 0. A second one exits at once with
 * 130: the supervisor of mongod then ends it, as after kill -9.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { projectRoot } from './project-root.mjs';
import { reasonOf } from './reason.mjs';
import { onStopRequest } from './stop-request.mjs';

const CLOSE_MS = 15_000; // for requests in flight
const CLOSE_WITHOUT_DATABASE_MS = 2_000;

/** @typedef {{ url: string, close(): Promise<void> }} App */

const { values } = parseArgs({
  options: {
    entry: { type: 'string', default: join(projectRoot, 'build/sample/main.js') },
    data: { type: 'string', default: join(projectRoot, '.data') },
    'database-port': { type: 'string' },
  },
});

/** @type {App | undefined} */
let app;
/** @type {Promise<import('./mongod/embedded.mjs').Embedded> | undefined} */
let database;
/** @type {Promise<void> | undefined} */
let stopping;

onStopRequest({
  first: (signal, exitCode) => void stop(app ? 0 : exitCode, `${signal}: stopping …`),
  again: () => process.exit(130),
});

if (!process.env.MONGODB_URI)
  await startDatabase().catch((error) => stop(1, error instanceof Error ? error.message : String(error)));
if (!stopping) await startApp().catch(failed);

async function startApp() {
  const entry = resolve(values.entry);
  if (!existsSync(entry)) throw new Error(`There is no ${entry}: "npm start" builds it first.`);
  const { start } = await import(pathToFileURL(entry).href);
  if (typeof start !== 'function') throw new Error(`${entry} must export a function start().`);
  app = /** @type {App} */ (await start());
}

/** @param {unknown} error */
async function failed(error) {
  // An application whose database is taken away while it starts fails, which says nothing new.
  if (!stopping) await stop(1, error instanceof Error && error.stack ? error.stack : String(error));
}

async function startDatabase() {
  // Not at the top: with MONGODB_URI nothing of this is needed.
  const { startEmbedded } = await import('./mongod/embedded.mjs');
  const port = values['database-port'] === undefined ? undefined : Number(values['database-port']);
  database = startEmbedded({ dataDir: values.data, port, onLine: (line) => console.error(line) });
  const { uri, ended, logFile } = await database;
  void ended.then((reason) =>
    stop(1, `MongoDB ended unexpectedly: ${reason}. Its log is ${logFile}.`, CLOSE_WITHOUT_DATABASE_MS),
  );
  process.env.MONGODB_URI = uri;
  process.env.COW_SAMPLE_EMBEDDED = '1';
}

/**
 * @param {number} exitCode
 * @param {string} why
 * @param {number} closeMs
 * @returns {Promise<void>}
 */
function stop(exitCode, why, closeMs = CLOSE_MS) {
  return (stopping ??= (async () => {
    console.error(why);
    try {
      const inTime = await Promise.race([app?.close().then(() => true) ?? true, sleep(closeMs, false)]);
      if (!inTime) console.error(`The sample did not close within ${closeMs / 1000} s: it ends without.`);
    } catch (error) {
      console.error(`The sample did not close properly: ${reasonOf(error)}`);
      exitCode = 1;
    }
    await database?.then((embedded) => embedded.stop()).catch(() => {});
    process.exit(exitCode);
  })());
}
