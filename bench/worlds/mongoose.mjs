import mongoose from 'mongoose';

const { Schema } = mongoose;
const fields = (from, to, type) =>
  Object.fromEntries(Array.from({ length: to - from + 1 }, (_, at) => [`field${from + at}`, type]));

const address = new Schema({ street: String, city: String, zip: String, country: String }, { _id: false });
const item = new Schema({ sku: String, name: String, qty: Number, price: Number }, { _id: false });
const texts = new Schema({ unique_id: Schema.Types.ObjectId, ...fields(1, 15, String) }, { _id: false });
const numbers = new Schema(fields(1, 15, Number), { _id: false });
const plain = { autoIndex: false, autoCreate: false };

export const orderSchema = new Schema(
  {
    number: Number,
    customer: String,
    email: String,
    status: String,
    total: Number,
    currency: String,
    paid: Boolean,
    priority: Number,
    placedAt: Date,
    address,
    items: [item],
  },
  { ...plain, collection: 'orders' },
);

const schemas = {
  Order: orderSchema,
  Small: new Schema(
    { ...fields(1, 7, String), ...fields(8, 13, Number), field_fk: Schema.Types.ObjectId },
    { ...plain, collection: 'small' },
  ),
  Large: new Schema(
    { ...fields(1, 125, String), ...fields(126, 250, Number), image_field: Buffer },
    { ...plain, collection: 'large' },
  ),
  Nested: new Schema(
    {
      ...Object.fromEntries([1, 2, 3, 4, 5].map((at) => [`embedded_str_doc_${at}`, texts])),
      embedded_str_doc_array: [texts],
      ...Object.fromEntries([8, 9, 10, 11, 12, 13, 14].map((at) => [`embedded_int_doc_${at}`, numbers])),
    },
    { ...plain, collection: 'nested' },
  ),
  ...Object.fromEntries(
    [10, 50, 200].map((count) => [
      `Wide${count}`,
      new Schema(fields(1, count, String), { ...plain, collection: `wide_${count}` }),
    ]),
  ),
};

/** Mongoose: documents, and with `lean()` plain objects. */
export async function open({ uri, database }) {
  const connection = await mongoose.createConnection(uri, { dbName: database }).asPromise();
  for (const [name, schema] of Object.entries(schemas)) connection.model(name, schema);
  const { Binary, ObjectId } = mongoose.mongo;
  return {
    connection,
    models: connection.models,
    db: connection.getClient().db(database),
    bson: { Binary, ObjectId },
    uri,
    database,
    close: () => connection.close(),
  };
}
