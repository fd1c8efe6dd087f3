// Runs the commands of pack.mjs, and says what they printed when they fail.
import { spawnSync } from 'node:child_process';

/**
 * Runs a command to its end.
 *
 * @returns {string} its standard output
 */
export function run(cwd, command, ...args) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: plainEnv(),
  });
  if (error) throw error;
  if (status !== 0) {
    throw new Error(`${[command, ...args].join(' ')} ended with ${signal ?? status}:\n${stdout}${stderr}`.trim());
  }
  return stdout;
}

/** Runs Node with these arguments. */
export function node(cwd, ...args) {
  return run(cwd, process.execPath, ...args);
}

/** Runs npm: the one that runs this, if one does. */
export function npm(cwd, ...args) {
  const script = process.env.npm_execpath;
  return script ? node(cwd, script, ...args) : run(cwd, 'npm', ...args);
}

/** Without what an outer `npm run` or jest says about itself, which an inner npm would take for its own. */
function plainEnv() {
  const outer = /^(npm_(package|lifecycle|command)|INIT_CWD$|NODE_OPTIONS$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
}
