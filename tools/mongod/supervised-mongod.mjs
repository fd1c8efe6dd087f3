import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { reasonInLog } from './log-reason.mjs';

const SUPERVISOR = fileURLToPath(new URL('supervisor.mjs', import.meta.url));
const PATIENCE_MS = 60_000; // after a crash mongod first replays its journal

/**
 * The application's side of supervisor.mjs.
 *
 * @param {string[]} mongod the command and its arguments
 * @param {{ logFile: string, removeAtEnd: string }} options
 */
export function superviseMongod(mongod, { logFile, removeAtEnd }) {
  const supervisor = fork(SUPERVISOR, [String(process.pid), logFile, removeAtEnd, '--', ...mongod], {
    detached: true,
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // An application that has nothing left to do may end: mongod then ends too.
  supervisor.unref();
  supervisor.channel?.unref();

  let stopping = false;
  const gone = once(supervisor, 'exit');
  const pid = /** @type {Promise<number | undefined>} */ (
    new Promise((resolve) => supervisor.on('message', (message) => resolve(/** @type {any} */ (message).pid)))
  );
  /** @type {Promise<string>} */
  const ended = new Promise((resolve) => {
    supervisor.on('message', (message) => {
      const { ended: how, log } = /** @type {{ ended?: string, log?: string }} */ (message);
      if (how !== undefined) resolve(`${reasonInLog(log ?? '') ?? 'it logged no error'} (${how})`);
    });
    void gone.then(() => stopping || resolve('its supervising process was killed'));
  });
  let over = false;
  void ended.then(() => (over = true));

  return {
    ended,

    /**
     * @param {number} port
     * @returns {Promise<number>} the pid of mongod, when it accepts connections
     */
    async listening(port) {
      const deadline = Date.now() + PATIENCE_MS;
      while (!over && !(await accepts(port))) {
        if (Date.now() > deadline) throw new Error(`it did not listen within ${PATIENCE_MS / 1000} s`);
        await sleep(25);
      }
      if (over) throw new Error(await ended);
      return /** @type {number} */ (await pid);
    },

    async stop() {
      stopping = true;
      if (supervisor.connected) supervisor.disconnect();
      if (supervisor.exitCode === null && supervisor.signalCode === null) {
        supervisor.ref(); // who waits for us has something left to do
        await gone;
      }
    },
  };
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
