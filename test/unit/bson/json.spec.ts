import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BSONRegExp, Binary, Code, DBRef, Decimal128, Double, Int32, Long, ObjectId, Timestamp, UUID } from 'mongodb';
import { DocumentCodec } from '../../../lib/bson/document-codec.js';
import { fromJson } from '../../../lib/bson/from-json.js';
import { encodeValue } from '../../../lib/bson/raw-value.js';
import { Embedded, Entity, Id, Prop, entityMapOf, type PropOptions } from '../../../lib/mapping/index.js';
import { SEED, check } from '../../support/property.js';
import { OneField } from './subjects.js';

const id = new ObjectId('507f1f77bcf86cd799439011');
const uuid = new UUID('00112233-4455-6677-8899-aabbccddeeff');

@Embedded()
class Address {
  @Prop({ name: 'c' }) city!: string;
  @Prop() since?: Date;
}

@Embedded({ discriminator: 'kind' })
class Payment {
  @Prop() amount!: bigint;
}
@Embedded({ discriminatorValue: 'card' })
class Card extends Payment {
  @Prop() last4!: string;
}

@Embedded()
class Own {
  @Prop() value!: number;
  toJSON() {
    return `own ${this.value}`;
  }
}

@Entity()
class Everything {
  @Id() id!: ObjectId;
  @Prop() string!: string;
  @Prop() number!: number;
  @Prop() boolean!: boolean;
  @Prop() date!: Date;
  @Prop() decimal!: Decimal128;
  @Prop() bigint!: bigint;
  @Prop() long!: Long;
  @Prop() binary!: Binary;
  @Prop() buffer!: Buffer;
  @Prop() uuid!: UUID;
  @Prop() regexp!: RegExp;
  @Prop() address!: Address;
  @Prop(() => [Payment]) payments!: Payment[];
  @Prop({ type: Map, of: BigInt }) map!: Map<string, bigint>;
  @Prop({ type: Set, of: ObjectId }) set!: Set<ObjectId>;
  @Prop(() => [[Date]]) dates!: Date[][];
  @Prop({ type: Object }) free: unknown;
  @Prop(() => String, { nullable: true }) nothing!: string | null;
  @Prop() absent?: string;
  @Prop() own!: Own;
}

function everything(): Everything {
  return Object.assign(new Everything(), {
    id,
    ...{ string: 'é', number: 1.5, boolean: false, date: new Date('2026-01-02T03:04:05.678Z') },
    ...{ decimal: Decimal128.fromString('1.50'), bigint: 2n ** 60n, long: Long.fromBigInt(-(2n ** 60n)) },
    ...{ binary: new Binary(Buffer.from('abc'), 5), buffer: Buffer.from([255, 254]), uuid, regexp: /a\/b/gi },
    address: Object.assign(new Address(), { city: 'Bern', since: new Date(0), extra: 1 }),
    payments: [Object.assign(new Card(), { amount: 5n, last4: '4242' }), Object.assign(new Payment(), { amount: 1n })],
    map: new Map([
      ['b', 1n],
      ['__proto__', 2n],
    ]),
    set: new Set([id]),
    dates: [[new Date(0)], []],
    free: {
      id,
      n: [2n ** 60n, new Map([['x', new Set([uuid])]]), Buffer.from('a'), Decimal128.fromString('5')],
      u: undefined,
    },
    nothing: null,
    absent: undefined,
    own: Object.assign(new Own(), { value: 1 }),
  });
}

const JSON_TEXT =
  '{"id":"507f1f77bcf86cd799439011","string":"é","number":1.5,"boolean":false,"date":"2026-01-02T03:04:05.678Z",' +
  '"decimal":"1.50","bigint":"1152921504606846976","long":"-1152921504606846976","binary":"YWJj","buffer":"//4=",' +
  '"uuid":"00112233-4455-6677-8899-aabbccddeeff","regexp":"/a\\\\/b/gi","address":{"city":"Bern",' +
  '"since":"1970-01-01T00:00:00.000Z"},"payments":[{"kind":"card","amount":"5","last4":"4242"},' +
  '{"kind":"Payment","amount":"1"}],"map":{"b":"1","__proto__":"2"},"set":["507f1f77bcf86cd799439011"],' +
  '"dates":[["1970-01-01T00:00:00.000Z"],[]],"free":{"id":"507f1f77bcf86cd799439011","n":["1152921504606846976",{"x":' +
  '["00112233-4455-6677-8899-aabbccddeeff"]},"YQ==","5"]},"nothing":null,"own":"own 1"}';

