/**
 * Runs the README's service method with other libraries, on a real server, and writes what each was seen to send.
 *
 *   npm run readme-method
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BSON } from 'mongodb';

import { startEmbedded } from '../../tools/mongod/embedded.mjs';
import { mikroOrmPeer } from '../tracking-rows/mikro-orm.mjs';
import { mongoosePeer } from '../tracking-rows/mongoose.mjs';
import { storedOrder } from '../tracking-rows/order.mjs';

const WRITES = ['insert', 'update', 'delete', 'findAndModify', 'bulkWrite'];

/** The method, between loading and saving: the README shows it. */
function ship(order, city) {
  order.status = 'shipped';
  order.address.city = city;
  order.items[1].qty += 1;
  order.tags.push('express');
}

const server = await startEmbedded();
const seen = {};
try {
  for (const peer of [mongoosePeer, mikroOrmPeer]) {
    const database = `cow_readme_${randomBytes(6).toString('hex')}`;
    const open = await peer.open(server.uri, database);
    const orders = open.client.db(database).collection('orders');
    const _id = new open.bson.ObjectId();
    await orders.insertOne({ _id, ...peer.stored(storedOrder(open.bson)) });
    const { load, flush } = await open.begin();
    const order = await load(_id);
    const sent = [];
    open.client.on('commandStarted', ({ commandName, command }) => {
      if (WRITES.includes(commandName)) sent.push(BSON.EJSON.serialize(command, { relaxed: true }));
    });
    ship(order, 'Graz');
    await flush(order);
    seen[peer.name] = sent.flatMap(({ updates }) => updates.map(({ q, u }) => ({ q: without(q), u })));
    await open.client.db(database).dropDatabase();
    await open.close();
  }
} finally {
  await server.stop();
}
writeFileSync(join(import.meta.dirname, 'seen.json'), `${JSON.stringify(seen, null, 2)}\n`);
console.log(JSON.stringify(seen, null, 2));

function without({ _id, ...rest }) {
  return { ...(_id && { _id: '…' }), ...rest };
}
