import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { progressBar } from '../progress-bar.mjs';
import { watchedRun } from '../watched-run.mjs';

const CHILD = fileURLToPath(new URL('download-child.mjs', import.meta.url));
// Longer than a slow name server or TLS handshake, short enough to wait for where the site is blocked.
const PATIENCE_MS = 20_000;

/**
 * Lets mongodb-memory-server download the build that fits this system. In a process of its own: the library cannot
 * be told to give up, and reads its configuration from the environment.
 *
 * @param {{ staging: string, env: NodeJS.ProcessEnv }} context
 * @returns {Promise<string>} the path of mongod
 */
export async function downloadBinary({ staging, env }) {
  createRequire(import.meta.url).resolve('mongodb-memory-server-core'); // not installed: say so, not "exit code 1"
  const bar = await progressBar('MongoDB');
  try {
    const { code, stdout, stderr } = await watchedRun(process.execPath, [CHILD, staging], {
      env: {
        MONGOMS_MAX_RETRIES: '1',
        ...env,
        MONGOMS_DOWNLOAD_DIR: staging,
        MONGOMS_SYSTEM_BINARY: '',
        npm_config_strict_ssl: 'true', // without it the library accepts any TLS certificate
      },
      patienceMs: PATIENCE_MS,
      pulse: () => '',
      onOutput: (text) => {
        const percent = [...text.matchAll(/([\d.]+)%/g)].at(-1)?.[1];
        if (percent !== undefined) bar.update(Number(percent) / 100);
      },
    });
    const path = /^mongod: (.+)$/m.exec(stdout)?.[1];
    if (code === 0 && path !== undefined) return path;
    throw new Error(stderr.trim() || `exit code ${code}`);
  } finally {
    bar.stop();
  }
}
