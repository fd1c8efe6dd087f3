// npm run prove -- <name> [--runs N] [--seed S] [--json FILE]
// npm run prove -- --short [--seed S]
//
// Runs a proof on a mongod of its own, shows progress, and ends with one line of JSON; exits 1 when anything failed.
// With --short: the short version of every proof that `npm test` does not run, one after the other.
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { MongoClient, ObjectId } from 'mongodb';
import { startEmbedded } from './mongod/embedded.mjs';
import { startThreeNodes } from './mongod/three-nodes.mjs';
import { progressBar } from './progress-bar.mjs';
import { projectRoot } from './project-root.mjs';

/** @typedef {import('../test/proofs/proof.js').Proof} Proof */

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string' }, seed: { type: 'string' }, json: { type: 'string' }, short: { type: 'boolean' } },
});

const built = pathToFileURL(join(projectRoot, 'build', 'proofs', 'test', 'proofs', 'index.js')).href;
/** @type {{ proofs: Proof[] }} */
const { proofs } = await import(built);
const chosen = proofs.filter(({ name, short }) => (values.short ? short !== undefined : name === positionals[0]));

if (chosen.length === 0) {
  if (positionals[0] !== undefined) console.error(`There is no proof "${positionals[0]}".`);
  console.log('npm run prove -- <name> [--runs N] [--seed S] [--json FILE]\n');
  for (const { name, about, runs } of proofs) console.log(`  ${name.padEnd(14)} ${about} (${runs} runs)`);
  process.exit(positionals[0] === undefined ? 0 : 1);
}

const seed = Number(values.seed ?? randomInt(2 ** 31));
if ((values.runs !== undefined && !(Number(values.runs) >= 1)) || !Number.isSafeInteger(seed)) {
  console.error('--runs takes a whole number above 0, --seed a whole number.');
  process.exit(1);
}

const server = await startEmbedded();
process.env.NODE_ENV = 'production'; // random classes would warn of every field they lack
const client = await new MongoClient(server.uri).connect();
let failures = 0;
try {
  for (const proof of chosen) failures += await prove(proof);
} finally {
  await client.close();
  await server.stop();
}
process.exit(failures === 0 ? 0 : 1);

/**
 * @param {Proof} proof
 * @returns {Promise<number>} how much failed
 */
async function prove(proof) {
  const runs = Math.floor(Number(values.runs ?? (values.short ? proof.short : proof.runs)));
  console.error(`${proof.name}: ${runs} runs, --seed ${seed}`);
  const bar = await progressBar(proof.name);
  try {
    const figures = await proof.run({
      runs,
      seed,
      client,
      database: `cow_prove_${new ObjectId().toHexString()}`,
      servers: { single: startEmbedded, replicaSet: startThreeNodes },
      progress: (done) => bar.update(done / runs),
      report: (text) => console.error(`\n${text}\n`),
    });
    bar.stop();
    const { version } = await client.db('admin').command({ buildInfo: 1 });
    const on = `MongoDB ${version}, Node ${process.versions.node}`;
    const result = JSON.stringify({ proof: proof.name, runs, seed, ...figures, on });
    if (values.json !== undefined) await writeFile(values.json, `${result}\n`);
    console.log(result);
    return figures.failures;
  } finally {
    bar.stop();
  }
}
