import { odmDocuments } from '../../data/odm.mjs';
import { finding } from '../support/find.mjs';

function read(found) {
  let length = 0;
  for (const one of found) length += one.embedded_str_doc_1.field1.length + one.embedded_int_doc_8.field3;
  return length;
}

export default {
  name: 'find-nested',
  title: 'find 1,000 nested documents of 6 KB, read a field of 2 of their 14 parts',
  size: 1_000,
  brief: 500,
  seed({ size, bson }) {
    const { nested } = odmDocuments(bson);
    return { nested: Array.from({ length: size }, () => ({ _id: new bson.ObjectId(), ...structuredClone(nested) })) };
  },
  run: finding('Nested', read),
  expected: ({ seeded }) => read(seeded.nested),
};