describe('the JSON form of an entity', () => {
  const codec = DocumentCodec.of(entityMapOf(Everything));
  const ordered = (instance: object) =>
    Object.fromEntries(
      codec.map.fields.map(({ property }) => [property, (instance as Record<string, unknown>)[property]]),
    );

  it('is the documented mapping, for every type', () => {
    expect(JSON.stringify(codec.toJson(ordered(everything())))).toBe(JSON_TEXT);
  });

  it('is the same for what was stored and read again', () => {
    const document = codec.encodeDocument(everything());
    const again = codec.map.fields
      .filter(({ stored }) => document[stored] !== undefined)
      .map((field) => [field.property, codec.decode(field, encodeValue(document[field.stored]))]);
    expect(JSON.stringify(codec.toJson(Object.fromEntries(again)))).toBe(JSON_TEXT);
  });

  it('shows other properties as they are', () => {
    expect(codec.toJson({ string: 'a', other: 5, none: undefined })).toEqual({ string: 'a', other: 5 });
  });

  it('is null for what JSON cannot say', () => {
    const values = {
      number: NaN,
      date: new Date(NaN),
      free: { a: Infinity, d: new Date(NaN), list: [undefined, () => 1] },
    };
    expect(JSON.parse(JSON.stringify(codec.toJson(values)))).toEqual({
      ...{ number: null, date: null, free: { a: null, d: null, list: [null, null] } },
    });
  });

  it('says what is stored of another type than declared', () => {
    expect(
      codec.toJson({ number: '5', string: id, date: 2n, address: 'Bern', map: [1n], set: { a: id }, payments: 5 }),
    ).toEqual({
      ...{
        number: '5',
        string: id.toHexString(),
        date: '2',
        address: 'Bern',
        map: ['1'],
        set: { a: id.toHexString() },
      },
      payments: 5,
    });
  });
});

describe('the JSON form of free-form values', () => {
  it.each<[unknown, unknown]>([
    [new Timestamp(5n), '5'],
    [new Double(1.5), 1.5],
    [new Int32(1), 1],
    [new BSONRegExp('a', 'x'), '/a/x'],
    [/a/i, '/a/i'],
    [new Code('f', { n: 5n }), { code: 'f', scope: { n: '5' } }],
    [new DBRef('c', id), { $ref: 'c', $id: id.toHexString() }],
    [new Binary(uuid.value(), 4), uuid.toHexString()],
    [new Binary(uuid.value(), 3), Buffer.from(uuid.value()).toString('base64')],
    [new Binary(Buffer.from('abc'), 2), 'YWJj'],
    [new Uint8Array([255]), '/w=='],
    [{ toJSON: () => 'self' }, 'self'],
    [new Map([[5, 'x']]), { 5: 'x' }],
    [new Array(1), [null]],
  ])('%p', (value, json) => {
    expect(new OneField({ type: Object }).json(value)).toEqual(json);
    expect(new OneField({ type: Object }).json({ a: [value] })).toEqual({ a: [json] });
  });
});

