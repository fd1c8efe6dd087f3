import { orders } from '../../data/orders.mjs';

/** Each run gives every order a priority that it has not had. */
function updating(update) {
  let from = 1_000;
  return async () => {
    from += 10_000;
    const base = from;
    await update((at) => base + at);
    return base;
  };
}

const statements = (seeded, value) =>
  seeded.map(({ _id }, at) => ({ updateOne: { filter: { _id }, update: { $set: { priority: value(at) } } } }));

export default {
  name: 'update-by-id',
  title: '1,000 updates by id, one field, another value each',
  size: 1_000,
  brief: 500,
  seed: ({ size, bson }) => ({ orders: orders(size, bson) }),
  run: {
    cow({ repository, entities }, { seeded }) {
      const found = repository(entities.Order);
      return updating((value) =>
        found.updateEach(seeded.orders.map(({ _id }, at) => ({ id: _id, data: { priority: value(at) } }))),
      );
    },
    driver: ({ db }, { seeded }) =>
      updating((value) => db.collection('orders').bulkWrite(statements(seeded.orders, value))),
    mongoose: ({ models: { Order } }, { seeded }) =>
      updating((value) => Order.bulkWrite(statements(seeded.orders, value))),
    'mikro-orm': ({ fork, entities }, { seeded }) => {
      const ids = seeded.orders.map(({ _id }) => _id);
      return updating(async (value) => {
        const em = fork();
        const found = await em.find(entities.Order, { _id: { $in: ids } }, { fields: ['priority'] });
        for (const [at, order] of found.entries()) order.priority = value(at);
        await em.flush();
      });
    },
    typeorm: ({ repository }, { seeded }) => {
      const found = repository('Order');
      return updating((value) => found.bulkWrite(statements(seeded.orders, value)));
    },
  },
  async verify(db, { size }, base) {
    const count = await db.collection('orders').countDocuments({ priority: { $gte: base, $lt: base + size } });
    if (count !== size) throw new Error(`${count} of ${size} orders are updated`);
  },
};
