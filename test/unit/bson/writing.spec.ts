import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { BSON, Decimal128, Long, ObjectId, UUID } from 'mongodb';
import { mayGenerate, setCodeGeneration } from '../../../lib/bson/code-generation.js';
import { encodeDocument } from '../../../lib/bson/raw-value.js';
import { isCowError } from '../../../lib/errors/index.js';
import { Address, Line, Order, anyOrder, orderCodec as codec } from '../../support/arbitrary-orders.js';
import { FACTOR, SEED, check } from '../../support/property.js';

jest.setTimeout(120_000 * FACTOR); // a busy machine is no failure

function outcome(encode: () => Buffer): string {
  try {
    return encode().toString('hex');
  } catch (error) {
    if (isCowError(error) || error instanceof BSON.BSONError) return (error as Error).message;
    throw error;
  }
}

const byCodecs = (instance: object) => outcome(() => encodeDocument(codec.encodeDocument(instance)));
const asBytes = (instance: object) =>
  outcome(() => codec.encodeBytes((field) => (instance as Record<string, unknown>)[field.property]));

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.constantFrom('\ud800', 'a\udc00b', 'NUL \0 inside', '', 'ascii', 'é'.repeat(40)),
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, 2 ** 31, -(2 ** 31), 2 ** 31 - 1, 2 ** 53, Number.NaN, Infinity),
  fc.boolean(),
  fc.date({ noInvalidDate: false }),
  fc.constantFrom(null, undefined, 5n, new ObjectId('6b015e530aefd284d2ac00e2'), Long.fromNumber(5)),
  fc.constantFrom(Decimal128.fromString('1.50'), new UUID(Buffer.alloc(16)), new Map([['a', 1]]), Symbol('s'), {}, []),
);
/** Mostly of the declared type, so that whole documents are written; sometimes not. */
const mostly = (typed: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 20, arbitrary: typed }, { weight: 1, arbitrary: anything });
const text = mostly(fc.string({ unit: 'grapheme', maxLength: 40 }));
const number = mostly(fc.oneof(fc.integer(), fc.double()));
const id = mostly(fc.constant(new ObjectId('6b015e530aefd284d2ac00e2')));
const date = mostly(fc.date({ noInvalidDate: true }));

const line = fc.oneof(
  fc.record({ sku: text, qty: number, price: number, extra: anything }, { requiredKeys: [] }),
  fc.record({ sku: text, qty: number }).map((given) => Object.assign(new Line(), given)),
);
const address = fc
  .record({ street: text, since: date, former: fc.record({ street: text }) }, { requiredKeys: [] })
  .map((given) => Object.assign(new Address(), given));
const order = fc
  .record(
    {
      ...{ id, customer: text, status: text, total: number, paid: mostly(fc.boolean()), placedAt: date, other: id },
      ...{ address: mostly(address), lines: mostly(fc.array(mostly(line), { maxLength: 3 })) },
      grid: mostly(fc.array(fc.array(number, { maxLength: 3 }), { maxLength: 2 })),
      ...{
        stock: mostly(fc.constant(new Map([['a', 1]]))),
        meta: mostly(fc.constant({ any: [1] })),
        proto: text,
        note: text,
      },
    },
    { requiredKeys: [] },
  )
  .map((given) => Object.assign(Object.create(Order.prototype) as object, given));

describe(`writing a document (seed ${SEED})`, () => {
  it('gives the bytes, or the error, that the codecs give', () => {
    let stored = 0;
    check(
      fc.property(order, (instance) => {
        const expected = byCodecs(instance);
        if (/^[0-9a-f]+$/.test(expected)) stored++;
        expect(asBytes(instance)).toBe(expected);
      }),
      1500,
    );
    expect(stored).toBeGreaterThan(100); // and not only errors were compared
  });

  it('keeps what was loaded before: undeclared fields, and types of numbers', () => {
    check(
      fc.property(anyOrder, (bytes) => {
        let instance: object;
        try {
          instance = codec.decodeInstance(bytes);
        } catch {
          return;
        }
        expect(asBytes(instance)).toBe(byCodecs(instance));
      }),
      500,
    );
  });

  it('is refused for what contains itself', () => {
    const lines: unknown[] = [];
    lines.push(lines);
    const address = new Address();
    address.former = address;
    for (const instance of [{ lines }, { address }]) {
      expect(asBytes(instance)).toBe(byCodecs(instance));
      expect(asBytes(instance)).not.toMatch(/^[0-9a-f]+$/);
    }
  });

  it('grows beyond any size that was met before, and the next is as small as ever', () => {
    const large = { customer: 'x'.repeat(3_000_000), grid: [Array.from({ length: 2000 }, (_, i) => i)] };
    expect(asBytes(large)).toBe(byCodecs(large));
    expect(asBytes({ customer: 'y' })).toBe(byCodecs({ customer: 'y' }));
  });

  it('is the same when a getter writes another meanwhile', () => {
    const instance = {
      get customer() {
        return asBytes({ status: 'inner' }).slice(0, 8);
      },
      status: 'outer',
    };
    expect(asBytes(instance)).toBe(byCodecs({ customer: instance.customer, status: 'outer' }));
  });

  it('is the same without code generation', () => {
    const wanted = mayGenerate();
    check(
      fc.property(order, (instance) => {
        setCodeGeneration(!wanted);
        const other = asBytes(instance);
        setCodeGeneration(wanted);
        expect(asBytes(instance)).toBe(other);
      }),
      50,
    );
  });
});
