import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { MongoClient } from 'mongodb';

import { startEmbedded } from '../../tools/mongod/embedded.mjs';
import { freePort } from '../../tools/mongod/free-port.mjs';
import { cleanEnvironment } from './fixtures/launch.js';
import {
  describeWithMongod,
  isRunning,
  mongod,
  processesOf,
  temporaryDirectory,
  untilNoneOf,
} from './fixtures/processes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describeWithMongod('an embedded mongod', () => {
  let base: ReturnType<typeof temporaryDirectory>;
  beforeAll(() => {
    base = temporaryDirectory('cow-embedded-');
  });
  afterAll(() => base.remove());

  it('is a primary that takes transactions and parameters, and leaves nothing', async () => {
    const parameters = { transactionLifetimeLimitSeconds: 7 };
    const embedded = await startEmbedded({ binary: mongod, parameters });
    const directory = dirname(embedded.logFile);
    const client = await MongoClient.connect(embedded.uri);
    try {
      const documents = client.db('x').collection('documents');
      await client.withSession((session) =>
        session.withTransaction(() => documents.insertOne({ kept: true }, { session })),
      );
      expect(await documents.countDocuments()).toBe(1);
      const names = { transactionLifetimeLimitSeconds: 1, enableTestCommands: 1 };
      const values = await client.db('admin').command({ getParameter: 1, ...names });
      expect(values).toMatchObject(parameters);
    } finally {
      await client.close();
      await embedded.stop();
    }
    expect(processesOf(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
    expect(isRunning(embedded.pid)).toBe(false);
  });

  it('says which port is in use', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await expect(startEmbedded({ binary: mongod, port })).rejects.toThrow(`Port ${port} is in use.`);
    server.close();
  });

  it('says why mongod did not start', async () => {
    const options = { binary: mongod, parameters: { noSuchParameter: 1 } };
    await expect(startEmbedded(options)).rejects.toThrow(/did not start.*noSuchParameter/);
  });

  it('kills no process whose pid a crashed mongod once had', async () => {
    const dataDir = join(base.path, 'stale');
    const innocent = spawn('sleep', ['600']);
    mkdirSync(join(dataDir, 'db'), { recursive: true });
    writeFileSync(join(dataDir, 'db', 'mongod.lock'), `${innocent.pid}\n`);
    const embedded = await startEmbedded({ binary: mongod, dataDir });
    await embedded.stop();
    expect(innocent.exitCode ?? innocent.signalCode).toBeNull();
    innocent.kill();
  });

  it('leaves a mongod alone that somebody started by hand on its data', async () => {
    const dataDir = join(base.path, 'by-hand');
    const dbPath = join(dataDir, 'db');
    mkdirSync(dbPath, { recursive: true });
    const port = await freePort();
    const args = ['--dbpath', dbPath, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'];
    const byHand = spawn(mongod ?? '', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await saying(byHand, 'Waiting for connections');
    await expect(startEmbedded({ binary: mongod, dataDir })).rejects.toThrow(
      `is in use by a mongod that was started by hand (pid ${byHand.pid})`,
    );
    expect(byHand.exitCode ?? byHand.signalCode).toBeNull();
    byHand.kill('SIGKILL');
    await once(byHand, 'close');
  });

  it('of jest’s globalSetup ends when jest is killed', async () => {
    const spec = join(base.path, 'hanging.spec.js');
    writeFileSync(spec, `test('hangs', () => (console.log(process.env.MONGODB_URI), new Promise(() => {})), 60_000);`);
    const config = {
      rootDir: base.path,
      globalSetup: join(ROOT, 'test/support/mongo-setup.mjs'),
      globalTeardown: join(ROOT, 'test/support/mongo-teardown.mjs'),
      reporters: [],
    };
    const args = [join(ROOT, 'node_modules/jest/bin/jest.js'), '--config', JSON.stringify(config), '--runInBand'];
    const run = spawn(process.execPath, args, {
      cwd: base.path,
      env: { ...cleanEnvironment(), MONGOD_BINARY: mongod, TMPDIR: base.path },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await saying(run, 'mongodb://127.0.0.1');
    expect(processesOf(base.path, '--replSet')).not.toEqual([]);
    run.kill('SIGKILL');
    expect(await untilNoneOf(base.path)).toEqual([]);
  });
});

async function saying(child: ChildProcess, text: string): Promise<void> {
  let output = '';
  const heard = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (part: string) => {
        output += part;
        if (output.includes(text)) resolve();
      });
    }
  });
  const ended = once(child, 'close').then(() => {
    if (!output.includes(text)) throw new Error(`It ended before it said ${text}: ${output}`);
  });
  await Promise.race([heard, ended]);
}
