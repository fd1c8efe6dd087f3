import { odmDocuments, TASK_BYTES } from '../../data/odm.mjs';
import { allUpdated, creating, findingEach, updating } from '../support/odm.mjs';

/** As many copies of a document as wanted, each with ids of its own. */
const copies = ({ size, bson }, document) =>
  Array.from({ length: size }, () => ({ _id: new bson.ObjectId(), ...document, field_fk: new bson.ObjectId() }));

const small = (at) => ({ small: copies(at, odmDocuments(at.bson).small) });
const large = ({ size, bson }) => {
  const document = odmDocuments(bson).large;
  return { large: Array.from({ length: size }, () => ({ _id: new bson.ObjectId(), ...document })) };
};
const areStored =
  (collection) =>
  async (db, { size }) => {
    const stored = await db.collection(collection).countDocuments({ field1: { $type: 'string' } });
    if (stored !== size) throw new Error(`${stored} of ${size} documents are stored`);
  };
const common = { size: 100, brief: 60, minimum: 60 };
const few = { size: 3, brief: 2, tiny: 1, minimum: 60 };

export default [
  {
    ...common,
    name: 'odm-small-create',
    title: 'flat models, create small',
    bytes: TASK_BYTES.small,
    seed: () => ({ small: [] }),
    run: creating('Small', 'small', (bson) => odmDocuments(bson).small),
    verify: areStored('small'),
  },
  {
    ...common,
    name: 'odm-small-update',
    title: 'flat models, update small',
    bytes: TASK_BYTES.update,
    seed: small,
    run: updating('Small', 'small', 'field1'),
    verify: allUpdated('small', 'field1'),
  },
  {
    ...common,
    name: 'odm-small-find',
    title: 'flat models, find small by filter',
    bytes: TASK_BYTES.small,
    seed: small,
    run: findingEach('Small', 'small', '_id', ({ _id }) => _id, 'id'),
    expected: ({ size }) => size,
  },
  {
    ...common,
    name: 'odm-foreign-find',
    title: 'flat models, find small by foreign key',
    bytes: TASK_BYTES.small,
    seed: small,
    indexes: [['small', { field_fk: 1 }]],
    run: findingEach('Small', 'small', 'field_fk', ({ field_fk }) => field_fk, 'foreign'),
    expected: ({ size }) => size,
  },
  {
    ...few,
    name: 'odm-large-create',
    title: 'flat models, create large',
    bytes: TASK_BYTES.large,
    seed: () => ({ large: [] }),
    run: creating('Large', 'large', (bson) => {
      const { image_field, ...fields } = odmDocuments(bson).large;
      return { ...fields, image_field: image_field.buffer };
    }),
    verify: areStored('large'),
  },
  {
    ...few,
    name: 'odm-large-update',
    title: 'flat models, update large',
    bytes: TASK_BYTES.update,
    seed: large,
    run: updating('Large', 'large', 'field1'),
    verify: allUpdated('large', 'field1'),
  },
];
