import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs `npm ci` when node_modules is missing or no longer what package-lock.json says. Node built-ins only: this
 * is what brings everything else.
 *
 * @param {string} root
 * @param {(line: string) => void} onLine
 */
export function ensureDependencies(root, onLine) {
  const why = whyInstall(root);
  if (why === undefined) return;
  onLine(`Installing dependencies with npm ci: ${why}.`);
  // The npm that runs this script, when there is one; --include=dev since NODE_ENV may say "production".
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const options = { cwd: root, stdio: /** @type {const} */ ('inherit') };
  const { status, error } = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (status !== 0) {
    throw new Error(
      `npm ci did not succeed (${error?.message ?? `exit code ${status}`}): its output is above. ` +
        'Run "npm ci" by hand until it does, then run this command again.',
    );
  }
}

/**
 * @param {string} root
 * @returns {string | undefined} undefined: what is installed is what is locked
 */
export function whyInstall(root) {
  const locked = join(root, 'package-lock.json');
  // npm writes this file last, so that an installation which was interrupted lacks it.
  const installed = join(root, 'node_modules', '.package-lock.json');
  const installedAt = statSync(installed, { throwIfNoEntry: false })?.mtimeMs;
  if (installedAt === undefined) return 'nothing is installed yet';
  if (installedAt >= statSync(locked).mtimeMs) return undefined;
  // A checkout renews the lock file's time without changing it; npm ci would throw everything away for nothing.
  const difference = firstDifference(packagesOf(locked), packagesOf(installed));
  return difference && `package-lock.json is newer than node_modules, and ${difference} differs`;
}

/** @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }>} Packages */

/**
 * @param {string} file
 * @returns {Packages}
 */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/**
 * @param {Packages} locked
 * @param {Packages} installed
 */
function firstDifference(locked, installed) {
  const paths = new Set([...Object.keys(locked), ...Object.keys(installed)]);
  paths.delete(''); // the project itself
  return [...paths].find((path) => {
    const [wanted, present] = [locked[path], installed[path]];
    if (!present) return !wanted?.optional && !wanted?.devOptional; // optional ones are for other platforms
    return wanted?.version !== present.version || wanted?.integrity !== present.integrity;
  });
}
