import { orders } from '../../data/orders.mjs';
import { finding } from '../support/find.mjs';
import { readTwo } from '../support/read-order.mjs';

export default {
  name: 'find-two-fields',
  title: 'find 10,000 orders, read 2 fields',
  size: 10_000,
  brief: 4_000,
  forgets: true,
  seed: ({ size, bson }) => ({ orders: orders(size, bson) }),
  run: finding('Order', readTwo),
  expected: ({ seeded }) => readTwo(seeded.orders),
};
