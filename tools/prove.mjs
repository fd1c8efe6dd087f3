// npm run prove -- <name> [--runs N] [--seed S] [--json FILE]
//
// Runs a proof on a mongod of its own, shows progress, and ends with one line of JSON; exits 1 when anything failed.
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { MongoClient, ObjectId } from 'mongodb';
import { startEmbedded } from './mongod/embedded.mjs';
import { progressBar } from './progress-bar.mjs';
import { projectRoot } from './project-root.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string' }, seed: { type: 'string' }, json: { type: 'string' } },
});

const built = pathToFileURL(join(projectRoot, 'build', 'proofs', 'test', 'proofs', 'index.js')).href;
/** @type {{ proofs: import('../test/proofs/proof.js').Proof[] }} */
const { proofs } = await import(built);
const proof = proofs.find(({ name }) => name === positionals[0]);

if (proof === undefined) {
  if (positionals[0] !== undefined) console.error(`There is no proof "${positionals[0]}".`);
  console.log('npm run prove -- <name> [--runs N] [--seed S] [--json FILE]\n');
  for (const { name, about, runs } of proofs) console.log(`  ${name.padEnd(14)} ${about} (${runs} runs)`);
  process.exit(positionals[0] === undefined ? 0 : 1);
}

const runs = Number(values.runs ?? proof.runs);
const seed = Number(values.seed ?? randomInt(2 ** 31));
if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
  console.error('--runs takes a whole number above 0, --seed a whole number.');
  process.exit(1);
}
console.error(`${proof.name}: ${runs} runs, --seed ${seed}`);

const server = await startEmbedded();
process.env.NODE_ENV = 'production'; // random classes would warn of every field they lack
const client = await new MongoClient(server.uri).connect();
const bar = await progressBar(proof.name);
let code;
try {
  const figures = await proof.run({
    runs,
    seed,
    client,
    database: `cow_prove_${new ObjectId().toHexString()}`,
    progress: (done) => bar.update(done / runs),
    report: (text) => console.error(`\n${text}\n`),
  });
  bar.stop();
  const result = JSON.stringify({ proof: proof.name, runs, seed, ...figures });
  if (values.json !== undefined) await writeFile(values.json, `${result}\n`);
  console.log(result);
  code = figures.failures === 0 ? 0 : 1;
} finally {
  bar.stop();
  await client.close();
  await server.stop();
}
process.exit(code);
