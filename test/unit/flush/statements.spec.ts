import { describe, expect, it } from '@jest/globals';
import { BSON, Int32, ObjectId, type Document } from 'mongodb';
import type { RawValue } from '../../../lib/bson/raw-value.js';
import { encodeDocument, encodeValue } from '../../../lib/bson/raw-value.js';
import { commandFor } from '../../../lib/flush/commands.js';
import type { PathChange } from '../../../lib/flush/change.js';
import type { UpdateWrite, WriteTarget } from '../../../lib/flush/plan.js';
import { documentsArray, updateStatements } from '../../../lib/flush/statements.js';

const target = { isCollated: false, map: { collection: 'as', indexes: [] } } as unknown as WriteTarget;
const id = new ObjectId();
const write = (changes: PathChange[], filter: Record<string, unknown> = { _id: id }): UpdateWrite => ({
  ...{ kind: 'update', target, id: 'x', filter, changes, guards: [] },
  ...{ base: encodeDocument({}), next: encodeDocument({}) },
});
const COLLATION = { locale: 'simple' };
const decoded = (value: RawValue) => BSON.deserialize(BSON.serialize({ value })).value as Document[];
const key = encodeValue('s1');
const element = { name: 'e0', key: 'sku', value: key };

const CHANGES: [string, PathChange[]][] = [
  [
    'scalars',
    [
      { op: '$set', path: 'a', value: 'x' },
      { op: '$unset', path: 'b' },
      { op: '$set', path: 'c.d', value: new Int32(1) },
    ],
  ],
  ['raw values', [{ op: '$set', path: 'a', value: encodeValue({ deep: [1, 'é'] }) }]],
  [
    'numbers',
    [
      { op: '$inc', path: 'n', value: 2 },
      { op: '$max', path: 'at', value: new Date(7) },
      { op: '$min', path: 'm', value: 1.5 },
    ],
  ],
  [
    'lists',
    [
      { op: '$push', path: 'l', values: [key, { a: 1 }], position: 0 },
      { op: '$pull', path: 'k', key: 'sku', values: [key] },
    ],
  ],
  [
    'sets',
    [
      { op: '$addToSet', path: 's', values: ['a'] },
      { op: '$pop', path: 'p', value: 1 },
    ],
  ],
  ['elements', [{ op: '$set', path: 'items.$[e0].qty', value: 2, elements: [element] }]],
  [
    'several statements',
    [
      { op: '$pullAll', path: 's', values: ['a'] },
      { op: '$addToSet', path: 's', values: ['b'] },
    ],
  ],
];

describe('updateStatements', () => {
  it.each(CHANGES)('of %s are what the command says', (_, changes) => {
    const writes = [write(changes), write(changes, { _id: 'text', shard: { $eq: 1 } })];
    const { updates } = BSON.deserialize(BSON.serialize(commandFor(writes, false))) as { updates: Document[] };
    const without = (one: Document) => ({ ...one, collation: undefined });
    expect(decoded(updateStatements(writes, COLLATION)).map(without)).toEqual(updates.map(without));
  });

  it.each([
    ['$set', { op: '$set', path: 'a', value: 'x' }, false],
    ['$push', { op: '$push', path: 'a', values: ['x'] }, false],
    ['$addToSet', { op: '$addToSet', path: 'a', values: ['x'] }, true],
    ['$pullAll', { op: '$pullAll', path: 'a', values: ['x'] }, true],
    ['$pull', { op: '$pull', path: 'a', key: 'sku', values: [key] }, true],
    ['$max', { op: '$max', path: 'a', value: 'x' }, true],
    ['an element by its key', { op: '$set', path: 'i.$[e0].q', value: 1, elements: [element] }, true],
  ] as [string, PathChange, boolean][])('name a collation where strings are compared: %s', (_, change, isNamed) => {
    const [one] = decoded(updateStatements([write([change])], COLLATION));
    expect(one!.collation).toEqual(isNamed ? COLLATION : undefined);
    const [other] = decoded(updateStatements([write([change])], undefined));
    expect(other).not.toHaveProperty('collation');
  });

  it('name it for a filter by text, and for more than the id', () => {
    const change: PathChange = { op: '$set', path: 'a', value: 1 };
    const collations = [{ _id: 'x' }, { _id: id, tenant: 't' }, { _id: id }].map(
      (filter) => decoded(updateStatements([write([change], filter)], COLLATION))[0]!.collation as unknown,
    );
    expect(collations).toEqual([COLLATION, COLLATION, undefined]);
  });
});

describe('documentsArray', () => {
  it('holds the documents, byte for byte', () => {
    const documents = Array.from({ length: 1_200 }, (_, index) => encodeDocument({ index, text: 'x'.repeat(index) }));
    const array = documentsArray(documents);
    expect(array.elements().map(({ bytes, start, end }) => bytes.subarray(start, end))).toEqual(documents);
    expect(decoded(array)).toHaveLength(1_200);
  });
});
