import { orders } from '../../data/orders.mjs';
import { each } from '../support/change.mjs';

const SIZE = 1_000;

/** All are loaded, some are changed, and one flush writes those. */
const changing = (dirty) => ({
  cow({ uow, repository, entities }) {
    const found = repository(entities.Order);
    return each((value) =>
      uow.run(async () => {
        for (const order of (await found.find()).slice(0, dirty)) order.status = value;
      }),
    );
  },
  driver({ db }) {
    const found = db.collection('orders');
    return each(async (status) => {
      const changed = (await found.find().toArray()).slice(0, dirty);
      await found.bulkWrite(
        changed.map(({ _id }) => ({ updateOne: { filter: { _id }, update: { $set: { status } } } })),
      );
    });
  },
  mongoose: ({ models: { Order } }) =>
    each(async (value) => {
      const found = await Order.find();
      for (const order of found.slice(0, dirty)) order.status = value;
      await Order.bulkSave(found.filter((order) => order.isModified()));
    }),
  'mikro-orm': ({ fork, entities }) =>
    each(async (value) => {
      const em = fork();
      for (const order of (await em.find(entities.Order, {})).slice(0, dirty)) order.status = value;
      await em.flush();
    }),
});

export default [1, 10, 100, 1_000].map((dirty) => ({
  name: `grow-dirty-${dirty}`,
  title: `load 1,000, change ${dirty.toLocaleString('en')}, flush`,
  size: SIZE,
  seed: ({ size, bson }) => ({ orders: orders(size, bson) }),
  run: changing(dirty),
  async verify(db, { size }, value) {
    const wanted = Math.min(dirty, size);
    const count = await db.collection('orders').countDocuments({ status: value });
    if (count !== wanted) throw new Error(`${count} of ${wanted} orders are changed`);
  },
}));
