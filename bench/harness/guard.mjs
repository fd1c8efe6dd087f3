// npm run bench:guard [-- --record | --only <part of a name>]
//
// Measures the core ratios briefly, and fails when one stays below its floor. --record sets the floors anew.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startEmbedded } from '../../tools/mongod/embedded.mjs';
import { progressBar } from '../../tools/progress-bar.mjs';
import { TARGETS, valueOf } from '../report/targets.mjs';
import { ATTEMPTS, floorOf, judge } from './check.mjs';
import { cases, findCase } from './cases.mjs';
import { Fleet } from './fleet.mjs';
import { measure } from './measure.mjs';

const FILE = join(import.meta.dirname, '..', 'floors.json');
const isRecording = process.argv.includes('--record');
const only = process.argv[process.argv.indexOf('--only') + 1 || Infinity];
const rounds = isRecording ? 9 : 5;

/** What is guarded: every target, by what varies least. */
const guarded = TARGETS.map((target) => ({ ...target, metric: target.metric === 'bytes' ? 'bytes' : 'cpu' }))
  .filter((target) => cases.some(({ name }) => name === target.case))
  .filter(
    (target, at, all) =>
      at === all.findIndex((other) => other.case === target.case && other.against === target.against),
  );

const server = await startEmbedded({ onLine: (line) => console.error(line) });
const fleet = new Fleet({ uri: server.uri, database: `cow_guard_${randomBytes(4).toString('hex')}` });
const bar = await progressBar('guard');
const start = performance.now();
try {
  process.exitCode = isRecording ? await record() : await check();
} finally {
  bar.stop();
  await fleet.end();
  await server.stop();
}
console.log(`\n${Math.round((performance.now() - start) / 1000)} s`);

async function record() {
  const results = [];
  const names = [
    ...new Set(guarded.flatMap(({ case: name, against }) => [name, ...(isCase(against) ? [against] : [])])),
  ];
  for (const [at, name] of names.entries()) {
    results.push(await measured(name));
    bar.update((at + 1) / names.length);
  }
  const checks = guarded.flatMap(({ case: name, metric, against, must }) => {
    const value = valueOf({ case: name, metric, against }, results);
    if (value === undefined) return [];
    const recorded = Number(value.toPrecision(3));
    return [{ case: name, metric, against, recorded, floor: floorOf(recorded, must, isCase(against)) }];
  });
  const about =
    'Written by "npm run bench:guard -- --record": how many times less ours takes, and the least that it may be.';
  const lines = checks.map((check) => `    ${onOneLine(check)}`).join(',\n');
  writeFileSync(FILE, `{\n  "about": ${JSON.stringify(about)},\n  "checks": [\n${lines}\n  ]\n}\n`);
  bar.stop();
  console.log(`${checks.length} floors written to bench/floors.json`);
  return 0;
}

async function check() {
  const { checks: all } = JSON.parse(readFileSync(FILE, 'utf8'));
  const checks = all.filter((check) => only === undefined || check.case.includes(only));
  /** Of each attempt; checks of one case share a measurement. */
  const attempts = new Map();
  const failed = [];
  const lines = [];
  for (const [at, check] of checks.entries()) {
    let attempt = 0;
    const verdict = await judge(check, (name) => {
      const key = `${name} ${name === check.case ? attempt++ : attempt}`;
      if (!attempts.has(key)) attempts.set(key, measured(name));
      return attempts.get(key);
    });
    const values = verdict.values.map((value) => value.toPrecision(3)).join(', ');
    const line = `${check.case} against ${check.against}, ${check.metric}: ${values} (floor ${check.floor}, was ${check.recorded})`;
    lines.push(`${verdict.holds ? 'ok    ' : 'FAILED'} ${line}`);
    if (!verdict.holds) failed.push(line);
    bar.update((at + 1) / checks.length);
  }
  bar.stop();
  console.log(lines.join('\n'));
  if (failed.length === 0) return 0;
  console.error(`\n${failed.length} of ${checks.length} stayed below their floor in ${ATTEMPTS} attempts.`);
  return 1;
}

async function measured(name) {
  const one = findCase(name);
  const others = guarded
    .filter((target) => target.case === name && !isCase(target.against))
    .map(({ against }) => against);
  const from = performance.now();
  const result = await measure(one, fleet, { rounds, purpose: 'brief', participants: ['cow', ...others] });
  if (process.env.BENCH_TIMES) console.error(`${name}: ${Math.round(performance.now() - from)} ms`);
  return result;
}

function isCase(name) {
  return cases.some((one) => one.name === name);
}

/** As prettier leaves it. */
function onOneLine(object) {
  const members = Object.entries(object).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{ ${members.join(', ')} }`;
}
