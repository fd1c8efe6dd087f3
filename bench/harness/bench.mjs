// The benchmark itself; bench.mjs in the folder above prepares for it and starts it, with a Node that all accept.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { startEmbedded } from '../../tools/mongod/embedded.mjs';
import { progressBar } from '../../tools/progress-bar.mjs';
import { chart } from '../report/chart.mjs';
import { writeResult } from '../report/results.mjs';
import { tableOf } from '../report/table.mjs';
import { cases } from './cases.mjs';
import { Fleet } from './fleet.mjs';
import { GROUPS } from './groups.mjs';
import { machine, versions } from './machine.mjs';
import { measure } from './measure.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '9' },
    data: { type: 'string' },
    out: { type: 'string' },
    add: { type: 'boolean' },
    list: { type: 'boolean' },
  },
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) fail('--rounds takes a whole number above 0.');
if (values.data !== undefined) process.env.ODM_DATA = resolve(process.env.INIT_CWD ?? '.', values.data);
const chosen = cases.filter(isChosen);
if (values.list) {
  for (const { name, title } of chosen) console.log(`${name.padEnd(28)} ${title}`);
  process.exit();
}
if (chosen.length === 0) fail(`No case has a name or group "${values.only}". --list shows them all.`);

const server = process.env.MONGODB_URI
  ? { uri: process.env.MONGODB_URI, stop: async () => undefined }
  : await startEmbedded({ onLine: (line) => console.error(line) });
const fleet = new Fleet({ uri: server.uri, database: `cow_bench_${randomBytes(4).toString('hex')}` });
const bar = await progressBar('bench');
const out = resolve(process.env.INIT_CWD ?? '.', values.out ?? join(import.meta.dirname, '..', 'build', 'result.json'));
const known = values.add && existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')).results : [];
const results = [];
const failed = [];
try {
  const server = await fleet.serverVersion();
  for (const [at, one] of chosen.entries()) {
    const progress = (fraction) => bar.update((at + fraction) / chosen.length);
    try {
      results.push(await measure(one, fleet, { rounds, purpose: 'full', progress }));
    } catch (error) {
      failed.push(`${one.name}: ${error.message}`);
    }
    save(server);
  }
} finally {
  bar.stop();
  await fleet.drop();
  await fleet.end();
  await server.stop();
}
for (const [name, title] of Object.entries(GROUPS)) {
  const own = results.filter((result) => result.group === name);
  if (own.length > 0) console.log(tableOf(title, own));
}
console.log(`\nWritten: ${out}, and a chart beside it.`);
for (const line of failed) console.error(`\nFAILED ${line}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** After each case: what was measured is not lost when the rest is broken off. */
function save(server) {
  const measured = new Map([...known, ...results].map((result) => [result.name, result]));
  const result = {
    measured: new Date().toISOString().slice(0, 10),
    server,
    ...machine(),
    versions: versions(),
    results: cases.flatMap(({ name }) => measured.get(name) ?? []),
  };
  writeResult(out, result);
  writeFileSync(out.replace(/\.json$/, '.svg'), chart(result));
}

function isChosen({ name, group }) {
  return values.only === undefined || values.only.some((only) => name.includes(only) || group === only);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
