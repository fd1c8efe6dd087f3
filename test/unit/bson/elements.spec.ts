import { describe, expect, it } from '@jest/globals';
import { BSON } from 'mongodb';
import { documentEnd, valueEnd, visitElements } from '../../../lib/bson/elements.js';
import { anyStored, documentOf, storedValue } from '../../support/arbitrary-bson.js';
import { SEED, check } from '../../support/property.js';
import fc from 'fast-check';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** The types of the elements, by name. */
function typesIn(document: Buffer): Record<string, number> {
  const types: Record<string, number> = {};
  visitElements(document, 0, (type, start, end) => (types[document.toString('utf8', start, end)] = type));
  return types;
}

describe('the elements of a document', () => {
  it('are visited in their order, with their bytes', () => {
    const document = documentOf([
      { name: 'b', ...storedValue.string('x') },
      { name: '', ...storedValue.null() },
      { name: 'é', ...storedValue.int32(1) },
    ]);
    const seen: unknown[] = [];
    visitElements(document, 0, (type, nameStart, nameEnd, start, end) =>
      seen.push([type, document.toString('utf8', nameStart, nameEnd), document.toString('hex', start, end)]),
    );
    expect(seen).toEqual([
      [2, 'b', '020000007800'],
      [10, '', ''],
      [16, 'é', '01000000'],
    ]);
  });

  it(`end where the next one begins, whatever their type (seed ${SEED})`, () => {
    check(
      fc.property(anyStored, ({ type, bytes: value }) => {
        expect(valueEnd(value, type, 0, value.length)).toBe(value.length);
        const cut = value.subarray(0, -1);
        if (value.length > 0) expect(() => valueEnd(cut, type, 0, cut.length)).toThrow(BSON.BSONError);
      }),
      500,
    );
  });
});

describe('malformed bytes are refused with js-bson’s kind of error', () => {
  it.each([
    ['nothing at all', ''],
    ['four bytes', '05 00 00 00'],
    ['a size below five', '04 00 00 00 00'],
    ['a negative size', 'ff ff ff ff 00'],
    ['a size beyond the buffer', '06 00 00 00 00'],
    ['no NUL at the end', '05 00 00 00 01'],
    ['an unknown type', '08 00 00 00 20 61 00 00'],
    ['a type of zero inside', '08 00 00 00 00 61 00 00'],
    ['a name without an end', '08 00 00 00 0a 61 62 00'.replace('62 00', '62 62') + ' 00'],
    ['a number that is cut off', '0b 00 00 00 01 61 00 00 00 00 00'],
    ['a string of no length', '0c 00 00 00 02 61 00 00 00 00 00 00'],
    ['a string of negative length', '0d 00 00 00 02 61 00 ff ff ff ff 00 00'],
    ['a string longer than its document', '0d 00 00 00 02 61 00 7f 00 00 00 00 00'],
    ['a string without its NUL', '0e 00 00 00 02 61 00 02 00 00 00 61 61 00'],
    ['a boolean that is neither', '09 00 00 00 08 61 00 02 00'],
    ['a binary of negative length', '0d 00 00 00 05 61 00 ff ff ff ff 00 00'],
    ['an object of size four', '0d 00 00 00 03 61 00 04 00 00 00 00 00'],
    ['an object without its NUL', '0d 00 00 00 03 61 00 05 00 00 00 01 00'],
    ['an object that leaves its parent', '0d 00 00 00 03 61 00 06 00 00 00 00 00'],
    ['a pattern without an end', '0a 00 00 00 0b 61 00 61 61 00'],
    ['flags without an end', '0a 00 00 00 0b 61 00 61 00 00'],
    ['code with scope that is too short', '10 00 00 00 0f 61 00 08 00 00 00 01 00 00 00 00'],
    ['an ObjectId that is cut off', '0c 00 00 00 07 61 00 01 02 03 04 00'],
  ])('%s', (_what, hex) => {
    const document = bytes(hex);
    expect(() => typesIn(document)).toThrow(BSON.BSONError);
    expect(() => BSON.deserialize(document)).toThrow(BSON.BSONError);
  });

  it('and a document may be a part of a buffer', () => {
    const document = documentOf([{ name: 'a', ...storedValue.int32(1) }]);
    const batch = Buffer.concat([Buffer.alloc(7, 1), document, Buffer.alloc(9, 1)]);
    expect(documentEnd(batch, 7)).toBe(7 + document.length);
    expect(() => documentEnd(batch, batch.length - 4)).toThrow(BSON.BSONError);
  });
});
