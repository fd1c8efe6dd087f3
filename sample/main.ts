import { Logger } from '@nestjs/common';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createApp } from './app.js';
import { readConfig } from './config.js';
import { refuseForeignDatabase } from './seed/refuse-foreign-data.js';

/** Starts the shop. Whoever calls it closes it: no signal is handled here. */
export async function start(config = readConfig()): Promise<{ url: string; close(): Promise<void> }> {
  await refuseForeignDatabase(config.uri, config.database);
  const app = await createApp(config);
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${config.port} of ${config.host} is in use: name another in PORT.`, { cause: error });
  }
  const url = await app.getUrl();
  new Logger('Shop').log(`Listening on ${url} (${url}/docs describes it)`);
  return { url, close: () => app.close() };
}

/** Run by itself, without the launcher of "npm start", which imports this file and calls `start()`. */
async function main(): Promise<void> {
  try {
    const shop = await start();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void shop.close());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

const [, entry] = process.argv;
if (entry && realpathSync(entry) === fileURLToPath(import.meta.url)) await main();
