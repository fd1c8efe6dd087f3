import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * What the system says about a running process; a zombie is none.
 *
 * @param {number} pid
 * @returns {{ parent: number, command: string } | undefined} command: the arguments, joined by spaces
 */
export function processOf(pid) {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/**
 * Slim Linux images have no ps.
 *
 * @param {number} pid
 */
function fromProc(pid) {
  try {
    // "pid (name) state parent …", where the name may hold anything
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { parent: Number(parent), command };
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function fromPs(pid) {
  const { stdout } = spawnSync('ps', ['-ww', '-o', 'stat=,ppid=,args=', '-p', String(pid)], { encoding: 'utf8' });
  const [, state = 'Z', parent, command = ''] = /^\s*(\S+)\s+(\d+)\s+(.*)$/m.exec(stdout ?? '') ?? [];
  return state.startsWith('Z') ? undefined : { parent: Number(parent), command };
}
