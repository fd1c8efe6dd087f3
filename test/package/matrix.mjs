// npm run pack:matrix [-- --write] [--short] [--keep]: the tarball in empty applications, over versions of Nest and Node,
// module systems, platforms and test runners. With --write it writes what it saw to docs/compatibility.md. With --short it
// runs the corners only: both versions of Nest, as ESM and as CommonJS, on the oldest Node and on the one that runs this.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '../../tools/mongod/embedded.mjs';
import { findBinary } from '../../tools/mongod/find-binary.mjs';
import { npm, run } from './command.mjs';
import { RUNNERS, nestPackages, NEST, OTHERS, runner } from './runners.mjs';
import { pageOf } from './compatibility-page.mjs';
import { asTested, check, conclude, install, pack, project } from './workbench.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const NODES = ['20.19.6', '22.23.3', '24.21.0'];
/** How the source is compiled, and what then runs it. */
const BUILDS = [
  { name: 'ESM, nodenext', type: 'module', options: { module: 'nodenext' } },
  { name: 'ESM, bundler', type: 'module', options: { module: 'esnext', moduleResolution: 'bundler' } },
  { name: 'CommonJS, nodenext', type: 'commonjs', options: { module: 'nodenext' } },
  {
    name: 'CommonJS, node10',
    type: 'commonjs',
    options: { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' },
  },
];
const PLATFORMS = ['express', 'fastify'];

const isShort = process.argv.includes('--short');
const CORNERS = ['ESM, nodenext', 'CommonJS, node10'];
const builds = BUILDS.filter(({ name }) => !isShort || CORNERS.includes(name));
const versions = isShort ? [...new Set([NODES[0], process.versions.node])] : NODES;
/** Of the corners each Node has one platform, another one in each build. */
const isTried = (build, version, platform) =>
  !isShort || (builds.indexOf(build) + versions.indexOf(version) + PLATFORMS.indexOf(platform)) % 2 === 0;

/** The Node of a version, from the package registry. */
function nodeBinary(version) {
  if (version === process.versions.node) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = install(`node-${version}`, [`${name}@${version}`]);
  return join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** Compiles the application into a folder of its own, below the installed packages. */
function compile(app, build) {
  const folder = join(app, build.name.replaceAll(/\W+/g, '-'));
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: build.type }));
  copyFileSync(join(here, 'consumers/shop.ts.txt'), join(folder, 'shop.ts'));
  const compilerOptions = {
    ...{ target: 'es2022', strict: true, skipLibCheck: true, types: ['node'] },
    ...{ experimentalDecorators: true, emitDecoratorMetadata: true, outDir: 'out' },
    ...build.options,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['shop.ts'] }));
  run(folder, process.execPath, join(project, 'node_modules/typescript/bin/tsc'), '-p', '.');
  return join(folder, 'out/shop.js');
}

const EXPECTED = {
  statuses: [201, 200, 200, 404, 200],
  code: 'EntityNotFound',
  order: { id: true, customer: 'Ada', tags: ['changed'], note: 'ring twice' },
  commits: 2,
  schema: ['id: string', 'customer: string', 'note: string', 'tags: array'],
};

function boots(node, script, uri, platform) {
  const output = run(dirname(script), '/usr/bin/env', `MONGODB_URI=${uri}`, `PLATFORM=${platform}`, node, script);
  assert.deepEqual(JSON.parse(output.trim().split('\n').at(-1)), EXPECTED);
}

async function main() {
  const rows = [];
  const note = async (row, action) => rows.push({ ...row, ok: (await check(titleOf(row), action)) !== undefined });
  if ((await check('builds', () => npm(project, 'run', 'build'))) === undefined) return;
  const tarball = await check('packs', pack);
  if (tarball === undefined) return;
  const nodes = new Map();
  for (const version of versions) nodes.set(version, await check(`has Node ${version}`, () => nodeBinary(version)));
  const { path: mongod } = await findBinary({ fetch: true });
  const server = await startEmbedded();
  try {
    for (const nest of Object.keys(NEST)) {
      const app = await check(`installs into an empty project, Nest ${nest}`, () =>
        install(`app-nest-${nest}`, [tarball, ...nestPackages(nest), ...asTested(...OTHERS)]),
      );
      if (app === undefined) continue;
      for (const build of builds) {
        const script = await check(`compiles with Nest ${nest}, ${build.name}`, () => compile(app, build));
        if (script === undefined) {
          rows.push({ nest, build: build.name, ok: false });
          continue;
        }
        for (const version of versions) {
          for (const platform of PLATFORMS) {
            if (!isTried(build, version, platform)) continue;
            await note({ nest, build: build.name, node: version, platform }, () =>
              boots(nodes.get(version), script, server.uri, platform),
            );
          }
        }
      }
      for (const name of isShort ? [] : Object.keys(RUNNERS)) {
        await note({ nest, runner: name }, () => runner(name, nest, tarball, mongod));
      }
    }
  } finally {
    await server.stop();
  }
  if (process.argv.includes('--write') && !isShort) {
    writeFileSync(join(project, 'docs/compatibility.md'), pageOf(rows, { nest: NEST, nodes: NODES, mongod }));
    run(project, process.execPath, 'node_modules/prettier/bin/prettier.cjs', '--write', 'docs/compatibility.md');
  }
}

function titleOf({ nest, build, node, platform, runner: name }) {
  return name === undefined
    ? `boots and commits: Nest ${nest}, Node ${node}, ${build}, ${platform}`
    : `${name} runs the tests of the guide: Nest ${nest}`;
}

try {
  await main();
} finally {
  conclude();
}
