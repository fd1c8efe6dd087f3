// npm run pack:test: builds, packs, installs the tarball into fresh projects, and uses it there as applications would.
// What needs several minutes is npm run pack:matrix.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { npm, run } from './command.mjs';
import { RUNNERS, runner } from './runners.mjs';
import { findBinary } from '../../tools/mongod/find-binary.mjs';
import { quickStart } from './quick-start.mjs';
import {
  asTested,
  check,
  conclude,
  install,
  manifest,
  pack,
  project,
  runConsumer,
  temporary,
  typeCheck,
} from './workbench.mjs';

/** The required peers (and Node's types) in the versions that the project itself is tested with. */
function peers() {
  const required = Object.keys(manifest.peerDependencies).filter(
    (name) => !manifest.peerDependenciesMeta?.[name]?.optional,
  );
  return asTested(...required, '@types/node');
}

/** Runs a command-line tool that the project has as a development dependency. */
function tool(name, ...args) {
  return run(project, join(project, 'node_modules/.bin', name), ...args);
}

const MODULES = [{ module: 'commonjs' }, { module: 'nodenext' }, { module: 'esnext', moduleResolution: 'bundler' }];

/** What `module: commonjs` meant before TypeScript 6: a resolution that knows `main` and `types`, but not `exports`. */
const CLASSIC = { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' };

function describeModule({ module, moduleResolution }) {
  return moduleResolution ? `module ${module} (${moduleResolution})` : `module ${module}`;
}

async function guides(tarball) {
  const { path } = await findBinary({ fetch: true });
  for (const name of Object.keys(RUNNERS)) {
    await check(`${name} runs the tests of the guide`, () => runner(name, '12', tarball, path));
  }
}

async function main() {
  if ((await check('builds', () => npm(project, 'run', 'build'))) === undefined) return;
  const tarball = await check('packs', pack);
  if (tarball === undefined) return;

  await check('publint finds nothing', () => tool('publint', 'run', tarball, '--strict'));
  await check('@arethetypeswrong/cli finds nothing', () =>
    // An ESM package that CommonJS requires (Node 20.19+), with types for resolutions that know no `exports`.
    tool('attw', tarball, '--ignore-rules', 'cjs-resolves-to-esm'),
  );
  await check('the API reference is written without a warning', () =>
    tool('typedoc', '--options', 'test/package/typedoc.json', '--out', join(temporary, 'api')),
  );

  await check('the quick start of the README commits its first change, step by step', () => quickStart(tarball));

  await guides(tarball);

  const bare = await check('installs without peers', () => {
    const folder = install('bare', [tarball], '--omit=peer');
    const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
    assert.deepEqual(installed, [manifest.name]);
    return folder;
  });
  if (bare !== undefined) {
    await check('nestjs-cow/tracking runs without peers', () => runConsumer(bare, 'tracking.mjs'));
    for (const options of MODULES) {
      const types = { ...options, types: [] };
      await check(`nestjs-cow/tracking type-checks without peers, ${describeModule(options)}`, () =>
        typeCheck(bare, 'tracking', types),
      );
    }
  }

  const full = await check('installs with the required peers', () => install('full', [tarball, ...peers()]));
  if (full !== undefined) {
    await check('an ESM application imports it, with its own BSON classes', () => runConsumer(full, 'esm.mjs'));
    await check('a CommonJS application requires it, with its own BSON classes', () =>
      runConsumer(full, 'commonjs.cjs'),
    );
    for (const options of [...MODULES, CLASSIC]) {
      const types = { ...options, types: ['node'] };
      await check(`an application type-checks, ${describeModule(options)}`, () =>
        typeCheck(full, 'application', types),
      );
    }
  }
}

try {
  await main();
} finally {
  conclude();
}
