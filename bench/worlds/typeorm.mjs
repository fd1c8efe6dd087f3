import { Binary, ObjectId } from 'mongodb';
import { DataSource, EntitySchema } from 'typeorm';

const columns = (from, to, type) =>
  Object.fromEntries(Array.from({ length: to - from + 1 }, (_, at) => [`field${from + at}`, { type }]));
const id = { _id: { type: String, primary: true, objectId: true } };
const entity = (name, collection, own, embeddeds) =>
  new EntitySchema({ name, target: class {}, tableName: collection, columns: { ...id, ...own }, embeddeds });
const embedded = (name, own) => new EntitySchema({ name, columns: own });

const Address = embedded('Address', {
  street: { type: String },
  city: { type: String },
  zip: { type: String },
  country: { type: String },
});
const LineItem = embedded('LineItem', {
  sku: { type: String },
  name: { type: String },
  qty: { type: Number },
  price: { type: Number },
});
const Texts = embedded('Texts', { unique_id: { type: Object, nullable: true }, ...columns(1, 15, String) });
const Numbers = embedded('Numbers', columns(1, 15, Number));

const entities = {
  Order: entity(
    'Order',
    'orders',
    {
      number: { type: Number },
      customer: { type: String },
      email: { type: String },
      status: { type: String },
      total: { type: Number },
      currency: { type: String },
      paid: { type: Boolean },
      priority: { type: Number },
      placedAt: { type: Date },
    },
    { address: { schema: Address }, items: { schema: LineItem, array: true } },
  ),
  Small: entity('Small', 'small', {
    ...columns(1, 7, String),
    ...columns(8, 13, Number),
    field_fk: { type: Object, nullable: true },
  }),
  Large: entity('Large', 'large', {
    ...columns(1, 125, String),
    ...columns(126, 250, Number),
    image_field: { type: Buffer },
  }),
  Nested: entity(
    'Nested',
    'nested',
    {},
    {
      ...Object.fromEntries([1, 2, 3, 4, 5].map((at) => [`embedded_str_doc_${at}`, { schema: Texts }])),
      embedded_str_doc_array: { schema: Texts, array: true },
      ...Object.fromEntries([8, 9, 10, 11, 12, 13, 14].map((at) => [`embedded_int_doc_${at}`, { schema: Numbers }])),
    },
  ),
};

/** TypeORM with its MongoDB driver. */
export async function open({ uri, database }) {
  const source = await new DataSource({
    type: 'mongodb',
    url: uri.replace('/?', `/${database}?`),
    entities: Object.values(entities),
  }).initialize();
  const client = source.driver.queryRunner.databaseConnection;
  return {
    source,
    /** @param {keyof typeof entities} name */
    repository: (name) => source.getMongoRepository(entities[name].options.target),
    /** Not `create()`: it takes an embedded array apart, field by field (typeorm 1.1.1). */
    make: (name, record) => Object.assign(new entities[name].options.target(), record),
    db: client.db(database),
    bson: { Binary, ObjectId },
    uri,
    database,
    close: () => source.destroy(),
  };
}
