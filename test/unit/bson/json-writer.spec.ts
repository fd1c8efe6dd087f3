import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import { JsonBuffer } from '../../../lib/bson/json/json-buffer.js';
import { JsonWriter } from '../../../lib/bson/json/json-writer.js';
import { isCowError } from '../../../lib/errors/index.js';
import { storedValue } from '../../support/arbitrary-bson.js';
import { anyOrder, orderCodec as codec } from '../../support/arbitrary-orders.js';
import { FACTOR, SEED, check } from '../../support/property.js';

jest.setTimeout(120_000 * FACTOR); // a busy machine is no failure

function outcome(make: () => string): string {
  try {
    return make();
  } catch (error) {
    if (error instanceof BSON.BSONError || isCowError(error, 'UnsafeInteger')) return 'refused';
    throw error;
  }
}

function written(bytes: Buffer, start = 0, touched?: ReadonlyMap<string, unknown>): string {
  const out = new JsonBuffer();
  const overlay = touched && {
    has: (name: string) => touched.has(name),
    present: (name: string) => touched.get(name),
  };
  JsonWriter.of(codec.map).write(out, bytes, codec.layout.index(bytes, start), overlay);
  return out.bytes.toString('utf8', 0, out.at);
}

const stringified = (instance: object) => JSON.stringify(codec.toJson(instance));

describe(`JSON from bytes (seed ${SEED})`, () => {
  it('is what the values give, byte for byte, whatever their order and type', () => {
    check(
      fc.property(anyOrder, (bytes) => {
        const page = Buffer.concat([Buffer.alloc(4), bytes, Buffer.from([1])]);
        expect(outcome(() => written(page, 4))).toBe(outcome(() => stringified(codec.decodeInstance(bytes))));
      }),
      1500,
    );
  });

  it('has the present values of touched fields, those that were removed left out', () => {
    const { fields } = codec.map;
    check(
      fc.property(anyOrder, anyOrder, fc.subarray(fields.map(({ property }) => property)), (bytes, others, touched) => {
        const expected = outcome(() => {
          const [instance, other] = [codec.decodeInstance(bytes), codec.decodeInstance(others)];
          const values = { ...instance, ...Object.fromEntries(touched.map((name) => [name, undefined])) };
          const present = other as Record<string, unknown>;
          for (const name of touched) Object.defineProperty(values, name, { value: present[name], enumerable: true });
          const ordered = fields.map(({ property }) => [property, (values as Record<string, unknown>)[property]]);
          return stringified(Object.fromEntries(ordered) as object);
        });
        const given = outcome(() => {
          const other = codec.decodeInstance(others) as Record<string, unknown>;
          codec.decodeInstance(bytes); // refused where the other side is
          return written(bytes, 0, new Map(touched.map((name) => [name, other[name]])));
        });
        expect(given).toBe(expected);
      }),
      500,
    );
  });

  it('writes times as Date does', () => {
    const times = fc.oneof(
      fc.maxSafeInteger(),
      fc.integer({ min: -62_167_219_200_000, max: 253_402_300_800_000 }),
      fc.constantFrom(0, -1, 951_782_400_000, 1_709_164_800_000, 4_107_542_400_000, 253_402_300_799_999, 8.64e15),
    );
    check(
      fc.property(times, (time) => {
        const out = new JsonBuffer();
        out.date(time);
        expect(out.bytes.toString('utf8', 0, out.at)).toBe(JSON.stringify(new Date(time)));
      }),
      5000,
    );
  });

  it('writes texts as JSON.stringify does', () => {
    check(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const { bytes } = storedValue.string(text);
        const out = new JsonBuffer();
        out.string(bytes, 4, bytes.length - 1);
        expect(out.bytes.toString('utf8', 0, out.at)).toBe(JSON.stringify(text));
      }),
      2000,
    );
  });
});
