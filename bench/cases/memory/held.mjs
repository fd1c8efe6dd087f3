import { orders } from '../../data/orders.mjs';
import { holding } from '../support/held.mjs';
import { readAll } from '../support/read-order.mjs';

const nothing = () => undefined;
const change = (found) => {
  for (const order of found) order.status = 'changed';
};

/** What is held after all were loaded, and something was done with each: with what the library keeps beside them. */
const loading = (use) => ({
  async cow({ uow, repository, entities }) {
    const found = repository(entities.Order);
    let held;
    return {
      async run() {
        held = await holding(uow, () => found.find());
        held.enter(() => use(held.loaded));
        return held;
      },
      async release() {
        await held.close();
        held = undefined;
      },
    };
  },
  driver:
    ({ db }) =>
    async () => {
      const found = await db.collection('orders').find().toArray();
      use(found);
      return found;
    },
  'driver-copy':
    ({ db }) =>
    async () => {
      const found = await db.collection('orders').find().toArray();
      const copies = found.map((order) => deepCopy(order));
      use(found);
      return { found, copies };
    },
  mongoose:
    ({ models: { Order } }) =>
    async () => {
      const found = await Order.find();
      use(found);
      return found;
    },
  'mikro-orm':
    ({ fork, entities }) =>
    async () => {
      const em = fork();
      const found = await em.find(entities.Order, {});
      use(found);
      return { em, found };
    },
  typeorm:
    ({ repository }) =>
    async () => {
      const found = await repository('Order').find();
      use(found);
      return found;
    },
});

function deepCopy(value) {
  if (Array.isArray(value)) return value.map(deepCopy);
  if (value instanceof Date) return new Date(value);
  if (typeof value !== 'object' || value === null || value._bsontype !== undefined) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, deepCopy(part)]));
}

const common = {
  kind: 'bytes',
  size: 5_000,
  brief: 2_000,
  seed: ({ size, bson }) => ({ orders: orders(size, bson) }),
};

export default [
  { ...common, name: 'held-untouched', title: 'bytes held per loaded order, untouched', run: loading(nothing) },
  { ...common, name: 'held-touched', title: 'bytes held per loaded order, every field read', run: loading(readAll) },
  { ...common, name: 'held-dirty', title: 'bytes held per loaded order, one field changed', run: loading(change) },
];
