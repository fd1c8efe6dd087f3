import { inspect } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { BSON, ObjectId } from 'mongodb';
import { mayGenerate, setCodeGeneration } from '../../../lib/bson/code-generation.js';
import { RawValue } from '../../../lib/bson/raw-value.js';
import { isCowError } from '../../../lib/errors/index.js';
import { anyDamage, damaged } from '../../support/arbitrary-bson.js';
import { anyOrder, orderCodec as codec, type Address, type Line } from '../../support/arbitrary-orders.js';
import { FACTOR, SEED, check } from '../../support/property.js';

jest.setTimeout(120_000 * FACTOR); // a busy machine is no failure

const { fields } = codec.map;

function shown(value: unknown): string {
  return inspect(value, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity });
}

/** What comes of it: the value, or the kind of error. */
function outcome(read: () => unknown): string {
  try {
    return shown(read());
  } catch (error) {
    if (error instanceof BSON.BSONError || isCowError(error, 'UnsafeInteger')) return 'refused';
    throw error;
  }
}

/** What a document holds, field by field through the codecs. */
function byCodecs(bytes: Buffer): Record<string, unknown> {
  const stored = RawValue.ofDocument(bytes).fields();
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const raw = stored.get(field.stored);
    const value = raw === undefined ? codec.defaultOf(field) : codec.decode(field, raw);
    if (value !== undefined) Object.defineProperty(values, field.property, { value, enumerable: true });
  }
  return values;
}

describe(`reading a document (seed ${SEED})`, () => {
  it('whole gives what its fields give one by one, whatever their order and type', () => {
    check(
      fc.property(anyOrder, (bytes) => {
        const whole = outcome(() => ({ ...codec.decodeInstance(bytes) }));
        expect(whole).toBe(outcome(() => ({ ...byCodecs(bytes) })));
        expect(outcome(() => ({ ...codec.decodePlain(Buffer.concat([Buffer.alloc(3), bytes, bytes]), 3) }))).toBe(
          whole,
        );
      }),
      1000,
    );
  });

  it('field by field through an index gives the same', () => {
    check(
      fc.property(anyOrder, (bytes) => {
        const page = Buffer.concat([Buffer.alloc(5, 255), bytes, Buffer.alloc(2, 255)]);
        const positions = codec.layout.index(page, 5);
        const stored = RawValue.ofDocument(bytes).fields();
        for (const field of fields) {
          const raw = stored.get(field.stored);
          const start = positions[field.index]!;
          expect(start !== 0).toBe(raw !== undefined);
          if (raw === undefined) continue;
          const read = outcome(() => codec.read(field, page, start));
          expect(read).toBe(outcome(() => codec.decode(field, raw)));
        }
      }),
      1000,
    );
  });

  it('ahead fills in values that are what single reads give, and nothing that can be changed', () => {
    check(
      fc.property(anyOrder, fc.subarray(fields.map((field) => field.property)), (bytes, touched) => {
        const values: Record<string, unknown> = Object.create(null);
        values.total = 'own';
        const positions = codec.layout.index(bytes, 0);
        codec.fill(values, bytes, positions, new Map(touched.map((name) => [name, undefined])));
        for (const [property, value] of Object.entries(values)) {
          if (property === 'total') continue;
          const field = codec.map.byProperty.get(property)!;
          expect(touched).not.toContain(property);
          expect(shown(value)).toBe(shown(codec.read(field, bytes, positions[field.index]!)));
          expect(typeof value !== 'object' || value instanceof ObjectId).toBe(true);
        }
        expect(values.total).toBe('own');
      }),
      500,
    );
  });

  it('is sure of what is the same only where the codecs are', () => {
    let sure = 0;
    check(
      fc.property(anyOrder, anyOrder, fc.boolean(), (bytes, others, same) => {
        const [here, there] = [codec.layout.index(bytes, 0), codec.layout.index(others, 0)];
        for (const field of fields) {
          const [start, from] = [here[field.index]!, same ? here[field.index]! : there[field.index]!];
          if (start === 0 || from === 0) continue;
          let value: unknown;
          let present: unknown;
          try {
            value = codec.read(field, same ? bytes : others, from);
            present = codec.read(field, bytes, start);
          } catch {
            continue;
          }
          if (!codec.isSurely(field, bytes, start, value)) continue;
          sure++;
          expect(codec.equals(field, present, value)).toBe(true);
        }
      }),
      1000,
    );
    expect(sure > 0).toBe(mayGenerate()); // else nothing was tried
  });

  it('is not sure of what was changed in place', () => {
    const at = new Date(5);
    const bytes = Buffer.from(
      BSON.serialize({ placedAt: at, address: { street: 'A', since: at }, lines: [{ sku: 'a', qty: 1, p: 2 }] }),
    );
    const positions = codec.layout.index(bytes, 0);
    const [placedAt, address, lines] = ['placedAt', 'address', 'lines'].map((name) => codec.map.byProperty.get(name)!);
    const isSure = (field: typeof address, value: unknown) =>
      codec.isSurely(field!, bytes, positions[field!.index]!, value);
    const read = <T>(field: typeof address) => codec.read(field!, bytes, positions[field!.index]!) as T;
    expect(isSure(lines, read(lines))).toBe(mayGenerate());
    const changes: [typeof address, unknown][] = [
      [placedAt, new Date(6)],
      [address, Object.assign(read<Address>(address), { street: 'B' })],
      [address, Object.assign(read<Address>(address), { former: null })],
      [address, { street: 'A', since: at }],
      [lines, [...read<Line[]>(lines), null]],
      [lines, []],
      [lines, [Object.assign(read<Line[]>(lines)[0]!, { price: undefined })]],
      [lines, [Object.assign(read<Line[]>(lines)[0]!, { qty: 1.5 })]],
    ];
    for (const [field, value] of changes) expect(isSure(field, value)).toBe(false);
  });

  it('that is damaged is refused as js-bson refuses it, or read', () => {
    check(
      fc.property(
        anyOrder,
        fc.array(anyDamage, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (bytes, damage, repair) => {
          const broken = damaged(bytes, damage, repair);
          outcome(() => codec.decodeInstance(broken)); // throws what is no refusal
          outcome(() => codec.layout.index(broken, 0));
        },
      ),
      2000,
    );
  });

  it('is the same with and without code generation', () => {
    const wanted = mayGenerate();
    check(
      fc.property(anyOrder, fc.array(anyDamage, { maxLength: 1 }), (bytes, damage) => {
        const broken = damaged(bytes, damage, true);
        const outcomes = [true, false].map((on) => {
          setCodeGeneration(on);
          return outcome(() => [codec.decodeInstance(broken), codec.layout.index(broken, 0)]);
        });
        expect(outcomes[0]).toBe(outcomes[1]);
      }),
      60,
    );
    setCodeGeneration(wanted);
  });
});

describe('strings', () => {
  it.each(['', 'a', 'sixteen letters!', 'seventeen letters', 'é', 'sixteen letterŝ', '日本', '😀', 'x'.repeat(500)])(
    'are read as they are: %j',
    (text) => {
      const bytes = Buffer.from(BSON.serialize({ customer: text, meta: [text] }));
      expect({ ...codec.decodeInstance(bytes) }).toMatchObject({ customer: text, meta: [text] });
    },
  );

  it.each([1, 15, 16, 17, 40])('of %i bytes that are no UTF-8 are refused', (length) => {
    const bytes = Buffer.from(BSON.serialize({ customer: 'x'.repeat(length) }));
    bytes[bytes.length - 3] = 0xff;
    expect(() => codec.decodeInstance(bytes)).toThrow(BSON.BSONError);
  });
});
