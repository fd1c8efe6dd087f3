// npm run bench [-- --only <part of a name, or a group>] [--rounds N] [--data DIR] [--out FILE] [--add] [--list] [--no-build]
// npm run bench:guard
//
// --add keeps what FILE has of other cases; --no-build measures what dist/ holds.
//
// Brings what is missing, builds the library, and runs the benchmark with a Node that all participants accept.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { ensureDependencies } from '../tools/dependencies.mjs';

const ROOT = join(import.meta.dirname, '..');
const [, , script = 'bench', ...given] = process.argv;
const args = given.filter((argument) => argument !== '--no-build');
const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

ensureDependencies(ROOT, (line) => console.error(line));
ensureDependencies(import.meta.dirname, (line) => console.error(`bench/: ${line}`));
if (args.length === given.length) run(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json')]);
// As applications have it: beside its peers, and without anything of this project's own.
const installed = join(import.meta.dirname, 'node_modules', 'nestjs-cow');
rmSync(installed, { recursive: true, force: true });
mkdirSync(installed, { recursive: true });
for (const part of ['package.json', 'dist']) cpSync(join(ROOT, part), join(installed, part), { recursive: true });
run(process.execPath, [tsc, '-p', join(import.meta.dirname, 'tsconfig.build.json')]);
run(process.execPath, [join(import.meta.dirname, 'run.mjs'), `harness/${script}.mjs`, ...args]);

function run(command, parameters) {
  const { status, error } = spawnSync(command, parameters, { stdio: 'inherit' });
  if (error !== undefined) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
}
