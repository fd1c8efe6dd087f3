import { odmDocuments } from '../../data/odm.mjs';
import { finding } from '../support/find.mjs';

function read(found) {
  let length = 0;
  for (const one of found) length += one.field1.length + one.field126;
  return length;
}

export default {
  name: 'find-large',
  title: 'find 10 flat documents of 2.4 MB, read 2 of 251 fields',
  size: 10,
  tiny: 2,
  seed({ size, bson }) {
    const { large } = odmDocuments(bson);
    return { large: Array.from({ length: size }, () => ({ _id: new bson.ObjectId(), ...large })) };
  },
  run: finding('Large', read),
  expected: ({ seeded }) => read(seeded.large),
};
