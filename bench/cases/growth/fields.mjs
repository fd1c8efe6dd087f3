import { wideDocuments } from '../../data/wide.mjs';
import { finding } from '../support/find.mjs';

const read = (found) => found.reduce((sum, { field1, field2 }) => sum + field1.length + field2.length, 0);

export default [10, 50, 200].map((fields) => ({
  name: `grow-fields-${fields}`,
  title: `load 1,000 entities of ${fields} fields, read 2`,
  size: 1_000,
  seed: ({ size, bson }) => ({ [`wide_${fields}`]: wideDocuments(size, fields, bson) }),
  run: finding(`Wide${fields}`, read, { participants: ['cow', 'driver', 'mongoose', 'lean', 'mikro-orm'] }),
  expected: ({ seeded }) => read(seeded[`wide_${fields}`]),
}));
