import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeValue } from '../../../lib/bson/raw-value.js';
import {
  arrayFilters,
  inStatements,
  isPathSafe,
  toUpdateDocument,
  type PathChange,
} from '../../../lib/flush/change.js';

const set = (path: string): PathChange => ({ op: '$set', path, value: 1 });
const push = (path: string): PathChange => ({ op: '$push', path, values: [1] });

describe('inStatements', () => {
  it('keeps what does not overlap in one statement', () => {
    const changes = [set('a'), set('b.c'), push('d'), set('b.d'), set('bc')];
    expect(inStatements(changes)).toEqual([changes]);
  });

  it('of nothing is nothing', () => {
    expect(inStatements([])).toEqual([]);
  });

  it('puts edits of elements before what is appended to their array', () => {
    const edit = set('items.$[e0].qty');
    const pull: PathChange = { op: '$pull', path: 'items', key: 'sku', values: [encodeValue('x')] };
    expect(inStatements([edit, pull, push('items'), set('other')])).toEqual([
      [edit, set('other')],
      [pull],
      [push('items')],
    ]);
  });

  const path = fc
    .array(fc.constantFrom('a', 'b', 'ab', '$[e0]', '0'), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join('.'));
  const overlap = (a: string, b: string) => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);

  it('never has two overlapping paths in one, and never changes the order of those that overlap', () => {
    fc.assert(
      fc.property(fc.array(path, { maxLength: 8 }), (paths) => {
        const changes = paths.map(set);
        const statements = inStatements(changes);
        expect(new Set(statements.flat())).toEqual(new Set(changes));
        expect(statements.flat()).toHaveLength(changes.length);
        for (const statement of statements) {
          statement.forEach((one, i) => {
            for (const other of statement.slice(i + 1)) expect(overlap(one.path, other.path)).toBe(false);
          });
        }
        const order = (change: PathChange) => statements.findIndex((statement) => statement.includes(change));
        changes.forEach((one, i) => {
          for (const other of changes.slice(i + 1)) {
            if (overlap(one.path, other.path)) expect(order(one)).toBeLessThan(order(other));
          }
        });
      }),
    );
  });
});

describe('toUpdateDocument', () => {
  it('gathers changes by operator', () => {
    const key = encodeValue('x');
    expect(
      toUpdateDocument([
        { op: '$set', path: 'a', value: 1 },
        { op: '$set', path: 'b.c', value: null },
        { op: '$unset', path: 'd' },
        { op: '$push', path: 'e', values: [1, 2] },
        { op: '$push', path: 'f', values: [1], position: 0 },
        { op: '$addToSet', path: 'g', values: ['a'] },
        { op: '$pullAll', path: 'h', values: ['a'] },
        { op: '$inc', path: 'i', value: 2 },
        { op: '$max', path: 'j', value: 3 },
        { op: '$pull', path: 'k', key: 'sku', values: [key] },
        { op: '$pull', path: 'l', key: 'sku', values: [key, key] },
      ]),
    ).toEqual({
      $set: { a: 1, 'b.c': null },
      $unset: { d: '' },
      $push: { e: { $each: [1, 2] }, f: { $each: [1], $position: 0 } },
      $addToSet: { g: { $each: ['a'] } },
      $pullAll: { h: ['a'] },
      $inc: { i: 2 },
      $max: { j: 3 },
      $pull: { k: { sku: { $eq: key } }, l: { sku: { $in: [key, key] } } },
    });
  });

  it('of nothing has no operator', () => {
    expect(toUpdateDocument([])).toEqual({});
  });

  it('never gives the server a bare value to pull: it would be a pattern, or an operator', () => {
    for (const values of [[/a/], [{ $gt: '' }], ['a', 'b']].map((list) => list.map(encodeValue))) {
      const { k } = toUpdateDocument([{ op: '$pull', path: 'k', key: 'sku', values }]).$pull as { k: { sku: object } };
      expect(Object.keys(k.sku)).toEqual([values.length === 1 ? '$eq' : '$in']);
    }
  });
});

describe('arrayFilters', () => {
  it('has one for each identifier', () => {
    const element = (name: string) => ({ name, key: 'sku', value: encodeValue(name) });
    const changes: PathChange[] = [
      { ...set('items.$[e0].a'), elements: [element('e0')] },
      { ...set('items.$[e0].b.$[e1].c'), elements: [element('e0'), element('e1')] },
      set('x'),
    ];
    expect(arrayFilters(changes)).toEqual([
      { 'e0.sku': { $eq: element('e0').value } },
      { 'e1.sku': { $eq: element('e1').value } },
    ]);
    expect(arrayFilters([set('x')])).toBeUndefined();
  });
});

describe('isPathSafe', () => {
  it.each(['a', 'é', 'a b', '0', 'a$', '__proto__'])('%j can be part of a path', (name) => {
    expect(isPathSafe(name)).toBe(true);
  });
  it.each(['', '$a', 'a.b', '.', 'a\0b'])('%j cannot', (name) => {
    expect(isPathSafe(name)).toBe(false);
  });
});
