// npm run pack:test: builds, packs, installs the tarball into fresh projects, and uses it there as applications would.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { node, npm } from './command.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const project = resolve(here, '../..');
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
const temporary = mkdtempSync(join(tmpdir(), 'nestjs-cow-pack-'));
const counts = { passed: 0, failed: 0 };

/** Runs one check and says how it went. */
function check(name, action) {
  const start = performance.now();
  try {
    const value = action();
    counts.passed += 1;
    console.log(`✓ ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    return value;
  } catch (error) {
    counts.failed += 1;
    console.log(`✗ ${name}\n${String(error.message).replace(/^/gm, '    ')}`);
    return undefined;
  }
}

const ALLOWED = /^(dist\/.+|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
const REQUIRED = ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json'];

/** Packs the project; answers the path of the tarball. */
function pack() {
  const [packed] = JSON.parse(npm(project, 'pack', '--json', '--ignore-scripts', '--pack-destination', temporary));
  const paths = packed.files.map((file) => file.path);
  check('the tarball holds what users need, and nothing else', () => {
    assert.deepEqual(
      paths.filter((path) => !ALLOWED.test(path)),
      [],
      'these do not belong there',
    );
    const targets = Object.values(manifest.exports).flatMap((target) =>
      Object.values(target.types ? target : [target]),
    );
    const required = [...REQUIRED, ...[...targets, manifest.main, manifest.types].map((path) => path.slice(2))];
    assert.deepEqual(
      [...new Set(required)].filter((path) => !paths.includes(path)),
      [],
      'these are missing',
    );
  });
  return join(temporary, packed.filename);
}

/** Makes an empty project and installs packages into it. */
function install(name, packages, ...options) {
  const folder = join(temporary, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', private: true }));
  npm(folder, 'install', ...packages, ...options, '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund');
  return folder;
}

/** The required peers (and Node's types) in the versions that the project itself is tested with. */
function peers() {
  const required = Object.keys(manifest.peerDependencies).filter(
    (name) => !manifest.peerDependenciesMeta?.[name]?.optional,
  );
  return [...required, '@types/node'].map((name) => `${name}@${manifest.devDependencies[name]}`);
}

/** Runs a script of consumers/ in the project. */
function runConsumer(folder, script) {
  copyFileSync(join(here, 'consumers', script), join(folder, script));
  node(folder, script);
}

const STRICT = {
  target: 'es2023',
  strict: true,
  noEmit: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

/** Type-checks a source of consumers/ in the project; mistakes in declarations of other packages are not ours. */
function typeCheck(folder, source, compilerOptions) {
  const name = `${source}-${compilerOptions.module}-${compilerOptions.moduleResolution ?? 'default'}`;
  copyFileSync(join(here, 'consumers', `${source}.ts.txt`), join(folder, `${source}.ts`));
  const config = { compilerOptions: { ...STRICT, ...compilerOptions }, files: [`${source}.ts`] };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(config));
  const compiler = join(project, 'node_modules/typescript/bin/tsc');
  try {
    node(folder, compiler, '-p', `${name}.json`, '--pretty', 'false');
  } catch (error) {
    const ours = error.message.split('\n').filter((line) => /: error TS|^error TS/.test(line) && !isForeign(line));
    const understood = /: error TS|^error TS/m.test(error.message);
    if (ours.length > 0 || !understood) throw new Error(ours.join('\n') || error.message, { cause: error });
  }
}

function isForeign(line) {
  return line.startsWith('node_modules/') && !line.startsWith(`node_modules/${manifest.name}/`);
}

const MODULES = [{ module: 'commonjs' }, { module: 'nodenext' }, { module: 'esnext', moduleResolution: 'bundler' }];

/** What `module: commonjs` meant before TypeScript 6: a resolution that knows `main` and `types`, but not `exports`. */
const CLASSIC = { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' };

function describeModule({ module, moduleResolution }) {
  return moduleResolution ? `module ${module} (${moduleResolution})` : `module ${module}`;
}

function main() {
  check('builds', () => npm(project, 'run', 'build'));
  const tarball = check('packs', pack);
  if (tarball === undefined) return;

  const bare = check('installs without peers', () => {
    const folder = install('bare', [tarball], '--omit=peer');
    const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
    assert.deepEqual(installed, [manifest.name]);
    return folder;
  });
  if (bare !== undefined) {
    check('nestjs-cow/tracking runs without peers', () => runConsumer(bare, 'tracking.mjs'));
    for (const options of MODULES) {
      const types = { ...options, types: [] };
      check(`nestjs-cow/tracking type-checks without peers, ${describeModule(options)}`, () =>
        typeCheck(bare, 'tracking', types),
      );
    }
  }

  const full = check('installs with the required peers', () => install('full', [tarball, ...peers()]));
  if (full !== undefined) {
    check('an ESM application imports it, with its own BSON classes', () => runConsumer(full, 'esm.mjs'));
    check('a CommonJS application requires it, with its own BSON classes', () => runConsumer(full, 'commonjs.cjs'));
    for (const options of [...MODULES, CLASSIC]) {
      const types = { ...options, types: ['node'] };
      check(`an application type-checks, ${describeModule(options)}`, () => typeCheck(full, 'application', types));
    }
  }
}

try {
  main();
} finally {
  if (process.argv.includes('--keep')) console.log(`kept: ${temporary}`);
  else rmSync(temporary, { recursive: true, force: true });
}
console.log(`${counts.passed} checks passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