describe('a value from its JSON form', () => {
  const of = (options: PropOptions) => {
    const field = new OneField(options);
    return (json: unknown) => fromJson(field.type, json);
  };

  it.each<[PropOptions, unknown, unknown]>([
    [{ type: ObjectId }, '507F1F77BCF86CD799439011', id],
    [{ type: Date }, '2026-01-02T03:04:05.678Z', new Date(1767323045678)],
    [{ type: Date }, '2026-01-02', new Date('2026-01-02')],
    [{ type: Date }, 5, new Date(5)],
    [{ type: Date }, '+275760-09-13T00:00:00.000Z', new Date(8.64e15)],
    [{ type: Date }, '-000001-01-01T00:00:00.000Z', new Date('-000001-01-01T00:00:00.000Z')],
    [{ type: Decimal128 }, '-1.50e3', Decimal128.fromString('-1.50e3')],
    [{ type: Decimal128 }, 'NaN', Decimal128.fromString('NaN')],
    [{ type: Decimal128 }, '-Infinity', Decimal128.fromString('-Infinity')],
    [{ type: BigInt }, '-9223372036854775808', -(2n ** 63n)],
    [{ type: BigInt }, 5, 5n],
    [{ type: Long }, '9223372036854775807', Long.MAX_VALUE],
    [{ type: Long }, -5, Long.fromNumber(-5)],
    [{ type: UUID }, '00112233-4455-6677-8899-AABBCCDDEEFF', uuid],
    [{ type: Buffer }, 'YWJj', Buffer.from('abc')],
    [{ type: Binary }, 'YWJj', new Binary(Buffer.from('abc'))],
    [{ type: Binary }, uuid.toHexString(), uuid],
    [{ type: RegExp }, '/a\\/b/gi', /a\/b/gi],
    [{ type: RegExp }, '/a/x', new BSONRegExp('a', 'x')],
    [{ type: [Date] }, ['1970-01-01T00:00:00Z', null], [new Date(0), null]],
    [{ type: [[BigInt]] }, [['1'], []], [[1n], []]],
    [{ type: Set, of: ObjectId }, ['507f1f77bcf86cd799439011'], new Set([id])],
    [{ type: Map, of: BigInt }, { a: '1' }, new Map([['a', 1n]])],
    [
      { type: Map, of: Number },
      JSON.parse('{"__proto__":1,"_bsontype":2}'),
      new Map([
        ['__proto__', 1],
        ['_bsontype', 2],
      ]),
    ],
    [{ type: Object }, { a: id.toHexString() }, { a: id.toHexString() }],
    [{ type: Boolean }, true, true],
    [{ type: Number }, 0, 0],
    [{ type: String }, '', ''],
  ])('%j of %j', (options, json, value) => {
    expect(of(options)(json)).toEqual(value);
  });

  it.each<[PropOptions, unknown]>([
    [{ type: ObjectId }, '507f1f77bcf86cd79943901'],
    [{ type: ObjectId }, '507f1f77bcf86cd79943901z'],
    [{ type: ObjectId }, 'twelve bytes'],
    [{ type: Date }, 'yesterday'],
    [{ type: Date }, '2026-13-01'],
    [{ type: Date }, '1'],
    [{ type: Decimal128 }, '1,5'],
    [{ type: Decimal128 }, '1'.repeat(35)],
    [{ type: Decimal128 }, '1e9999'],
    [{ type: Decimal128 }, '0x10'],
    [{ type: Decimal128 }, 1.5],
    [{ type: BigInt }, '9223372036854775808'],
    [{ type: BigInt }, '1.5'],
    [{ type: BigInt }, 1.5],
    [{ type: Long }, '9999999999999999999'],
    [{ type: UUID }, 'not-a-uuid'],
    [{ type: Buffer }, 'a'],
    [{ type: Buffer }, 'äöü='],
    [{ type: RegExp }, 'a'],
    [{ type: RegExp }, '/(/'],
    [{ type: RegExp }, '/a/xq'],
    [{ type: String }, 5],
    [{ type: Number }, '5'],
    [{ type: Boolean }, 'true'],
    [{ type: [String] }, 'a'],
    [{ type: Set, of: String }, { a: 1 }],
    [{ type: Map, of: String }, [['a', 'b']]],
    [{ type: Map, of: String }, new Date(0)],
    [{ type: Address }, 'Bern'],
    [{ type: Address }, []],
    [{ type: Address }, new Date(0)],
    [{ type: Address }, id],
  ])('that is none stays as it is, and is refused when it is stored: %j of %j', (options, json) => {
    const field = new OneField(options);
    expect(fromJson(field.type, json)).toBe(json);
    expect(field.refusal(json)).toMatch(/^field/);
  });

  it('leaves null, undefined and values alone', () => {
    for (const options of [{ type: Date }, { type: [Date] }, { type: Address }, { type: Map, of: Date }]) {
      expect(of(options)(null)).toBeNull();
      expect(of(options)(undefined)).toBeUndefined();
    }
    const date = new Date(0);
    expect(of({ type: Date })(date)).toBe(date);
    expect(of({ type: ObjectId })(id)).toBe(id);
  });

  it('makes instances of embedded classes, of their declared fields only', () => {
    const address = of({ type: Address })(
      JSON.parse('{"city":"Bern","since":"1970-01-01T00:00:00Z","admin":true,"__proto__":{"x":1},"c":"no"}'),
    ) as Address;
    expect(address).toBeInstanceOf(Address);
    expect(Object.getPrototypeOf(address)).toBe(Address.prototype);
    expect({ ...address }).toEqual({ city: 'Bern', since: new Date(0) });
    const same = new Address();
    expect(of({ type: Address })(same)).toBe(same);
    class Special extends Address {}
    const special = new Special();
    expect(of({ type: Address })(special)).toBe(special);
  });

  it('makes the class of a union that the discriminator names, and no other', () => {
    const payment = of({ type: Payment });
    expect(payment({ kind: 'card', amount: '5', last4: 'x' })).toBeInstanceOf(Card);
    for (const kind of ['Payment', 'unknown', '__proto__', 'constructor', undefined, 5]) {
      const made = payment({ kind, amount: '5' }) as Payment;
      expect(Object.getPrototypeOf(made)).toBe(Payment.prototype);
      expect(made.amount).toBe(5n);
    }
  });
});

