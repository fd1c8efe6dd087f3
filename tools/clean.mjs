/** Removes build output: `node tools/clean.mjs dist`. Refuses anything outside of the project. */
import { rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';

import { projectRoot } from './project-root.mjs';

for (const name of process.argv.slice(2)) {
  const path = resolve(projectRoot, name);
  const inside = relative(projectRoot, path);
  if (inside === '' || inside.startsWith('..')) {
    throw new Error(`tools/clean.mjs removes directories inside of the project only, not ${path}`);
  }
  rmSync(path, { recursive: true, force: true });
}
