import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

import { assertSha256, sha256 } from './checksum.mjs';

// A file's checksum is part of its name: one rename puts both in place, and they cannot drift apart.
const ENTRY = /^mongod-(?<version>\d+\.\d+\.\d+)-(?<sha256>[0-9a-f]{64})$/;
const STAGING = '.staging-';
const AN_HOUR = 3_600_000;

/**
 * Where fetched mongod binaries are kept, for every checkout of this user.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function cacheDirectory(env = process.env) {
  const base = env.XDG_CACHE_HOME;
  return join(base && isAbsolute(base) ? base : join(env.HOME || homedir(), '.cache'), 'nestjs-cow');
}

/**
 * The newest mongod of the cache, verified.
 *
 * @param {string} directory
 * @returns {Promise<string | undefined>}
 */
export async function cachedBinary(directory) {
  const names = await readdir(directory).catch(() => /** @type {string[]} */ ([]));
  const [newest] = names
    .flatMap((name) => ENTRY.exec(name) ?? [])
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .filter((name) => ENTRY.test(name));
  if (newest === undefined) return undefined;
  const path = join(directory, newest);
  await assertSha256(path, /** @type {string} */ (ENTRY.exec(newest)?.groups?.['sha256']));
  return path;
}

/**
 * Keeps a copy of a binary. It appears under its name complete or not at all, whoever else does the same.
 *
 * @param {string} directory
 * @param {string} binary
 * @param {string} version
 * @returns {Promise<string>} its path in the cache
 */
export async function keep(directory, binary, version) {
  await mkdir(directory, { recursive: true });
  const unfinished = join(directory, `${STAGING}${randomUUID()}`);
  try {
    await copyFile(binary, unfinished, constants.COPYFILE_FICLONE);
    await chmod(unfinished, 0o755);
    const path = join(directory, `mongod-${version}-${await sha256(unfinished)}`);
    await rename(unfinished, path);
    return path;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/**
 * A directory for something that is being fetched, removed afterwards. In the cache, since /tmp is often small.
 *
 * @template T
 * @param {string} directory
 * @param {(staging: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withStaging(directory, use) {
  await mkdir(directory, { recursive: true });
  await removeAbandoned(directory);
  const staging = await mkdtemp(join(directory, STAGING));
  try {
    return await use(staging);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/**
 * What a process that was killed while fetching left here.
 *
 * @param {string} directory
 */
async function removeAbandoned(directory) {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(STAGING)) continue;
    const path = join(directory, name);
    const touched = await stat(path).catch(() => undefined);
    if (touched && Date.now() - touched.mtimeMs > AN_HOUR) await rm(path, { recursive: true, force: true });
  }
}
