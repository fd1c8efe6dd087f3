import fc from 'fast-check';
import { BSON } from 'mongodb';

/** A value as it is stored: the byte of its type, and its bytes. */
export interface StoredValue {
  readonly type: number;
  readonly bytes: Buffer;
}

/** A named value of a document. */
export interface StoredElement extends StoredValue {
  readonly name: string;
}

/** The bytes of a document, written without js-bson: any order, any name, any type, duplicates too. */
export function documentOf(elements: readonly StoredElement[]): Buffer {
  const parts = elements.flatMap(({ name, type, bytes }) => [Buffer.from([type]), Buffer.from(`${name}\0`), bytes]);
  const length = Buffer.alloc(4);
  length.writeInt32LE(parts.reduce((sum, part) => sum + part.length, 5));
  return Buffer.concat([length, ...parts, Buffer.from([0])]);
}

/** An array of stored values. */
export function arrayOf(values: readonly StoredValue[]): StoredValue {
  return { type: 4, bytes: documentOf(values.map((value, index) => ({ ...value, name: String(index) }))) };
}

/** An embedded document. */
export function objectOf(elements: readonly StoredElement[]): StoredValue {
  return { type: 3, bytes: documentOf(elements) };
}

/** A value as js-bson stores it. */
export function stored(value: unknown): StoredValue {
  const bytes = Buffer.from(BSON.serialize({ v: value }, { ignoreUndefined: false }));
  return { type: bytes[4]!, bytes: Buffer.from(bytes.subarray(7, -1)) };
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(`${value}\0`);
  return Buffer.concat([int32(bytes.length), bytes]);
};

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/** Every element type of BSON, the deprecated ones included. */
export const storedValue = {
  double: (value: number): StoredValue => ({ type: 1, bytes: double(value) }),
  string: (value: string): StoredValue => ({ type: 2, bytes: text(value) }),
  object: objectOf,
  array: arrayOf,
  binary: (content: Uint8Array, subtype = 0): StoredValue => {
    const inner = subtype === 2 ? Buffer.concat([int32(content.length), content]) : content;
    return { type: 5, bytes: Buffer.concat([int32(inner.length), Buffer.from([subtype]), inner]) };
  },
  undefined: (): StoredValue => ({ type: 6, bytes: Buffer.alloc(0) }),
  objectId: (id: Uint8Array): StoredValue => ({ type: 7, bytes: Buffer.from(id) }),
  bool: (value: boolean): StoredValue => ({ type: 8, bytes: Buffer.from([value ? 1 : 0]) }),
  date: (milliseconds: bigint): StoredValue => ({ type: 9, bytes: int64(milliseconds) }),
  null: (): StoredValue => ({ type: 10, bytes: Buffer.alloc(0) }),
  regex: (pattern: string, flags = ''): StoredValue => ({ type: 11, bytes: Buffer.from(`${pattern}\0${flags}\0`) }),
  dbPointer: (namespace: string, id: Uint8Array): StoredValue => ({
    type: 12,
    bytes: Buffer.concat([text(namespace), id]),
  }),
  code: (source: string): StoredValue => ({ type: 13, bytes: text(source) }),
  symbol: (value: string): StoredValue => ({ type: 14, bytes: text(value) }),
  codeWithScope: (source: string, scope: readonly StoredElement[]): StoredValue => {
    const inner = Buffer.concat([text(source), documentOf(scope)]);
    return { type: 15, bytes: Buffer.concat([int32(inner.length + 4), inner]) };
  },
  int32: (value: number): StoredValue => ({ type: 16, bytes: int32(value) }),
  timestamp: (value: bigint): StoredValue => ({ type: 17, bytes: int64(value) }),
  int64: (value: bigint): StoredValue => ({ type: 18, bytes: int64(value) }),
  decimal128: (bytes: Uint8Array): StoredValue => ({ type: 19, bytes: Buffer.from(bytes) }),
  minKey: (): StoredValue => ({ type: 255, bytes: Buffer.alloc(0) }),
  maxKey: (): StoredValue => ({ type: 127, bytes: Buffer.alloc(0) }),
};

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const anyText = fc.string({ unit: 'binary', maxLength: 12 });
const cstring = anyText.map((value) => value.replaceAll('\0', ''));

/** Names that trip readers: empty, of other prototypes, of js-bson's own, with the byte that marks an ObjectId. */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c', 'name', 'items', '_id', '0', '1') },
  { weight: 2, arbitrary: cstring },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...['', '__proto__', 'constructor', 'toString', 'toJSON', '_bsontype', 'length', 'a.b', '$set', 'a\x07b', '\x07'],
      ...['é', '日本', '😀', 'hasOwnProperty', '$ref', '$id', '$db'],
    ),
  },
);

/** Flags and patterns that JavaScript knows as well: js-bson reads them without an error. */
const plainRegex = fc
  .tuple(fc.constantFrom('a', '^b+$', '\\d{2}', '[x/]', 'é', ''), fc.subarray(['i', 'm', 's']))
  .map(([pattern, flags]) => storedValue.regex(pattern, flags.join('')));

