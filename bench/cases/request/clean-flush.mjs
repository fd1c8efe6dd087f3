import { orders } from '../../data/orders.mjs';
import { readTwo } from '../support/read-order.mjs';

export default {
  name: 'request-clean-1000',
  title: 'load 1,000, read 2 fields, change nothing, flush',
  size: 1_000,
  seed: ({ size, bson }) => ({ orders: orders(size, bson) }),
  run: {
    cow({ uow, repository, entities }) {
      const found = repository(entities.Order);
      return () => uow.run(async () => readTwo(await found.find()));
    },
    driver:
      ({ db }) =>
      async () =>
        readTwo(await db.collection('orders').find().toArray()),
    // One that is to be saved: without knowing what changed, all are asked.
    mongoose:
      ({ models: { Order } }) =>
      async () => {
        const found = await Order.find();
        const sum = readTwo(found);
        const changed = found.filter((order) => order.isModified());
        if (changed.length > 0) await Order.bulkSave(changed);
        return sum;
      },
    'mikro-orm':
      ({ fork, entities }) =>
      async () => {
        const em = fork();
        const sum = readTwo(await em.find(entities.Order, {}));
        await em.flush();
        return sum;
      },
  },
  expected: ({ seeded }) => readTwo(seeded.orders),
};
