import { describe, expect, it } from '@jest/globals';
import { Long, ObjectId } from 'mongodb';
import { encodeDocument, encodeValue, RawValue } from '../../../lib/bson/raw-value.js';
import type { Guard } from '../../../lib/flush/change.js';
import { brokenGuards } from '../../../lib/flush/guard-check.js';
import { fitsFilter, guardedFilter } from '../../../lib/flush/guard-filter.js';

// That these forms are exact, and agree with each other, test/integration/flush/agreement.spec.ts shows on a server.

const value = (path: string, original: unknown): Guard => ({
  kind: 'value',
  path,
  field: path,
  original: original === undefined ? undefined : encodeValue(original),
});
const element = (inner: object): Guard =>
  ({ kind: 'element', path: 'items', field: 'items.0', key: 'sku', value: encodeValue('x'), inner }) as Guard;
const whole = (original: unknown) => element({ kind: 'whole', original: encodeValue(original) });
const at = (index: number, original: unknown): Guard => ({
  ...{ kind: 'position', path: 'a', field: `a.${index}`, index },
  original: encodeValue(original),
});
const absent: Guard = { kind: 'absentKey', path: 'items', field: 'items', key: 'sku', value: encodeValue('x') };
const count: Guard = { kind: 'count', path: 'a', field: 'a', value: encodeValue(1), count: 2 };

describe('guardedFilter', () => {
  const id = new ObjectId();
  const filter = (...guards: Guard[]) => guardedFilter({ _id: id }, guards);

  it('says each guard in its exact form', () => {
    expect(filter(value('a', 'x'))).toEqual({ _id: id, a: { $eq: 'x', $not: { $elemMatch: { $eq: 'x' } } } });
    expect(filter(value('a', null))).toEqual({ _id: id, a: { $type: 10, $not: { $type: 'array' } } });
    expect(filter(value('a', undefined))).toEqual({ _id: id, a: { $exists: false } });
    expect(filter({ kind: 'object', path: 'a', field: 'a' })).toEqual({
      _id: id,
      a: { $type: 'object', $not: { $type: 'array' } },
    });
    expect(filter({ kind: 'array', path: 'a', field: 'a' })).toEqual({ _id: id, a: { $type: 'array' } });
    expect(filter(absent)).toEqual({ _id: id, items: { $not: { $elemMatch: { sku: { $eq: 'x' } } } } });
  });

  it('joins several of one path', () => {
    const guards: Guard[] = [{ kind: 'array', path: 'items', field: 'items' }, absent];
    expect(filter(...guards)).toEqual({
      _id: id,
      items: { $type: 'array' },
      $and: [{ items: { $not: { $elemMatch: { sku: { $eq: 'x' } } } } }],
    });
  });

  it('keeps the type of what a JavaScript value would blur', () => {
    const { a } = filter(value('a', Long.fromNumber(5))) as { a: { $eq: unknown } };
    expect(a.$eq).toBeInstanceOf(RawValue);
  });

  it('leaves the filter it is given alone', () => {
    const given = { _id: id };
    guardedFilter(given, [value('a', 1)]);
    expect(given).toEqual({ _id: id });
  });
});

describe('fitsFilter', () => {
  it.each<[string, Guard]>([
    ['a scalar', value('a', 1)],
    ['a missing value', value('a', undefined)],
    ['a small object', value('a', { b: 1 })],
    ['a small array', value('a', [1])],
    ['a count', count],
    ['an array in an element', element({ kind: 'value', path: 'q', field: 'q', original: encodeValue([1]) })],
    ['an object', { kind: 'object', path: 'a', field: 'a' }],
    ['an absent key', absent],
    ['a small element', whole({ sku: 'x' })],
    ['a field of an element', element({ kind: 'value', path: 'qty', field: 'qty', original: encodeValue(1) })],
    ['a small element at its position', at(0, { b: 1 })],
  ])('%s does', (_, guard) => {
    expect(fitsFilter(guard)).toBe(true);
  });

  it.each<[string, Guard]>([
    ['a large value', value('a', 'x'.repeat(600))],
    ['a large element', whole({ sku: 'x', text: 'x'.repeat(600) })],
    ['a position in an element', element(at(0, 1))],
  ])('%s does not', (_, guard) => {
    expect(fitsFilter(guard)).toBe(false);
  });
});

describe('brokenGuards', () => {
  const broken = (document: Record<string, unknown>, ...guards: Guard[]) =>
    brokenGuards(RawValue.ofDocument(encodeDocument(document)), guards);

  it.each<[string, Record<string, unknown>, Guard, boolean]>([
    ['an equal value', { a: 1 }, value('a', 1), true],
    ['another value', { a: 2 }, value('a', 1), false],
    ['a nested value', { a: { b: 1 } }, value('a.b', 1), true],
    ['a value whose parent is gone', {}, value('a.b', 1), false],
    ['a missing value whose parent is gone', {}, value('a.b', undefined), true],
    ['null for missing', { a: null }, value('a', undefined), false],
    ['an array that contains it', { a: [1] }, value('a', 1), false],
    ['an object', { a: {} }, { kind: 'object', path: 'a', field: 'a' }, true],
    ['an array of objects', { a: [{}] }, { kind: 'object', path: 'a', field: 'a' }, false],
    ['an array', { a: [] }, { kind: 'array', path: 'a', field: 'a' }, true],
    ['no array', { a: 1 }, { kind: 'array', path: 'a', field: 'a' }, false],
    ['an absent key', { items: [{ sku: 'y' }] }, absent, true],
    ['a present key', { items: [{ sku: 'y' }, { sku: 'x' }] }, absent, false],
    ['an element', { items: [{ sku: 'y' }, { sku: 'x' }] }, whole({ sku: 'x' }), true],
    ['a changed element', { items: [{ sku: 'x', qty: 1 }] }, whole({ sku: 'x' }), false],
    ['a twin', { items: [{ sku: 'x' }, { sku: 'x' }] }, whole({ sku: 'x' }), false],
    ['a removed element', { items: [] }, whole({ sku: 'x' }), false],
    ['a position', { a: [1, 2] }, at(1, 2), true],
    ['a position that is gone', { a: [1] }, at(1, 2), false],
    ['a count', { a: [1, 2, 1] }, count, true],
    ['another count', { a: [1, 1, 1] }, count, false],
  ])('%s', (_, document, guard, holds) => {
    expect(broken(document, guard)).toEqual(holds ? [] : [guard]);
  });

  it('answers all that are broken', () => {
    const guards = [value('a', 1), value('b', 1), value('c', 1)];
    expect(broken({ a: 1, b: 2 }, ...guards)).toEqual(guards.slice(1));
  });
});
