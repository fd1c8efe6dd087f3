/**
 * Runs a script of this folder with a Node that all measured packages accept: this one, or the one that is installed
 * beside them from the package registry.
 *
 *   node run.mjs tracking-rows/peers.mjs
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [, , script = '', ...args] = process.argv;
const run = spawnSync(nodeToUse(), [join(import.meta.dirname, script), ...args], { stdio: 'inherit' });
if (run.error) console.error(run.error.message);
process.exitCode = run.status ?? 1;

function nodeToUse() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 17)) return process.execPath; // what MikroORM 7 asks for
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/package.json`);
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  } catch {
    throw new Error(
      `Node 22.17 or newer is needed; this is ${process.versions.node}. Run "npm ci" here, or update Node.`,
    );
  }
}
