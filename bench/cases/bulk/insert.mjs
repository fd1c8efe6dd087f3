import { orderRecords } from '../../data/orders.mjs';

const common = {
  size: 1_000,
  brief: 500,
  seed: () => ({ orders: [] }),
  async verify(db, { size }) {
    const stored = await db.collection('orders').countDocuments({ 'items.4.qty': { $gt: 0 } });
    if (stored !== size) throw new Error(`${stored} of ${size} orders are stored`);
  },
};

/** Each run begins with new records and an empty collection. */
function inserting(at, db, insert) {
  return {
    async before() {
      await db.collection('orders').deleteMany({});
      return orderRecords(at.size);
    },
    async run(records) {
      await insert(records);
    },
  };
}

export default [
  {
    ...common,
    name: 'insert-records',
    title: 'insert 1,000 plain records by the bulk call',
    run: {
      cow({ repository, entities, db }, at) {
        const orders = repository(entities.Order);
        return inserting(at, db, (records) => orders.insertMany(records));
      },
      driver: ({ db }, at) => inserting(at, db, (records) => db.collection('orders').insertMany(records)),
      mongoose: ({ models: { Order }, db }, at) => inserting(at, db, (records) => Order.insertMany(records)),
      'mikro-orm': ({ fork, entities, db }, at) =>
        inserting(at, db, (records) => fork().insertMany(entities.Order, records)),
      typeorm: ({ repository, db }, at) => inserting(at, db, (records) => repository('Order').insertMany(records)),
    },
  },
  {
    ...common,
    name: 'insert-entities',
    title: 'make 1,000 entities, flush',
    run: {
      cow({ uow, repository, entities, db }, at) {
        const orders = repository(entities.Order);
        return inserting(at, db, (records) =>
          uow.run(() => {
            for (const record of records) orders.create(record);
          }),
        );
      },
      driver: ({ db }, at) => inserting(at, db, (records) => db.collection('orders').insertMany(records)),
      mongoose: ({ models: { Order }, db }, at) =>
        inserting(at, db, (records) => Order.bulkSave(records.map((record) => new Order(record)))),
      'mikro-orm': ({ fork, entities, db }, at) =>
        inserting(at, db, async (records) => {
          const em = fork();
          for (const record of records) em.persist(em.create(entities.Order, record));
          await em.flush();
        }),
      typeorm({ repository, make, db }, at) {
        const orders = repository('Order');
        return inserting(at, db, (records) => orders.save(records.map((record) => make('Order', record))));
      },
    },
  },
];
