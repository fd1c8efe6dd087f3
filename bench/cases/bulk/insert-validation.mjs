import { orderRecords } from '../../data/orders.mjs';

/** Rules of class-validator on every field, or `{ validate: false }`: types, ids and names are checked in any case. */
const insert =
  (validate) =>
  ({ repository, entities, db }, { size }) => {
    const orders = repository(entities.ValidatedOrder);
    return {
      async before() {
        await db.collection('validated_orders').deleteMany({});
        return orderRecords(size);
      },
      run: (records) => orders.insertMany(records, { validate }).then((ids) => ids.length),
    };
  };

export default {
  name: 'insert-validation',
  title: 'insert 1,000 plain records of a class with rules on every field: unvalidated, validated',
  size: 1_000,
  brief: 300,
  seed: () => ({ validated_orders: [] }),
  run: { cow: insert(false), 'cow-validated': insert(true) },
  expected: ({ size }) => size,
};
