import { orders } from '../../data/orders.mjs';
import { finding } from '../support/find.mjs';
import { readTwo } from '../support/read-order.mjs';

export default {
  name: 'find-indexed',
  title: 'find 100 of 10,000 orders by an index, read 2 fields',
  size: 10_000,
  tiny: 200,
  minimum: 80,
  seed: ({ size, bson }) => ({ orders: orders(size, bson) }),
  indexes: [['orders', { priority: 1 }]],
  run: finding('Order', readTwo, { filter: () => ({ priority: 7 }) }),
  expected: ({ seeded }) => readTwo(seeded.orders.filter(({ priority }) => priority === 7)),
};
