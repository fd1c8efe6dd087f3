/**
 * "Load, change a field of each, write" as each participant's documentation has it: the unit of work where there is
 * one, the bulk call where there is one.
 *
 * @param {(order: any, value: string) => void} [change] default: `status` becomes the value, another one in each run
 */
export function changing(change = (order, value) => (order.status = value)) {
  const all = (found, value) => {
    for (const order of found) change(order, value);
  };
  return {
    cow: ({ uow, repository, entities }) => {
      const orders = repository(entities.Order);
      return each((value) => uow.run(async () => all(await orders.find(), value)));
    },
    driver: ({ db }) => {
      const orders = db.collection('orders');
      return each(async (status) => {
        const found = await orders.find().toArray();
        await orders.bulkWrite(
          found.map(({ _id }) => ({ updateOne: { filter: { _id }, update: { $set: { status } } } })),
        );
      });
    },
    mongoose: ({ models: { Order } }) =>
      each(async (value) => {
        const found = await Order.find();
        all(found, value);
        if (found.length === 1) await found[0].save();
        else await Order.bulkSave(found);
      }),
    'mikro-orm': ({ fork, entities }) =>
      each(async (value) => {
        const em = fork();
        all(await em.find(entities.Order, {}), value);
        await em.flush();
      }),
    typeorm: ({ repository }) => {
      const orders = repository('Order');
      return each(async (value) => {
        const found = await orders.find();
        all(found, value);
        await orders.save(found);
      });
    },
  };
}

/** Calls with another value each time, and answers it. */
export function each(run) {
  let at = 0;
  return async () => {
    const value = `state ${at++}`;
    await run(value);
    return value;
  };
}

/** Has every order the value that the run answered? */
export async function allHave(db, { size }, value) {
  const count = await db.collection('orders').countDocuments({ status: value });
  if (count !== size) throw new Error(`${count} of ${size} orders have the status "${value}"`);
}
