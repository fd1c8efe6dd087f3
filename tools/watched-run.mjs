import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs a command for as long as it shows signs of life: a download may take minutes on a slow line, and must not
 * hang for minutes where the site cannot be reached.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, patienceMs: number, pulse: () => unknown, onOutput?: (text: string) => void }} options
 *   `pulse` returns something that changes as long as there is progress; output counts as progress too
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
export async function watchedRun(command, args, { env = process.env, patienceMs, pulse, onOutput }) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
      onOutput?.(text);
    });
  }
  let ended = false;
  /** @type {Promise<number | null>} */
  const end = new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const watch = (async () => {
    let last = '';
    let lastChange = Date.now();
    while (!ended) {
      const now = `${output.stdout.length} ${output.stderr.length} ${pulse()}`;
      if (now !== last) [last, lastChange] = [now, Date.now()];
      if (Date.now() - lastChange > patienceMs) {
        child.kill('SIGKILL');
        throw new Error(`no progress for ${Math.round(patienceMs / 1000)} s`);
      }
      await sleep(100);
    }
  })();
  try {
    const code = await Promise.race([end, watch.then(() => end)]);
    return { code, ...output };
  } finally {
    ended = true;
    await watch.catch(() => {});
  }
}
