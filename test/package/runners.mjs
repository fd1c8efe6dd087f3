// The projects of docs/testing.md, run against the packed tarball by their own test script.
import { cpSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.mjs';
import { asTested, install, temporary } from './workbench.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Nest's packages are versioned apart from each other. */
export const NEST = {
  11: { core: '11.2.10', swagger: '11.4.0', terminus: '11.1.1', 'platform-fastify': '11.2.8', testing: '11.2.6' },
  12: { core: '12.5.1', swagger: '12.0.2', terminus: '12.1.0', 'platform-fastify': '12.5.0', testing: '12.1.1' },
};
export function nestPackages(version) {
  const versions = NEST[version];
  const names = ['common', 'core', 'platform-express', 'platform-fastify', 'swagger', 'terminus', 'testing'];
  return names.map((name) => `@nestjs/${name}@${versions[name] ?? versions.core}`);
}

export const OTHERS = ['mongodb', 'reflect-metadata', 'rxjs', 'class-transformer', 'class-validator', '@types/node'];

export const RUNNERS = {
  jest: asTested('jest', 'ts-jest', 'typescript', '@jest/globals', 'mongodb-memory-server-core'),
  vitest: ['vitest@4.1.12', 'vite@8.3.8', ...asTested('typescript', 'mongodb-memory-server-core')],
};

/** A small project with tests of its own, as the guide describes it, run by its own test script. */
export function runner(name, nest, tarball, mongod) {
  const folder = join(temporary, `${name}-nest-${nest}`);
  cpSync(join(here, 'projects', name), folder, { recursive: true });
  for (const name of ['package.json', 'src/orders.ts', 'test/orders.spec.ts']) {
    renameSync(join(folder, `${name}.txt`), join(folder, name)); // as it is called there: nothing here shall take it up
  }
  install(`${name}-nest-${nest}`, [tarball, ...nestPackages(nest), ...asTested(...OTHERS), ...RUNNERS[name]]);
  const output = run(folder, '/usr/bin/env', `MONGOMS_SYSTEM_BINARY=${mongod}`, 'MONGODB_URI=', 'npm', 'test');
  return output;
}
