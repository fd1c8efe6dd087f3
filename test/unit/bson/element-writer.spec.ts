import { describe, expect, it } from '@jest/globals';
import { BSON, Binary, Decimal128, Double, Int32, Long, MaxKey, ObjectId, Timestamp, UUID } from 'mongodb';
import { encodeValue } from '../../../lib/bson/raw-value.js';
import { written } from '../../../lib/bson/writing/byte-buffer.js';
import { putElement } from '../../../lib/bson/writing/element-writer.js';

/** A document of one field. */
const documentOf = (name: string, value: unknown) =>
  written((out) => {
    const start = out.open();
    putElement(out, name, value);
    out.close(start);
  });

const VALUES: unknown[] = [
  ...['', 'ascii', 'é', '世界', 'x'.repeat(100), 'x'.repeat(31) + 'é', '😀'],
  ...[0, -0, 1, -1, 1.5, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, NaN, Infinity, 2 ** 53],
  ...[true, false, null, new Date(0), new Date(-1), new Date(8.64e15), new Date(-8.64e15), new ObjectId()],
  ...[5n, Long.fromString('9007199254740993'), new Int32(5), new Double(5), Decimal128.fromString('1.50')],
  ...[new Binary(Buffer.from('abc')), new UUID(), Buffer.from('raw'), /a+/i, new MaxKey(), new Timestamp(5n)],
  ...[[], [1, 'a', null, [2]], {}, { a: { b: [new Date(1)] } }, new Map([['k', 1]])],
];

describe('putElement', () => {
  it.each(VALUES.map((value, index) => [index, value]))('%i: writes what js-bson writes: %p', (_, value) => {
    for (const name of ['a', 'a.b', 'ñ', '$set', 'a name that is longer than thirty-two characters']) {
      const expected = Buffer.from(BSON.serialize({ [name]: value }));
      expect(documentOf(name, value)).toEqual(expected);
      expect(documentOf(name, encodeValue(value))).toEqual(expected);
    }
  });

  it('writes large values, and after them small ones', () => {
    const large = 'ü'.repeat(2_000_000);
    expect(documentOf('a', large).equals(Buffer.from(BSON.serialize({ a: large })))).toBe(true);
    expect(documentOf('a', 1)).toEqual(Buffer.from(BSON.serialize({ a: 1 })));
  });
});

describe('written', () => {
  it('keeps no more memory than it was of use for', () => {
    const write = (size: number) => written((out) => out.put(Buffer.alloc(1_000, 7)), size);
    for (const size of [0, 1_000, 1_000_000]) {
      expect(write(size)).toEqual(Buffer.alloc(1_000, 7));
      expect(write(size).buffer.byteLength).toBeLessThan(100_000);
    }
    const large = written((out) => out.put(Buffer.alloc(900_000, 7)), 1_000_000);
    expect(large.equals(Buffer.alloc(900_000, 7))).toBe(true);
  });

  it('may be called again while it writes', () => {
    let inner: Buffer | undefined;
    const outer = written((out) => {
      const start = out.open();
      putElement(out, 'a', 1);
      inner = documentOf('b', 2);
      putElement(out, 'c', 3);
      out.close(start);
    });
    expect(outer).toEqual(Buffer.from(BSON.serialize({ a: 1, c: 3 })));
    expect(inner).toEqual(Buffer.from(BSON.serialize({ b: 2 })));
  });

  it('is of use again after an error', () => {
    const failing = () =>
      written(() => {
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect(documentOf('a', 1)).toEqual(Buffer.from(BSON.serialize({ a: 1 })));
  });
});
