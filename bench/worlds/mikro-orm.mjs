import { defineEntity, MikroORM, p } from '@mikro-orm/core';
import { MongoDriver } from '@mikro-orm/mongodb';
import { Binary, ObjectId } from 'mongodb';

const fields = (from, to, property) =>
  Object.fromEntries(Array.from({ length: to - from + 1 }, (_, at) => [`field${from + at}`, property]));
const texts = (count) => fields(1, count, p.string());
const id = { _id: p.type(ObjectId).primary() };

const embeddable = (name, properties) => defineEntity({ name, embeddable: true, properties });
const Address = embeddable('Address', { street: p.string(), city: p.string(), zip: p.string(), country: p.string() });
const LineItem = embeddable('LineItem', { sku: p.string(), name: p.string(), qty: p.double(), price: p.double() });
const Texts = embeddable('Texts', { unique_id: p.type(ObjectId).nullable(), ...texts(15) });
const Numbers = embeddable('Numbers', fields(1, 15, p.double()));

// Embedded values as objects of their own: the default is one top-level field for each of their parts.
const entities = {
  Order: defineEntity({
    name: 'Order',
    collection: 'orders',
    properties: {
      ...id,
      number: p.double(),
      customer: p.string(),
      email: p.string(),
      status: p.string(),
      total: p.double(),
      currency: p.string(),
      paid: p.boolean(),
      priority: p.double(),
      placedAt: p.datetime(),
      address: () => p.embedded(Address).object(),
      items: () => p.embedded(LineItem).array(),
    },
  }),
  Small: defineEntity({
    name: 'Small',
    collection: 'small',
    properties: { ...id, ...texts(7), ...fields(8, 13, p.double()), field_fk: p.type(ObjectId).nullable() },
  }),
  Large: defineEntity({
    name: 'Large',
    collection: 'large',
    properties: { ...id, ...texts(125), ...fields(126, 250, p.double()), image_field: p.blob() },
  }),
  Nested: defineEntity({
    name: 'Nested',
    collection: 'nested',
    properties: {
      ...id,
      ...Object.fromEntries([1, 2, 3, 4, 5].map((at) => [`embedded_str_doc_${at}`, () => p.embedded(Texts).object()])),
      embedded_str_doc_array: () => p.embedded(Texts).array(),
      ...Object.fromEntries(
        [8, 9, 10, 11, 12, 13, 14].map((at) => [`embedded_int_doc_${at}`, () => p.embedded(Numbers).object()]),
      ),
    },
  }),
  ...Object.fromEntries(
    [10, 50, 200].map((count) => [
      `Wide${count}`,
      defineEntity({ name: `Wide${count}`, collection: `wide_${count}`, properties: { ...id, ...texts(count) } }),
    ]),
  ),
};

/** MikroORM 7: a fork of the entity manager for each unit of work, as its documentation asks for. */
export async function open({ uri, database }) {
  const orm = await MikroORM.init({
    driver: MongoDriver,
    clientUrl: uri,
    dbName: database,
    entities: [Address, LineItem, Texts, Numbers, ...Object.values(entities)],
    ensureIndexes: false,
  });
  await orm.connect();
  return {
    orm,
    entities,
    /** A unit of work. */
    fork: () => orm.em.fork(),
    db: orm.em.getConnection().getClient().db(database),
    bson: { Binary, ObjectId },
    uri,
    database,
    close: () => orm.close(),
  };
}
