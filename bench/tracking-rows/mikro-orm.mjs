import { defineEntity, MikroORM, p } from '@mikro-orm/core';
import { MongoDriver } from '@mikro-orm/mongodb';
import { Binary, Decimal128, Long, ObjectId } from 'mongodb';

const embeddable = (name, properties, options = {}) => defineEntity({ name, embeddable: true, properties, ...options });

const Geo = embeddable('Geo', { lat: p.double().nullable(), lon: p.double().nullable() });
const Address = embeddable('Address', {
  street: p.string(),
  city: p.string(),
  geo: () => p.embedded(Geo).object().nullable(),
  lines: p.array().nullable(),
});
const Item = embeddable('Item', {
  sku: p.string(),
  qty: p.double(),
  note: p.string().nullable(),
  marks: p.array().nullable(),
});
const Point = embeddable('Point', { x: p.double(), y: p.double(), label: p.string().nullable() });
const Payment = embeddable(
  'Payment',
  { kind: p.enum(['card', 'transfer']) },
  { abstract: true, discriminator: 'kind' },
);
const Card = embeddable(
  'Card',
  { number: p.string(), holder: p.string() },
  { extends: Payment, discriminatorValue: 'card' },
);
const Transfer = embeddable('Transfer', { iban: p.string() }, { extends: Payment, discriminatorValue: 'transfer' });

const Order = defineEntity({
  name: 'Order',
  collection: 'orders',
  properties: {
    _id: p.type(ObjectId).primary(),
    customer: p.string(),
    note: p.string().nullable(),
    status: p.string().default('new'),
    total: p.double(),
    count: p.integer(),
    paid: p.boolean(),
    owner: p.type(ObjectId),
    price: p.unknown(),
    serial: p.bigint(),
    placedAt: p.datetime().nullable(),
    reminders: p.array(),
    data: p.blob().nullable(),
    // As an object of its own: the default is one top-level field for each of its parts.
    address: () => p.embedded(Address).object().nullable(),
    billing: () => p.embedded(Address).object().nullable(),
    payment: () => p.embedded([Card, Transfer]).object().nullable(),
    items: () => p.embedded(Item).array(),
    points: () => p.embedded(Point).array(),
    tags: p.array().nullable(),
    extras: p.array().nullable(),
    scores: p.array(),
    grid: p.json(),
    stock: p.json().nullable(),
    spots: p.json(),
    roles: p.array(),
    meta: p.json(),
    views: p.double().nullable(),
    best: p.double(),
    cheapest: p.double(),
    labels: p.array(),
  },
});

/** @type {import('./peers.mjs').Peer} */
export const mikroOrmPeer = {
  name: 'MikroORM',
  packages: ['@mikro-orm/core', '@mikro-orm/mongodb'],
  kinds: { maps: false, sets: false },
  stored: (document) => document,

  async open(uri, database) {
    const orm = await MikroORM.init({
      driver: MongoDriver,
      clientUrl: uri,
      dbName: database,
      entities: [Geo, Address, Item, Point, Payment, Card, Transfer, Order],
      driverOptions: { monitorCommands: true },
      ensureIndexes: false,
    });
    await orm.connect();
    return {
      client: orm.em.getConnection().getClient(),
      bson: { ObjectId, Decimal128, Long, Binary },
      async begin() {
        const em = orm.em.fork();
        return {
          load: (id, fields) => em.findOneOrFail(Order, { _id: id }, fields && { fields }),
          flush: () => em.flush(),
          memory: (entity) => Object.fromEntries(Object.keys(Order.properties).map((key) => [key, entity[key]])),
        };
      },
      close: () => orm.close(),
    };
  },
};
