import type { ScalarKind } from '../../mapping/index.js';
import { CowError } from '../../errors/index.js';
import type { Place, ValueCodec } from '../codec.js';
import { BsonType } from '../elements.js';
import { sameNumber } from '../numbers.js';
import { decodeByDriver, type RawValue } from '../raw-value.js';
import { readDate, readInt64, readObjectId } from '../reading/scalars.js';
import { decodeString, isWellFormed } from '../strings.js';
import { BSONRegExp, Binary, Decimal128, Long, ObjectId, Timestamp, UUID } from '../values.js';
import { anyCodec, copyOfBinary, encodeDate, encodeRegExp, foreignOrigin } from './any.js';
import { sameAny, tagOf } from './same.js';

/** What is particular to a scalar; the frame around it is the same for all. */
interface Scalar {
  expected: string;
  /** Decodes the declared BSON types; `undefined` for another type, which then reads as stored. */
  read(raw: RawValue, owner: string): unknown;
  /**
   * The value for the driver, or `undefined` when it does not fit; a copy of what can be changed in place, since what
   * a flush sends must not change any more.
   */
  write(value: unknown, place: Place, origin: RawValue | undefined): unknown;
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

const SCALARS: Record<ScalarKind, Scalar> = {
  string: {
    expected: 'a string',
    read: (raw) => (raw.type === BsonType.string ? decodeString(raw) : undefined),
    write: (value, place) => {
      if (typeof value !== 'string') return undefined;
      return isWellFormed(value) ? value : place.refuse(value, 'text without lone surrogates');
    },
  },
  number: {
    expected: 'a number',
    read: (raw, owner) => {
      if (raw.type === BsonType.int32) return raw.bytes.readInt32LE(raw.start);
      if (raw.type === BsonType.double) return raw.bytes.readDoubleLE(raw.start);
      if (raw.type !== BsonType.int64) return undefined;
      const value = readInt64(raw.bytes, raw.start);
      if (Number.isSafeInteger(value)) return value;
      const [entity = owner, field = ''] = owner.split('.');
      throw new CowError('UnsafeInteger', { entity, field });
    },
    write: (value) => (typeof value === 'number' ? value : undefined),
  },
  boolean: {
    expected: 'a boolean',
    read: (raw) => (raw.type === BsonType.bool ? raw.bytes[raw.start] === 1 : undefined),
    write: (value) => (typeof value === 'boolean' ? value : undefined),
  },
  date: {
    expected: 'a valid Date',
    read: (raw) => (raw.type === BsonType.date ? readDate(raw.bytes, raw.start) : undefined),
    write: (value, place) => (isDate(value) ? encodeDate(value, place) : undefined),
  },
  objectId: {
    expected: 'an ObjectId',
    read: (raw) => (raw.type === BsonType.objectId ? readObjectId(raw.bytes, raw.start) : undefined),
    write: (value) => (value instanceof ObjectId ? value : undefined),
  },
  decimal128: {
    expected: 'a Decimal128',
    read: (raw) =>
      raw.type === BsonType.decimal128 ? new Decimal128(copyOf(raw.bytes, raw.start, raw.end)) : undefined,
    write: (value) => (value instanceof Decimal128 ? value : undefined),
  },
  bigint: {
    expected: 'a bigint of 64 bits',
    read: (raw) => {
      if (raw.type === BsonType.int64) return raw.bytes.readBigInt64LE(raw.start);
      if (raw.type === BsonType.int32) return BigInt(raw.bytes.readInt32LE(raw.start));
      if (raw.type !== BsonType.double) return undefined;
      const value = raw.bytes.readDoubleLE(raw.start);
      return Number.isSafeInteger(value) ? BigInt(value) : undefined;
    },
    write: (value) =>
      typeof value === 'bigint' && value >= MIN_INT64 && value <= MAX_INT64 ? Long.fromBigInt(value) : undefined,
  },
  long: {
    expected: 'a Long',
    read: (raw) => {
      if (raw.type === BsonType.int64) return Long.fromBigInt(raw.bytes.readBigInt64LE(raw.start));
      return raw.type === BsonType.int32 ? Long.fromNumber(raw.bytes.readInt32LE(raw.start)) : undefined;
    },
    write: (value) => (value instanceof Long && !(value instanceof Timestamp) ? value : undefined),
  },
  binary: {
    expected: 'a Binary',
    read: (raw) => {
      const bytes = binaryContent(raw);
      return bytes && new Binary(bytes, raw.bytes[raw.start + 4]);
    },
    write: (value) => {
      if (value instanceof Binary) return copyOfBinary(value);
      return isBytes(value) ? new Binary(Buffer.from(value)) : undefined;
    },
  },
  buffer: {
    expected: 'a Buffer or Uint8Array',
    read: (raw) => binaryContent(raw),
    write: (value, _place, origin) => {
      // Of another subtype it stays so: the content alone is what the application sees.
      const subtype = origin?.type === BsonType.binary ? origin.bytes[origin.start + 4] : undefined;
      return isBytes(value) ? new Binary(Buffer.from(value), subtype) : undefined;
    },
  },
  uuid: {
    expected: 'a UUID',
    read: (raw) => {
      const bytes = raw.bytes[raw.start + 4] === Binary.SUBTYPE_UUID ? binaryContent(raw) : undefined;
      return bytes?.length === 16 ? new UUID(bytes) : undefined;
    },
    write: (value) => {
      const isUuid = value instanceof Binary && value.sub_type === Binary.SUBTYPE_UUID && value.length() === 16;
      return isUuid ? copyOfBinary(value) : undefined;
    },
  },
  regexp: {
    expected: 'a RegExp',
    read: () => undefined,
    write: (value, place) => {
      if (tagOf(value) === '[object RegExp]') return encodeRegExp(value as RegExp, place);
      return value instanceof BSONRegExp ? anyCodec.encode(value, place) : undefined;
    },
  },
};

/** The codec of a scalar type. */
export function scalarCodec(kind: ScalarKind): ValueCodec {
  const scalar = SCALARS[kind];
  return {
    decode: (raw, owner) => {
      if (raw.type === BsonType.null) return null;
      return scalar.read(raw, owner) ?? anyCodec.decode(raw, owner);
    },
    equals: (a, b) => a === b || sameNumber(a, b) || sameAny(a, b),
    encode: (value, place, origin) => scalar.write(value, place, origin) ?? place.refuse(value, scalar.expected),
    toJson: (value) => (value === null || value === undefined ? value : anyCodec.toJson(value)),
    origin: (value) => foreignOrigin(value),
  };
}

/** A copy: the driver's own Binary is a view on the reply, so that writing to it would change the base. */
function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end));
}

/** The content of a binary value; that of the deprecated subtype 2 has a length of its own inside. */
function binaryContent(raw: RawValue): Buffer | undefined {
  if (raw.type !== BsonType.binary) return undefined;
  if (raw.bytes[raw.start + 4] !== Binary.SUBTYPE_BYTE_ARRAY) return copyOf(raw.bytes, raw.start + 5, raw.end);
  return Buffer.from((decodeByDriver(raw) as Binary).value());
}

export function isDate(value: unknown): value is Date {
  return tagOf(value) === '[object Date]';
}

function isBytes(value: unknown): value is Uint8Array {
  return tagOf(value) === '[object Uint8Array]';
}
