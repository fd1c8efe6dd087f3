import { describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Int32, Long } from 'mongodb';
import { RawValue, encodeDocument, encodeValue } from '../../../lib/bson/raw-value.js';
import type { Guard } from '../../../lib/flush/change.js';
import { brokenGuards } from '../../../lib/flush/guard-check.js';

const of = (document: Record<string, unknown>) => RawValue.ofDocument(encodeDocument(document));
const guard = (path: string, value?: unknown): Guard => ({
  kind: 'value',
  path,
  field: path,
  original: value === undefined ? undefined : encodeValue(value),
});

describe('brokenGuards', () => {
  const stored = { _id: 1, a: 'text', ab: 2, ä: true, n: new Double(5), o: { x: 1 }, none: null, list: ['q'] };

  it.each<[string, Guard[]]>([
    [
      'the very bytes',
      [guard('a', 'text'), guard('ab', 2), guard('ä', true), guard('o', { x: 1 }), guard('none', null)],
    ],
    ['what is missing', [guard('nope'), guard('o.nope')]],
    [
      'a number of another type',
      [guard('n', new Int32(5)), guard('n', Long.fromNumber(5)), guard('n', Decimal128.fromString('5.00'))],
    ],
    ['what lies inside', [guard('o.x', 1), guard('a', 'text')]],
    ['more guards than are looked up one by one', Array.from({ length: 20 }, () => guard('a', 'text'))],
  ])('finds none for %s', (_, guards) => {
    expect(brokenGuards(of(stored), guards)).toEqual([]);
  });

  it.each<[string, Guard]>([
    ['another text of its length', guard('a', 'texs')],
    ['a longer text', guard('a', 'texts')],
    ['a shorter text', guard('a', 'tex')],
    ['another type', guard('a', null)],
    ['a field that is there', guard('a')],
    ['a field that is not', guard('nope', null)],
    ['null that is missing', guard('none')],
    ['another list', guard('list', ['r'])],
    ['a part of a name', guard('b', 2)],
  ])('finds %s', (_, broken) => {
    expect(brokenGuards(of(stored), [guard('ab', 2), broken])).toEqual([broken]);
  });

  it('looks at the document where it lies', () => {
    const bytes = Buffer.concat([encodeDocument({ a: 1 }), encodeDocument(stored), encodeDocument({ a: 2 })]);
    const document = RawValue.ofDocument(bytes, encodeDocument({ a: 1 }).length);
    expect(brokenGuards(document, [guard('a', 'text'), guard('nope')])).toEqual([]);
    expect(brokenGuards(document, [guard('a', 'texx')])).toHaveLength(1);
  });
});
