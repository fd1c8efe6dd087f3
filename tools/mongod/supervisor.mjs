/**
 * Starts mongod and ends it when the application is gone, however it went: its channel to us closes with the
 * process that holds the other end, after kill -9 too. Runs detached, in a session of its own, so that neither
 * Ctrl-C nor a kill of the application's group reaches it or mongod.
 *
 *   node supervisor.mjs <pid of the application> <log file> <directory to remove at the end, or ""> -- mongod …
 *
 * The application's pid is there for others to read (occupant.mjs). Messages to the application: `{ pid }` when mongod
 * was spawned, `{ ended, log }` when it has ended by itself, with what it logged meanwhile.
 *
 * mongodb-memory-server's own killer script does not serve: it polls a bare pid, every two seconds, starts after mongod,
 * kills without waiting, and leaves the directory. Nor does its MongoMemoryReplSet for data that stays: started
 * again on another port it waits for a primary in vain, and mongod's output goes to the application that dies.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync } from 'node:fs';

const KEEP_LOG_BYTES = 8 * 1024 * 1024;
const PATIENCE_MS = 30_000; // for a large checkpoint

const [, , , logFile = '', removeAtEnd = '', , ...mongod] = process.argv;

const log = openSync(logFile, 'a+');
if (fstatSync(log).size > KEEP_LOG_BYTES) ftruncateSync(log);
const logStart = fstatSync(log).size;

const [command = '', ...args] = [...dyingWithUs(), ...mongod];
const child = spawn(command, args, { stdio: ['ignore', log, log] });

let stopping = false;
child.once('error', (error) => finish(error.message));
child.once('exit', (code, signal) => finish(signal ? `ended by ${signal}` : `exit code ${code}`));
process.once('disconnect', stop);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
if (process.connected) tell({ pid: child.pid });
else stop(); // the application was gone before we were here

function stop() {
  if (stopping) return;
  stopping = true;
  child.kill(removeAtEnd ? 'SIGKILL' : 'SIGTERM'); // a clean end takes a second, and serves data that stays
  setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS).unref();
}

/** @param {string} ended */
function finish(ended) {
  if (!stopping) tell({ ended, log: logged() });
  closeSync(log);
  if (removeAtEnd) rmSync(removeAtEnd, { recursive: true, force: true, maxRetries: 5 });
  if (process.connected) process.disconnect();
}

/** What mongod wrote, of much only the end. */
function logged() {
  const end = fstatSync(log).size;
  const start = Math.max(logStart, end - 64 * 1024);
  const bytes = Buffer.alloc(Math.max(0, end - start));
  readSync(log, bytes, 0, bytes.length, start);
  return bytes.toString('utf8');
}

/** @param {object} message */
function tell(message) {
  if (process.connected) process.send?.(message, undefined, undefined, () => {}); // the other end may vanish meanwhile
}

/**
 * Should somebody kill -9 this process as well, Linux can end mongod.
 *
 * @returns {string[]} what to put before the command
 */
function dyingWithUs() {
  const wrapper = ['setpriv', '--pdeathsig', 'TERM', '--'];
  const [name = '', ...options] = [...wrapper, 'true'];
  return process.platform === 'linux' && spawnSync(name, options).status === 0 ? wrapper : [];
}
