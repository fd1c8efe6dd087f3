import { existsSync } from 'node:fs';
import { afterAll, beforeAll, jest } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** One browser for all tests of a file: the one of the system, or the one that CHROMIUM names. */
export function useBrowser(): () => Browser {
  let browser: Browser;
  jest.setTimeout(600_000); // a slow machine is no failure; what waits for something has less patience
  beforeAll(async () => {
    const executablePath = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));
    if (!executablePath) {
      throw new Error('There is no Chromium: "apt-get install chromium", or name one in CHROMIUM.');
    }
    // Containers run as root, where Chromium has no sandbox to offer, and have a small /dev/shm.
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-color-profile=srgb', '--font-render-hinting=none'],
      timeout: 120_000,
    });
  }, 150_000);
  afterAll(() => browser?.close());
  return () => browser;
}
