import mongoose from 'mongoose';

const { Schema } = mongoose;

const geo = new Schema({ lat: Number, lon: Number }, { _id: false });
// Lists that a document may lack do not become empty ones: Mongoose would write those with any other change.
const optionalList = { type: [String], default: undefined };
const address = new Schema({ street: String, city: String, geo, lines: optionalList }, { _id: false });
const item = new Schema({ sku: String, qty: Number, note: String, marks: optionalList }, { _id: false });
const point = new Schema({ x: Number, y: Number, label: String }, { _id: false });
const payment = new Schema({}, { _id: false, discriminatorKey: 'kind' });

const order = new Schema(
  {
    customer: String,
    note: String,
    status: { type: String, default: 'new' },
    total: Number,
    count: Number,
    paid: Boolean,
    owner: Schema.Types.ObjectId,
    price: Schema.Types.Decimal128,
    serial: BigInt,
    placedAt: Date,
    reminders: [Date],
    data: Buffer,
    address,
    billing: address,
    payment,
    items: [item],
    points: [point],
    tags: [String],
    extras: optionalList,
    scores: [Number],
    grid: [[Number]],
    stock: { type: Map, of: Number },
    spots: { type: Map, of: point },
    roles: [String],
    meta: Schema.Types.Mixed,
    views: Number,
    best: Number,
    cheapest: Number,
    labels: [String],
  },
  { collection: 'orders' },
);
order.path('payment').discriminator('card', new Schema({ number: String, holder: String }, { _id: false }));
order.path('payment').discriminator('transfer', new Schema({ iban: String }, { _id: false }));

/** @type {import('./peers.mjs').Peer} */
export const mongoosePeer = {
  name: 'Mongoose',
  packages: ['mongoose'],
  kinds: { maps: true, sets: false },
  // Documents that Mongoose has made carry its version.
  stored: (document) => ({ ...document, __v: 0 }),

  async open(uri, database) {
    const connection = await mongoose
      .createConnection(uri, { dbName: database, monitorCommands: true, autoIndex: false, autoCreate: false })
      .asPromise();
    const Order = connection.model('Order', order);
    const { ObjectId, Decimal128, Long, Binary } = mongoose.mongo;
    return {
      client: connection.getClient(),
      bson: { ObjectId, Decimal128, Long, Binary },
      async begin() {
        return {
          load: (id, fields) => (fields ? Order.findById(id).select(fields) : Order.findById(id)),
          flush: (entity) => entity.save(),
          memory: (entity) => entity.toObject({ flattenMaps: true, minimize: false }),
        };
      },
      close: () => connection.close(),
    };
  },
};
