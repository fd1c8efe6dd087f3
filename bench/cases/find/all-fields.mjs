import { orders } from '../../data/orders.mjs';
import { finding } from '../support/find.mjs';
import { readAll } from '../support/read-order.mjs';

const common = {
  size: 10_000,
  brief: 4_000,
  forgets: true,
  seed: ({ size, bson }) => ({ orders: orders(size, bson) }),
  expected: ({ seeded }) => readAll(seeded.orders),
};

export default [
  {
    ...common,
    name: 'find-all-fields',
    title: 'find 10,000 orders, read all fields, tracked',
    run: finding('Order', readAll),
  },
  {
    ...common,
    name: 'find-all-fields-flush',
    title: 'the same, and a flush that finds nothing changed',
    run: finding('Order', readAll, { flush: 'auto', participants: ['cow', 'driver', 'mikro-orm'] }),
  },
  {
    ...common,
    name: 'find-readonly',
    title: 'find 10,000 orders read-only, read all fields',
    run: finding('Order', readAll, { cow: { readonly: true }, participants: ['cow', 'driver', 'lean'] }),
  },
];
