import { describe, expect, it } from '@jest/globals';
import type { IndexMap } from '../../../lib/mapping/index.js';
import { asStored, compareIndex, describeIndex, indexName } from '../../../lib/nest/index-comparison.js';

const declared = (key: IndexMap['key'], options: IndexMap['options'] = {}): IndexMap => ({ key, options });

describe('an index that exists', () => {
  const email = declared({ email: 1 }, { unique: true });

  it.each([
    [{ key: { email: 1 }, unique: true, v: 2, name: 'by hand' }, 'same'],
    [{ key: { email: 1 }, name: 'email_1' }, ['unique']],
    [{ key: { email: 1 }, unique: true, sparse: true }, ['sparse']],
    [{ key: { email: 1 }, unique: true, expireAfterSeconds: 5 }, ['expireAfterSeconds']],
    [{ key: { email: -1 }, unique: true }, 'other'],
    [{ key: { email: 1, name: 1 }, unique: true }, 'other'],
    [{ key: { email: 1 }, unique: true, partialFilterExpression: { a: 1 } }, 'other'],
  ])('%j is compared', (existing, result) => {
    expect(compareIndex(email, existing)).toEqual(result);
  });

  it('has a key whose order counts', () => {
    expect(compareIndex(declared({ a: 1, b: 1 }), { key: { b: 1, a: 1 } })).toBe('other');
  });

  it('takes false and absent for one', () => {
    expect(compareIndex(declared({ a: 1 }, { unique: false, sparse: undefined }), { key: { a: 1 } })).toBe('same');
  });

  it('may have more in its collation than was declared', () => {
    const index = declared({ a: 1 }, { collation: { locale: 'de' } });
    expect(compareIndex(index, { key: { a: 1 }, collation: { locale: 'de', strength: 3 } })).toBe('same');
    expect(compareIndex(index, { key: { a: 1 }, collation: { locale: 'en' } })).toBe('other');
    expect(compareIndex(declared({ a: 1 }), { key: { a: 1 }, collation: { locale: 'de' } })).toBe('same');
  });

  it('keeps text fields as weights', () => {
    const text = { key: { lang: 1, _fts: 'text', _ftsx: 1 }, weights: { title: 1, body: 1 }, textIndexVersion: 3 };
    expect(compareIndex(declared({ lang: 1, title: 'text', body: 'text' }), text)).toBe('same');
    expect(compareIndex(declared({ lang: 1, title: 'text' }), text)).toEqual(['weights']);
  });
});

it('an index that is only declared is compared as the server would answer it', () => {
  const text = declared({ title: 'text', year: -1 }, { name: 'search' });
  expect(compareIndex(text, asStored(text))).toBe('same');
  expect(compareIndex(declared({ year: -1 }), asStored(text))).toBe('other');
});

it('indexes have names', () => {
  expect(indexName(declared({ a: 1, 'b.c': -1 }))).toBe('a_1_b.c_-1');
  expect(indexName(declared({ a: 1 }, { name: 'mine' }))).toBe('mine');
  expect(describeIndex(declared({ a: 1, 'b.c': -1 }, { unique: true }))).toBe('{ a: 1, b.c: -1 } unique');
});
