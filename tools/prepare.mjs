/**
 * What `npm start` and `npm test` need and a fresh clone lacks: the dependencies, and a mongod to start.
 * Run by the "pre" scripts, before node_modules exists: nothing but Node built-ins is imported from here, and
 * what is imported follows that rule (it loads packages late, by `await import()`).
 */
import { ensureDependencies } from './dependencies.mjs';
import { BinaryNotFound, findBinary } from './mongod/find-binary.mjs';
import { projectRoot } from './project-root.mjs';
import { reasonOf } from './reason.mjs';

const onLine = (/** @type {string} */ line) => console.error(line);

try {
  assertNode();
  ensureDependencies(projectRoot, onLine);
  if (process.env.MONGODB_URI) onLine('MONGODB_URI is set: no MongoDB server of our own is needed.');
  else {
    const { path, version, source } = await findBinary({ fetch: true, onLine });
    onLine(`MongoDB ${version}: ${path} (${source})`);
  }
} catch (error) {
  onLine(`\n${error instanceof BinaryNotFound ? error.message : reasonOf(error)}\n`);
  process.exitCode = 1;
}

function assertNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)) return;
  throw new Error(`Node 20.19, 22.12 or newer is needed; this is ${process.versions.node}.`);
}
