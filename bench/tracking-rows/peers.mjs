/**
 * Runs the rows through other libraries, on a real server, and writes what was seen to peers.json.
 *
 *   npm run tracking-rows [-- --only <part of a title>]      prints instead of writing when --only is given
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Binary, BSON, Decimal128, Long, ObjectId } from 'mongodb';

import { digestOf, documentOf, mutationOf, outcomeOf } from './measure.mjs';
import { mikroOrmPeer } from './mikro-orm.mjs';
import { mongoosePeer } from './mongoose.mjs';
import { rows } from './rows.mjs';

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {string[]} packages
 * @property {import('./order.mjs').Kinds} kinds
 * @property {(document: object) => object} stored the document as the library would have stored it
 * @property {(uri: string, database: string) => Promise<OpenPeer>} open
 *
 * @typedef {object} OpenPeer
 * @property {any} client the library's own MongoClient
 * @property {import('./order.mjs').BsonClasses} bson
 * @property {() => Promise<Run>} begin what is to begin for each row: a fresh entity manager
 * @property {() => Promise<unknown>} close
 *
 * @typedef {object} Run
 * @property {(id: any, fields?: string[]) => Promise<any>} load
 * @property {(entity: any) => Promise<unknown>} flush
 * @property {(entity: any) => object} memory
 */

const ROOT = join(import.meta.dirname, '..', '..');
const FILE = join(import.meta.dirname, 'peers.json');
const WRITES = ['insert', 'update', 'delete', 'findAndModify', 'bulkWrite'];

const [, , flag, only = ''] = process.argv;
const server = await startServer();
try {
  const results = {};
  let version = '';
  for (const peer of [mongoosePeer, mikroOrmPeer]) {
    const measured = await measure(peer, server.uri);
    version = measured.version;
    for (const [title, result] of Object.entries(measured.rows)) (results[title] ??= {})[peer.name] = result;
  }
  if (flag === '--only') console.log(inspect(results, { depth: 12, breakLength: 140 }));
  else write(results, version);
} finally {
  await server.stop();
}

async function startServer() {
  if (process.env.MONGODB_URI) return { uri: process.env.MONGODB_URI, stop: async () => undefined };
  if (!existsSync(join(ROOT, 'node_modules'))) throw new Error('Run "npm ci" in the root of the project first.');
  const { startEmbedded } = await import('../../tools/mongod/embedded.mjs');
  return startEmbedded({ onLine: (line) => console.error(line) });
}

/**
 * @param {Peer} peer
 * @param {string} uri
 */
async function measure(peer, uri) {
  const database = `cow_bench_${randomBytes(6).toString('hex')}`;
  const open = await peer.open(uri, database);
  const db = open.client.db(database);
  try {
    const measured = {};
    for (const row of rows) {
      if (!row.title.includes(only)) continue;
      measured[row.title] = row.except === peer.name ? 'cannot express' : await measureRow(peer, open, db, row);
    }
    const { version } = await db.admin().serverInfo();
    return { rows: measured, version };
  } finally {
    await db.dropDatabase();
    await open.close();
  }
}

async function measureRow(peer, { client, bson, begin }, db, row) {
  const orders = db.collection('orders');
  const document = { _id: new bson.ObjectId(), ...peer.stored(documentOf(row, bson)) };
  await orders.insertOne(document);
  const stored = () => orders.findOne({ _id: document._id }, { promoteBuffers: false, promoteLongs: false });

  const { load, flush, memory } = await begin();
  const observed = observe(client);
  let entity;
  let error;
  try {
    entity = await load(document._id, row.fields);
    observed.clear();
    mutationOf(row, peer.kinds)(entity, bson);
    await flush(entity);
  } catch (thrown) {
    error = thrown;
  }
  const sent = observed.stop();
  const after = await stored();
  const outcome = error
    ? 'refused'
    : outcomeOf(row, { bson, kinds: peer.kinds, memory: memory(entity), database: after });
  if (flag === '--only')
    console.log(peer.name, inspect({ row: row.title, memory: entity && memory(entity), after, error }, { depth: 6 }));
  return {
    outcome,
    ...(error ? { error: error.name === 'Error' ? error.message : error.name } : {}),
    reads: sent.filter(({ commandName }) => !WRITES.includes(commandName)).length,
    sent: sent.filter(({ commandName }) => WRITES.includes(commandName)).flatMap(({ command }) => statements(command)),
  };
}

function observe(client) {
  let events = [];
  // Copied at once: libraries go on working with the objects that they have passed to the driver.
  const onStarted = ({ commandName, command }) =>
    events.push({ commandName, command: JSON.parse(BSON.EJSON.stringify(command, { relaxed: true })) });
  client.on('commandStarted', onStarted);
  return {
    clear: () => (events = []),
    stop() {
      client.off('commandStarted', onStarted);
      return events.filter(({ commandName }) => !['endSessions', 'hello', 'ping'].includes(commandName));
    },
  };
}

/** The statements of a command: filter, update, arrayFilters. */
function statements(command) {
  return (command.updates ?? []).map(({ q, u, arrayFilters }) => ({
    q: withoutId(q),
    u,
    ...(arrayFilters ? { arrayFilters } : {}),
  }));
}

function withoutId(filter) {
  return Object.fromEntries(Object.entries(filter).filter(([name]) => name !== '_id'));
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', 'node_modules', name, 'package.json'), 'utf8'))
    .version;
}

function write(results, server) {
  const bson = { Binary, Decimal128, Long, ObjectId };
  const packages = [mongoosePeer, mikroOrmPeer].flatMap((peer) => peer.packages);
  const head = {
    about: 'Written by "npm run tracking-rows" in bench/. What JSON cannot say is written as MongoDB’s extended JSON.',
    measured: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    server,
    packages: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  };
  const content = rows.map((row) => {
    const peers = Object.entries({ digest: digestOf(row, bson), ...results[row.title] });
    return `${JSON.stringify(row.title)}: {\n${peers.map(([name, value]) => `"${name}": ${JSON.stringify(value)}`).join(',')}}`;
  });
  // What is on one line stays there, as long as it fits.
  writeFileSync(FILE, `${JSON.stringify(head, null, 2).slice(0, -2)},\n"rows": {\n${content.join(',\n')}}}`);
  const prettier = join(ROOT, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
  const formatted = spawnSync(process.execPath, [prettier, '--write', '--log-level', 'warn', FILE], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (formatted.status !== 0) throw new Error('peers.json was written, but could not be formatted.');
  console.log(`${rows.length} rows written to peers.json; now run "npm run docs:tracking" in the root of the project.`);
}
