import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { processOf } from './processes.mjs';
import { REPLICA_SET } from './replica-set.mjs';

const SUPERVISOR = 'supervisor.mjs';
const WAIT_FOR_APPLICATION_MS = 5_000;
const WAIT_FOR_END_MS = 30_000;

/**
 * The mongod that runs on a data directory. mongod itself notes its pid there, in mongod.lock; after a crash the
 * note is stale and the pid may be anybody's, so that the process's arguments decide.
 *
 * @typedef {{ pid: number, ours: boolean, supervised: boolean, application: number | undefined }} Occupant
 *   application: the pid of the application that started it, if that runs
 *
 * @param {string} dbPath
 * @returns {Occupant | undefined}
 */
export function occupantOf(dbPath) {
  const pid = notedPid(dbPath);
  const mongod = pid === undefined ? undefined : processOf(pid);
  if (pid === undefined || !mongod?.command.includes(`--dbpath ${dbPath} --`)) return undefined;
  const ours = mongod.command.includes(`--replSet ${REPLICA_SET} `);
  const parent = processOf(mongod.parent);
  if (!ours || !parent?.command.includes(SUPERVISOR)) return { pid, ours, supervised: false, application: undefined };
  // A process whose parent dies gets another one: this is no pid that somebody else got since.
  const named = Number(parent.command.split(`${SUPERVISOR} `)[1]?.split(' ')[0]);
  return { pid, ours, supervised: true, application: parent.parent === named ? named : undefined };
}

/**
 * Waits until no mongod runs on a data directory, and ends one that a killed application left behind. Nothing is ever
 * killed but a process that was just seen to be our mongod on this very directory.
 *
 * @param {string} dbPath
 * @param {(line: string) => void} onLine
 */
export async function vacate(dbPath, onLine) {
  const start = Date.now();
  let told = '';
  let asked = 0;
  for (;;) {
    const occupant = occupantOf(dbPath);
    if (occupant === undefined) return;
    const waited = Date.now() - start;
    const { pid, application } = occupant;
    if (!occupant.ours) throw inUse(dbPath, `by a mongod that was started by hand (pid ${pid})`);
    if (application !== undefined && waited > WAIT_FOR_APPLICATION_MS) {
      throw inUse(dbPath, `by an application that runs (pid ${application})`);
    }
    if (waited > WAIT_FOR_END_MS) signal(pid, 'SIGKILL');
    else if (!occupant.supervised && asked !== pid) signal((asked = pid), 'SIGTERM');
    const telling = application
      ? `The database in ${dbPath} is in use by the application with pid ${application}: waiting for it to end …`
      : `Ending the mongod that a killed application left behind (pid ${pid}) …`;
    if (told !== telling) onLine((told = telling));
    await sleep(100);
  }
}

/**
 * @param {string} dbPath
 * @param {string} by
 * @param {unknown} [cause]
 */
export function inUse(dbPath, by, cause) {
  const text = `The database in ${dbPath} is in use ${by}. Stop that first, or use another data directory.`;
  return new Error(text, { cause });
}

/** @param {string} dbPath */
function notedPid(dbPath) {
  try {
    const pid = Number.parseInt(readFileSync(join(dbPath, 'mongod.lock'), 'utf8'), 10);
    return pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} name
 */
function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}
