import { orders } from '../../data/orders.mjs';

/** One reply with all of them, of which nothing is read: nobody who finds them can do less. */
const receiving =
  ({ db }, { size }) =>
  async () => {
    const { cursor } = await db.command({ find: 'orders', batchSize: size + 1 }, { raw: true });
    return cursor.length > size * 100;
  };

export default {
  name: 'find-received',
  title: 'receive 10,000 orders as bytes, read nothing: the floor of the above',
  size: 10_000,
  brief: 4_000,
  forgets: true,
  seed: ({ size, bson }) => ({ orders: orders(size, bson) }),
  run: { cow: receiving, driver: receiving },
  expected: () => true,
};