/** Those of other drivers, too. */
export const anyRegex = fc.oneof(
  plainRegex,
  fc
    .tuple(fc.constantFrom('(?i)a', '(', '\\p{L}', 'a(?<=b)', '*'), fc.subarray(['i', 'l', 'm', 's', 'u', 'x']))
    .map(([pattern, flags]) => storedValue.regex(pattern, flags.join(''))),
);

const anyInt64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n), 0n, 5n),
  fc.integer().map(BigInt),
);

const anyBinary = fc
  .tuple(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 128, 255))
  .map(([content, subtype]) => storedValue.binary(content, subtype));

const anyUuid = bytesOf(16).map((content) => storedValue.binary(content, 4));

const anyDecimal = fc.oneof(
  bytesOf(16).map(storedValue.decimal128),
  fc
    .constantFrom('0', '-0', '1.50', '5.00', 'NaN', 'Infinity', '-Infinity', '1E+6000', '1E-6176', '9'.repeat(34))
    .map((value) => stored(BSON.Decimal128.fromString(value))),
);

/** A value without parts, of any type. */
export const scalarValue: fc.Arbitrary<StoredValue> = fc.oneof(
  fc.double().map(storedValue.double),
  fc.integer().map(storedValue.double),
  anyText.map(storedValue.string),
  anyBinary,
  anyUuid,
  fc.constant(storedValue.undefined()),
  bytesOf(12).map(storedValue.objectId),
  fc.boolean().map(storedValue.bool),
  anyInt64.map(storedValue.date),
  fc.date({ noInvalidDate: true }).map((date) => storedValue.date(BigInt(date.getTime()))),
  fc.constant(storedValue.null()),
  plainRegex,
  fc.tuple(anyText, bytesOf(12)).map(([namespace, id]) => storedValue.dbPointer(namespace, id)),
  anyText.map(storedValue.code),
  anyText.map(storedValue.symbol),
  fc.integer().map(storedValue.int32),
  anyInt64.map(storedValue.timestamp),
  anyInt64.map(storedValue.int64),
  anyDecimal,
  fc.constant(storedValue.minKey()),
  fc.constant(storedValue.maxKey()),
);

const reference = fc
  .tuple(anyText, bytesOf(12), fc.option(anyText, { nil: undefined }), fc.boolean())
  .map(([collection, id, db, extra]) => [
    { name: '$ref', ...storedValue.string(collection) },
    { name: '$id', ...storedValue.objectId(id) },
    ...(db === undefined ? [] : [{ name: '$db', ...storedValue.string(db) }]),
    ...(extra ? [{ name: 'more', ...storedValue.int32(1) }] : []),
  ]);

const { value, elements } = fc.letrec<{ value: StoredValue; elements: StoredElement[] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'bson' },
    { weight: 6, arbitrary: scalarValue },
    { weight: 2, arbitrary: tie('elements').map(objectOf) },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'bson' }).map(arrayOf) },
    {
      weight: 1,
      arbitrary: fc.tuple(anyText, tie('elements')).map(([code, scope]) => storedValue.codeWithScope(code, scope)),
    },
    { weight: 1, arbitrary: reference.map(objectOf) },
  ),
  elements: fc
    .uniqueArray(fc.tuple(anyName, tie('value')), {
      maxLength: 5,
      depthIdentifier: 'bson',
      selector: ([name]) => name,
    })
    .map((entries) => entries.map(([name, one]) => ({ name, ...one }))),
}));

/** A value of any type, objects and arrays included. */
export const anyStored: fc.Arbitrary<StoredValue> = value;

/** The elements of a document, names all different. */
export const anyElements: fc.Arbitrary<StoredElement[]> = elements;

/** The bytes of a document. */
export const anyDocument: fc.Arbitrary<Buffer> = elements.map(documentOf);

/** What can happen to bytes: one flipped, inserted or deleted. */
export type Damage = { readonly at: number } & (
  | { readonly kind: 'flip'; readonly bit: number }
  | { readonly kind: 'insert'; readonly byte: number }
  | { readonly kind: 'delete' }
);

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

export const anyDamage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('insert' as const), at: place, byte: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant('delete' as const), at: place }),
);

/** The bytes with the damage done; `repair` then corrects the length in front, so that the inside is read. */
export function damaged(bytes: Buffer, damages: readonly Damage[], repair: boolean): Buffer {
  let result = Buffer.from(bytes);
  for (const damage of damages) {
    const at = Math.floor(damage.at * result.length);
    if (damage.kind === 'flip') result[at]! ^= 1 << damage.bit;
    else {
      const between = damage.kind === 'insert' ? Buffer.from([damage.byte]) : Buffer.alloc(0);
      result = Buffer.concat([result.subarray(0, at), between, result.subarray(at + 1 - between.length)]);
    }
  }
  if (repair && result.length >= 4) result.writeInt32LE(result.length);
  return result;
}