describe(`fromJson is the inverse of toJson (seed ${SEED})`, () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const content = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes));
  const objectIds = fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes));
  const dates = fc.date({ noInvalidDate: true });
  const addresses = fc
    .record({ city: fc.string(), since: dates }, { requiredKeys: ['city'] })
    .map((values) => Object.assign(new Address(), values));
  const payments = fc.oneof(
    int64.map((amount) => Object.assign(new Payment(), { amount })),
    fc.tuple(int64, fc.string()).map(([amount, last4]) => Object.assign(new Card(), { amount, last4 })),
  );
  const decimals = fc.tuple(fc.bigInt({ min: -(10n ** 33n), max: 10n ** 33n }), fc.integer({ min: -6100, max: 6000 }));

  const cases: readonly (readonly [string, PropOptions, fc.Arbitrary<unknown>])[] = [
    ['string', { type: String }, fc.string({ unit: 'binary' })],
    ['number', { type: Number }, fc.double({ noNaN: true, noDefaultInfinity: true })],
    ['boolean', { type: Boolean }, fc.boolean()],
    ['Date', { type: Date }, dates],
    ['ObjectId', { type: ObjectId }, objectIds],
    ['Decimal128', { type: Decimal128 }, decimals.map(([n, exponent]) => Decimal128.fromString(`${n}E${exponent}`))],
    ['bigint', { type: BigInt }, int64],
    ['Long', { type: Long }, int64.map((value) => Long.fromBigInt(value))],
    ['Binary', { type: Binary }, content.map((bytes) => new Binary(bytes))],
    ['Buffer', { type: Buffer }, content],
    ['UUID', { type: UUID }, fc.uuid().map((text) => new UUID(text))],
    [
      'RegExp',
      { type: RegExp },
      fc
        .tuple(fc.constantFrom('a', '\\/', '[/]', '^$', 'é'), fc.subarray(['g', 'i', 'm']))
        .map(([p, f]) => new RegExp(p, f.join(''))),
    ],
    ['enum', { enum: ['a', 1] }, fc.constantFrom('a', 1)],
    ['array', { type: [Date] }, fc.array(fc.option(dates))],
    ['array of arrays', { type: [[BigInt]] }, fc.array(fc.array(int64))],
    ['embedded', { type: Address }, addresses],
    ['array of embedded', { type: [Address] }, fc.array(addresses)],
    ['union', { type: [Payment] }, fc.array(payments)],
    [
      'Map',
      { type: Map, of: BigInt },
      fc
        .array(
          fc.tuple(
            fc.string({ unit: 'binary' }).map((key) => key.replaceAll('\0', '')),
            int64,
          ),
        )
        .map((entries) => new Map(entries)),
    ],
    [
      'Map of embedded',
      { type: Map, of: Address },
      fc.array(fc.tuple(fc.constantFrom('a', '__proto__', '1'), addresses)).map((entries) => new Map(entries)),
    ],
    ['Set', { type: Set, of: ObjectId }, fc.array(objectIds).map((ids) => new Set(ids))],
  ];

  it.each(cases)('%s', (_name, options, arbitrary) => {
    const field = new OneField(options);
    check(
      fc.property(arbitrary, (value) => {
        const again = fromJson(field.type, field.json(value));
        expect(field.same(again, value)).toBe(true);
        expect(field.same(field.again(again), value)).toBe(true);
      }),
      200,
    );
  });
});
