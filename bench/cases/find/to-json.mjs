import { orders } from '../../data/orders.mjs';
import { finding } from '../support/find.mjs';

const toJson = (found) => Buffer.byteLength(JSON.stringify(found));

export default {
  name: 'find-to-json',
  title: 'find 10,000 orders, JSON.stringify',
  size: 10_000,
  brief: 4_000,
  forgets: true,
  seed: ({ size, bson }) => ({ orders: orders(size, bson) }),
  run: finding('Order', toJson),
};
