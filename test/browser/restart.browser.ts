import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../../tools/mongod/free-port.mjs';
import { useShop } from '../e2e/sample/support/shop.js';
import { cleanEnvironment } from '../tools/fixtures/launch.js';
import { temporaryDirectory } from '../tools/fixtures/processes.js';
import { useBrowser } from './support/chromium.js';
import { Tab } from './support/tab.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('a server that ends', () => {
  const shop = useShop();
  const browser = useBrowser();

  it('and starts again, while the page is open: it reconnects, says so, and goes on', async () => {
    const tab = await Tab.open(browser(), shop.url, { allow: 'lost connection' });
    await tab.find('#street').fill('half-typed');
    await shop.restart(() => tab.until('#connection[data-state=lost]', /Connection lost/));
    await tab.until('#connection[data-state=live]', /Live again: the server was restarted/);
    expect(await tab.find('#street').inputValue()).toBe('half-typed');
    await tab.save();
    expect(await tab.text('.side.is-sent')).toContain('"address.street": "half-typed"');
    await tab.experiment('read');
    expect(await tab.text('.verdict.is-good')).toMatch(/nothing sent/);
    await tab.close();
  });

  it('and was not there when something was saved: that is said, and can be done again', async () => {
    const tab = await Tab.open(browser(), shop.url, { allow: 'lost connection' });
    await tab.find('#note').fill('patient');
    await shop.restart(async () => {
      await tab.until('#connection', /Connection lost/);
      await tab.find('#order-save').click();
      await tab.until('#order-notice', /does not answer/);
    });
    await tab.until('#connection', /Live again/);
    await tab.save();
    expect(await tab.find('#note').inputValue()).toBe('patient');
    await tab.close();
  });
});

describe('npm start', () => {
  const browser = useBrowser();
  const directory = temporaryDirectory('cow-page-');
  let child: ChildProcess | undefined;

  afterEach(() => {
    if (child?.exitCode === null) child.kill('SIGKILL');
    directory.remove();
  });

  it('serves the page, and ends with Ctrl-C while pages are open', async () => {
    const port = await freePort();
    child = spawn(process.execPath, ['tools/start-sample.mjs', '--data', directory.path], {
      cwd: ROOT,
      env: { ...cleanEnvironment(), PORT: String(port), HOST: '127.0.0.1', NEST_LOG_LEVEL: 'log' },
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const closed = once(child, 'close');
    while (!output.includes('Listening on')) {
      const ended = closed.then(() => Promise.reject(new Error(output)));
      await Promise.race([once(child.stdout!, 'data'), once(child.stderr!, 'data'), ended]);
    }
    const url = `http://127.0.0.1:${port}`;
    const tabs = [
      await Tab.open(browser(), url, { allow: 'lost connection' }),
      await Tab.open(browser(), url, { allow: 'lost connection' }),
    ];
    await tabs[0]!.find('#note').fill('before the end');
    await tabs[0]!.save();
    await tabs[1]!.until('#wire-meta', /another tab/);

    const started = performance.now();
    process.kill(-child.pid!, 'SIGINT');
    const [code] = (await closed) as [number];
    console.info(`Ended ${Math.round(performance.now() - started)} ms after Ctrl-C, with two pages open.`);
    expect(code).toBe(0);
    expect(output).not.toMatch(/did not close|ERROR/);
    for (const tab of tabs) {
      await tab.until('#connection', /Connection lost/);
      await tab.close();
    }
  });
});
