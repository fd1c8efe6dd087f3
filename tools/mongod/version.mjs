import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';

import { missingLibraries } from './shared-libraries.mjs';

/**
 * Runs `mongod --version`: a binary that is there may still not run here.
 *
 * @param {string} binary
 * @returns {string} such as 6.0.5
 */
export function versionOf(binary) {
  if (!statSync(binary, { throwIfNoEntry: false })?.isFile()) throw new Error(`${binary} is no file`);
  try {
    accessSync(binary, constants.X_OK);
  } catch {
    throw new Error(`${binary} cannot be executed: run "chmod +x ${binary}", or name another one`);
  }
  const run = spawnSync(binary, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  const version = /db version v(\d+\.\d+\.\d+)/.exec(run.stdout ?? '')?.[1];
  if (version !== undefined) return version;
  const said = run.error?.message ?? `${run.stderr}`.trim().split('\n')[0];
  const ended = run.signal ? `ended by ${run.signal}` : `exit code ${run.status}`;
  throw new Error(
    missingLibraries(binary, run.stderr ?? '') ?? `"${binary} --version" does not work (${said || ended})`,
  );
}
