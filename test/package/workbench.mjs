// What the package tests share: checks that are counted, a tarball, and projects that install it.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { node, npm } from './command.mjs';

const here = dirname(fileURLToPath(import.meta.url));
export const project = resolve(here, '../..');
export const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
export const temporary = mkdtempSync(join(tmpdir(), 'nestjs-cow-pack-'));
const counts = { passed: 0, failed: 0 };

/** Runs one check, which may be asynchronous, and says how it went. */
export async function check(name, action) {
  const start = performance.now();
  try {
    const value = await action();
    counts.passed += 1;
    console.log(`✓ ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    return value ?? true;
  } catch (error) {
    counts.failed += 1;
    console.log(`✗ ${name}\n${String(error.message).replace(/^/gm, '    ')}`);
    return undefined;
  }
}

/** Says how many checks went well, sets the exit code, and clears away (but with `--keep`). */
export function conclude() {
  if (process.argv.includes('--keep')) console.log(`kept: ${temporary}`);
  else rmSync(temporary, { recursive: true, force: true });
  console.log(`${counts.passed} checks passed, ${counts.failed} failed`);
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

const ALLOWED = /^(dist\/.+|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
const REQUIRED = ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json'];

/** Packs the project; answers the path of the tarball. */
export async function pack() {
  const [packed] = JSON.parse(npm(project, 'pack', '--json', '--ignore-scripts', '--pack-destination', temporary));
  const paths = packed.files.map((file) => file.path);
  await check('the tarball holds what users need, and nothing else', () => {
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
export function install(name, packages, ...options) {
  const folder = join(temporary, name);
  mkdirSync(folder, { recursive: true });
  const own = { name, version: '1.0.0', private: true };
  const file = join(folder, 'package.json');
  writeFileSync(file, JSON.stringify({ ...own, ...readIfThere(file) }));
  npm(folder, 'install', ...packages, ...options, '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund');
  return folder;
}

function readIfThere(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

/** Packages in the versions that the project itself is tested with. */
export function asTested(...names) {
  return names.map((name) => `${name}@${manifest.devDependencies[name]}`);
}

/** Runs a script of consumers/ in the project. */
export function runConsumer(folder, script) {
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
export function typeCheck(folder, source, compilerOptions) {
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
