// The README's steps to an own application, as they stand: its commands are run, its files written, in an empty directory.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startEmbedded } from '../../tools/mongod/embedded.mjs';
import { run } from './command.mjs';
import { project, temporary } from './workbench.mjs';

/** The fenced blocks of the section. */
function steps() {
  const readme = readFileSync(join(project, 'README.md'), 'utf8');
  const [, section = ''] = /## Five minutes to your own app\n([^]*?)\n## /.exec(readme) ?? [];
  return [...section.matchAll(/^```(\S+) ?(\S*)\n([^]*?)^```$/gm)].map(([, language, name, text]) => ({
    language,
    name,
    text,
  }));
}

/** @param {string} tarball what `npm install nestjs-cow` is to install */
export async function quickStart(tarball) {
  const folder = join(temporary, 'quick-start');
  mkdirSync(folder);
  const all = steps();
  const commands = all.filter(({ language, name }) => language === 'sh' && name === '');
  const [installing, ...calls] = commands.map(({ text }) => text);
  const [starting] = all.filter(({ name }) => name === 'start').map(({ text }) => text.trim().split('\n'));
  assert.ok(installing.includes(' nestjs-cow ') && calls.length === 2 && starting.length === 2, 'the steps are known');

  run(folder, 'sh', '-ec', installing.replace(' nestjs-cow ', ` ${tarball} `));
  for (const { name, text } of all) if (/\.(ts|json)$/.test(name)) writeFileSync(join(folder, name), text);
  const [compile, start] = starting;
  run(folder, 'sh', '-ec', compile);

  const server = await startEmbedded();
  const port = await freePort();
  const app = spawn('sh', ['-c', `exec ${start}`], {
    cwd: folder,
    env: { ...process.env, MONGODB_URI: server.uri, PORT: String(port), NO_COLOR: '1' },
  });
  let log = '';
  app.stdout.on('data', (data) => (log += data));
  app.stderr.on('data', (data) => (log += data));
  const ended = new Promise((resolve) => app.once('exit', resolve));
  try {
    await until(
      () => log.includes('successfully started'),
      ended,
      () => log,
    );
    const script = calls.join('').replaceAll('localhost:3000', `127.0.0.1:${port}`);
    const changed = JSON.parse(run(folder, 'sh', '-ec', script));
    assert.equal(changed.customer, 'Ada');
    assert.deepEqual(changed.items, [{ sku: 'a', qty: 1 }]);
    assert.equal(changed.note, 'ring twice');
    // The line that the README shows.
    const [, line] = /`PATCH \/orders\/… → ([^`…]*?) …`/.exec(readFileSync(join(project, 'README.md'), 'utf8')) ?? [];
    assert.ok(line?.startsWith('orders.updateOne {'), 'the README shows the line of the log');
    await until(
      () => log.includes(`→ ${line} `),
      ended,
      () => log,
    );
  } finally {
    app.kill('SIGTERM');
    await ended;
    await server.stop();
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits for the application; an end of it is a failure that shows its log. */
async function until(condition, ended, log) {
  let isOver = false;
  void ended.then(() => (isOver = true));
  const deadline = Date.now() + 300_000; // a slow machine is no failure
  while (!condition()) {
    if (isOver || Date.now() > deadline) throw new Error(`The application did not get that far:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
