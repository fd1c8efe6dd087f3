import fc from 'fast-check';
import { BSONRegExp, Decimal128, Double, Int32, Long, ObjectId, type Document } from 'mongodb';
import { decodeAny } from '../../../lib/bson/codecs/any.js';
import { BsonType } from '../../../lib/bson/elements.js';
import { RawValue } from '../../../lib/bson/raw-value.js';

const key = fc.constantFrom('a', 'b', 'c', '1', '10', 'é', '__proto__', 'constructor');
const text = fc.constantFrom('', 'a', 'A', 'x', '$a', 'a.b', 'longer text with spaces', '日本');
const small = fc.integer({ min: -3, max: 9 });

/** A free-form value, with what does not survive a round trip through js-bson. */
export const freeValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  leaf: fc.oneof(
    text,
    small,
    fc.constantFrom(
      0.5,
      Number.NaN,
      -0,
      new Double(5),
      new Int32(5),
      Long.fromNumber(7),
      Long.fromString('9007199254740993'),
    ),
    fc.constantFrom<unknown>(null, true, false, new Date(0), new Date(1e12), new ObjectId('0123456789abcdef01234567')),
    fc.constantFrom<unknown>(new BSONRegExp('a', 'x'), /b/i, Decimal128.fromString('1.50'), Buffer.from([1, 2])),
  ),
  array: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map(own),
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, tie('leaf'), tie('array'), tie('object')),
})).value;

function own(entries: [string, unknown][]): Document {
  const object = {};
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return object;
}

/** What js-bson cannot even decode and encode again: they are stored, and nobody declares them. */
const exotic = fc.constantFrom(
  ofBytes(BsonType.date, [255, 255, 255, 255, 255, 255, 255, 127]),
  ofBytes(BsonType.string, [4, 0, 0, 0, 0xed, 0xa0, 0x80, 0]), // a lone surrogate
);

function ofBytes(type: number, bytes: readonly number[]): RawValue {
  return new RawValue(type, Buffer.from(bytes), 0, bytes.length);
}

const extra = fc.option(fc.oneof({ weight: 4, arbitrary: freeValue }, { weight: 1, arbitrary: exotic }), {
  nil: undefined,
});
/** A stored value as one to compare with others; what cannot be decoded, by its bytes. */
export function comparable(raw: RawValue): unknown {
  try {
    return decodeAny(raw, '');
  } catch {
    if (raw.type === BsonType.array) return raw.elements().map(comparable);
    if (raw.type === BsonType.object) return own([...raw.fields()].map(([name, part]) => [name, comparable(part)]));
    return `${raw.type} ${raw.bytes.toString('hex', raw.start, raw.end)}`;
  }
}

const opt = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 4 });

const point = fc.record({ x: small, y: opt(small), l: opt(text), zz: extra });
const strings = fc.array(text, { maxLength: 4 });
const line = fc.record({
  sku: fc.constantFrom('p', 'q', 'r', 's'),
  qty: small,
  note: opt(text),
  at: opt(point),
  marks: opt(strings),
  hid: extra,
});
/** Mostly unique keys; sometimes twins, to fall back to positions. */
const lines = fc.oneof(
  { weight: 5, arbitrary: fc.uniqueArray(line, { selector: (one) => one.sku, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.array(line, { maxLength: 4 }) },
);

/** A stored document of the subject: optional fields, undeclared ones at every depth, other types than declared. */
export const storedDocument: fc.Arbitrary<Document> = fc
  .record({
    text: opt(text),
    n_um: opt(fc.oneof(small, fc.constantFrom<unknown>(new Double(5), Long.fromNumber(5), 0.1, 'not a number'))),
    hidden: extra,
    flag: opt(fc.boolean()),
    when: opt(fc.constantFrom<unknown>(new Date(0), new Date(1e12), 'no date')),
    big: opt(fc.constantFrom(Long.fromNumber(1), Long.fromString('9223372036854775807'))),
    dec: opt(fc.constantFrom(Decimal128.fromString('1.5'), Decimal128.fromString('NaN'))),
    ref: opt(fc.constant(new ObjectId('0123456789abcdef01234567'))),
    bytes: opt(fc.constantFrom(Buffer.from([1, 2, 3]), Buffer.alloc(0))),
    maybe: opt(fc.constantFrom(null, 'a')),
    place: opt(
      fc.oneof(
        fc.record({ city: text, str: opt(text), at: opt(point), lines: opt(strings), zip: extra }),
        fc.constant(null),
      ),
    ),
    payment: opt(
      fc.record({
        kind: fc.constantFrom('card', 'transfer'),
        number: opt(text),
        iban: opt(text),
        at: opt(point),
        zz: extra,
      }),
    ),
    lns: opt(lines),
    points: opt(fc.array(point, { maxLength: 4 })),
    tags: opt(fc.oneof(strings, fc.constant(null))),
    nums: opt(fc.array(small, { maxLength: 4 })),
    grid: opt(fc.array(fc.array(small, { maxLength: 3 }), { maxLength: 3 })),
    stock: opt(fc.array(fc.tuple(key, small), { maxLength: 3 }).map(own)),
    spots: opt(fc.array(fc.tuple(key, point), { maxLength: 3 }).map(own)),
    roles: opt(fc.array(text, { maxLength: 3 })),
    free: opt(freeValue),
    views: opt(small),
    labels: opt(fc.uniqueArray(text, { maxLength: 3 })),
    zzz: extra,
  })
  .map((document) => withoutUndefined(document) as Document);

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (Object.prototype.toString.call(value) !== '[object Object]' || '_bsontype' in (value as object)) return value;
  return own(
    Object.entries(value as object)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]) => [name, withoutUndefined(part)]),
  );
}
