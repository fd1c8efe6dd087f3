import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary } from '../../../../tools/mongod/find-binary.mjs';
import { freePort } from '../../../../tools/mongod/free-port.mjs';
import { superviseMongod } from '../../../../tools/mongod/supervised-mongod.mjs';

export interface Standalone {
  readonly uri: string;
  stop(): Promise<void>;
}

/** A mongod that is no member of a replica set, and so has no transactions. */
export async function startStandalone(port?: number): Promise<Standalone> {
  const { path } = await findBinary();
  const directory = await mkdtemp(join(tmpdir(), 'nestjs-cow-standalone-'));
  const dbPath = join(directory, 'db');
  await mkdir(dbPath);
  const listens = port ?? (await freePort());
  const options = ['--port', String(listens), '--bind_ip', '127.0.0.1', '--dbpath', dbPath, '--nounixsocket'];
  const run = superviseMongod([path, ...options], { logFile: join(directory, 'log'), removeAtEnd: directory });
  await run.listening(listens);
  return { uri: `mongodb://127.0.0.1:${listens}/standalone`, stop: () => run.stop() };
}
