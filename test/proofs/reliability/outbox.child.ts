// The application that is killed: it relays, and writes down what was delivered.
import { MongoClient } from 'mongodb';
import { Connection, OutboxRelay } from '../../../lib/index.js';

const [, , uri = '', database = ''] = process.argv;
const client = await new MongoClient(uri).connect();
const db = client.db(database);
const settings = { atomicity: 'transaction', flushTimeoutMS: 20_000, validate: false, outbox: 'outbox' } as const;
const relay = new OutboxRelay(
  new Connection('default', client, db, settings),
  ({ id, about, payload }) => db.collection('delivered').insertOne({ event: id, about, ...(payload as object) }),
  { leaseMS: 300 },
);
relay.start();
process.send?.('started');
process.on('disconnect', () => process.exit()); // the parent is gone
