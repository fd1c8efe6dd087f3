import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem, type } from 'node:os';
import { join } from 'node:path';

/** What a figure depends on; nothing that names a machine or its owner. */
export function machine() {
  const [{ model = 'unknown' } = {}] = cpus();
  return {
    node: process.versions.node,
    machine: {
      system: `${type()} ${process.arch}`,
      cpu: model,
      cores: cpus().length,
      /** Of the last minute: what else ran, and the benchmark itself. */
      load: Number((loadavg()[0] ?? 0).toFixed(1)),
      memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    },
  };
}

/** Versions of all that is compared. */
export function versions() {
  const folder = join(import.meta.dirname, '..');
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const own = JSON.parse(readFileSync(join(folder, '..', 'package.json'), 'utf8'));
  return { 'nestjs-cow': own.version, ...dependencies };
}
