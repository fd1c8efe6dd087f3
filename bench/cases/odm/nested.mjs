import { odmDocuments, TASK_BYTES } from '../../data/odm.mjs';
import { allUpdated, creating, findingEach, updating } from '../support/odm.mjs';

const IN_OBJECT = 'embedded_str_doc_1.unique_id';
const IN_ARRAY = 'embedded_str_doc_array.unique_id';

/** Copies of the document; what they are found by is their own. */
function seed({ size, bson }) {
  const { nested } = odmDocuments(bson);
  const withId = (texts) => ({ ...texts, unique_id: new bson.ObjectId() });
  const [first, ...others] = nested.embedded_str_doc_array;
  return {
    nested: Array.from({ length: size }, () => ({
      _id: new bson.ObjectId(),
      ...nested,
      embedded_str_doc_1: withId(nested.embedded_str_doc_1),
      embedded_str_doc_array: [withId(first), ...others],
    })),
  };
}

const common = { size: 100, brief: 40, minimum: 60 };
const find = (path, valueOf) => ({
  ...common,
  bytes: TASK_BYTES.nested,
  seed,
  indexes: [['nested', { [path]: 1 }]],
  run: findingEach('Nested', 'nested', path, valueOf),
  expected: ({ size }) => size,
});

export default [
  {
    ...common,
    name: 'odm-nested-create',
    title: 'nested models, create large',
    bytes: TASK_BYTES.nested,
    seed: () => ({ nested: [] }),
    run: creating('Nested', 'nested', (bson) => odmDocuments(bson).nested),
    async verify(db, { size }) {
      const stored = await db
        .collection('nested')
        .countDocuments({ 'embedded_str_doc_array.1.field15': { $type: 'string' } });
      if (stored !== size) throw new Error(`${stored} of ${size} documents are stored`);
    },
  },
  {
    ...common,
    name: 'odm-nested-update',
    title: 'nested models, update a nested field',
    bytes: TASK_BYTES.update,
    seed,
    run: updating('Nested', 'nested', 'embedded_str_doc_1.field1'),
    verify: allUpdated('nested', 'embedded_str_doc_1.field1'),
  },
  {
    ...find(IN_OBJECT, (document) => document.embedded_str_doc_1.unique_id),
    name: 'odm-nested-find',
    title: 'nested models, find by a nested field',
  },
  {
    ...find(IN_ARRAY, (document) => document.embedded_str_doc_array[0].unique_id),
    name: 'odm-nested-find-array',
    title: 'nested models, find by a field in a nested array',
  },
];
