import { orders } from '../../data/orders.mjs';
import { readTwo } from '../support/read-order.mjs';

/** As resolvers and loops do: each asks for the one that it needs. */
export default {
  name: 'request-same-tick',
  title: '100 findById in one tick',
  size: 100,
  seed: ({ size, bson }) => ({ orders: orders(size, bson) }),
  run: {
    cow({ uow, repository, entities }, { seeded }) {
      const found = repository(entities.Order);
      return () => uow.run(async () => readTwo(await Promise.all(seeded.orders.map(({ _id }) => found.findById(_id)))));
    },
    driver({ db }, { seeded }) {
      const collection = db.collection('orders');
      return async () => readTwo(await Promise.all(seeded.orders.map(({ _id }) => collection.findOne({ _id }))));
    },
    mongoose:
      ({ models: { Order } }, { seeded }) =>
      async () =>
        readTwo(await Promise.all(seeded.orders.map(({ _id }) => Order.findById(_id)))),
    lean:
      ({ models: { Order } }, { seeded }) =>
      async () =>
        readTwo(await Promise.all(seeded.orders.map(({ _id }) => Order.findById(_id).lean()))),
    'mikro-orm':
      ({ fork, entities }, { seeded }) =>
      async () => {
        const em = fork();
        return readTwo(await Promise.all(seeded.orders.map(({ _id }) => em.findOne(entities.Order, { _id }))));
      },
    typeorm({ repository }, { seeded }) {
      const found = repository('Order');
      return async () => readTwo(await Promise.all(seeded.orders.map(({ _id }) => found.findOneBy({ _id }))));
    },
  },
  expected: ({ seeded }) => readTwo(seeded.orders),
};
