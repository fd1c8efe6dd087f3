import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { whyInstall } from '../../tools/dependencies.mjs';
import { temporaryDirectory } from './fixtures/processes.js';

const packages = (version: string) => ({
  '': { name: 'project' },
  'node_modules/a': { version, integrity: `sha512-${version}` },
});
const forAnotherPlatform = { 'node_modules/b': { version: '1.0.0', optional: true } };

describe('whether npm ci must run', () => {
  let base: ReturnType<typeof temporaryDirectory>;
  beforeAll(() => {
    base = temporaryDirectory('cow-dependencies-');
  });
  let count = 0;

  afterAll(() => base.remove());

  function project(locked: object, installed: object | undefined, lockIsNewer: boolean): string {
    const root = join(base.path, String(++count));
    mkdirSync(join(root, 'node_modules'), { recursive: true });
    const lock = join(root, 'package-lock.json');
    writeFileSync(lock, JSON.stringify({ packages: locked }));
    if (installed) {
      const hidden = join(root, 'node_modules/.package-lock.json');
      writeFileSync(hidden, JSON.stringify({ packages: installed }));
      utimesSync(hidden, 2_000, 2_000);
    }
    utimesSync(lock, lockIsNewer ? 3_000 : 1_000, lockIsNewer ? 3_000 : 1_000);
    return root;
  }

  it('must, when nothing is installed or an installation was interrupted', () => {
    expect(whyInstall(project(packages('1.0.0'), undefined, false))).toBe('nothing is installed yet');
  });

  it('need not, when node_modules is newer than the lock file', () => {
    expect(whyInstall(project(packages('1.0.0'), packages('1.0.0'), false))).toBeUndefined();
  });

  it('must, when the lock file is newer and says something else', () => {
    expect(whyInstall(project(packages('2.0.0'), packages('1.0.0'), true))).toMatch(/node_modules\/a differs/);
    expect(whyInstall(project(packages('2.0.0'), {}, true))).toMatch(/node_modules\/a differs/);
    expect(whyInstall(project({}, packages('1.0.0'), true))).toMatch(/node_modules\/a differs/);
  });

  it('need not, when the lock file is newer and says the same: a checkout touches it', () => {
    const locked = { ...packages('1.0.0'), ...forAnotherPlatform };
    expect(whyInstall(project(locked, packages('1.0.0'), true))).toBeUndefined();
  });
});
