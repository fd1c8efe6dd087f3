import { CowError } from '../errors/index.js';
import { Place, describeValue } from '../bson/codec.js';
import { codecOf } from '../bson/codec-of.js';
import { anyCodec } from '../bson/codecs/any.js';
import { fromJson } from '../bson/from-json.js';
import { isNumeric } from '../bson/numbers.js';
import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, ObjectId } from '../bson/values.js';
import { describeType, type ValueType } from '../mapping/index.js';
import { checkDeclared, checkLiteral } from './literal.js';
import type { QueryPlace } from './refuse.js';

/** A place in a filter, with the type of the values there. */
export interface Spot extends Required<QueryPlace> {
  readonly type: ValueType;
  /** Does the path lead through an array on its way, so that several values are compared? */
  readonly many: boolean;
}

/**
 * A value as the driver should send it: cast from its JSON form, and encoded by stored names. Of an array field both
 * the whole array and one element can be given.
 *
 * @throws InvalidQuery when it is more than a value
 * @throws InvalidValue when it is of another type than the field
 */
export function encodeOperand(spot: Spot, value: unknown): unknown {
  checkLiteral(spot, value);
  const { type } = spot;
  const isElement = (type.kind === 'array' || type.kind === 'set') && !isWhole(type.of, value);
  return encodeAs(spot, isElement ? type.of : type, value);
}

/** Like `encodeOperand`, where MongoDB compares with elements only. */
export function encodeElement(spot: Spot, value: unknown): unknown {
  checkLiteral(spot, value);
  return encodeAs(spot, spot.type.kind === 'array' || spot.type.kind === 'set' ? spot.type.of : spot.type, value);
}

/** Is the value given for an array field an array of elements, rather than an element? */
function isWhole(of: ValueType, value: unknown): boolean {
  if (!isList(value)) return false;
  return (
    (of.kind !== 'array' && of.kind !== 'set') || [...value].every((element) => element === null || isList(element))
  );
}

function isList(value: unknown): value is Iterable<unknown> {
  return Array.isArray(value) || value instanceof Set;
}

function encodeAs(spot: Spot, type: ValueType, value: unknown): unknown {
  if (value === null) return null;
  checkDeclared(spot, type, value);
  const place = new Place(spot.entity, spot.field);
  if (isNumberKind(type) && (typeof value === 'bigint' || isNumeric(value))) {
    // MongoDB compares numbers of all kinds by value. The text of a number says which decimal was meant: 0.1 is not
    // the double nearest to it.
    const asDecimal = type.kind === 'decimal128' && typeof value === 'number';
    return asDecimal ? Decimal128.fromString(String(value)) : anyCodec.encode(value, place);
  }
  return codecOf(type).encode(cast(spot, type, value), place);
}

/** The value of the type for its JSON form; text that no value has is refused, whoever finds out. */
function cast(spot: Spot, type: ValueType, value: unknown): unknown {
  try {
    return fromJson(type, value);
  } catch (error) {
    throw new CowError(
      'InvalidValue',
      { entity: spot.entity, field: spot.field, expected: describeType(type), given: describeValue(value) },
      { cause: error },
    );
  }
}

function isNumberKind({ kind }: ValueType): boolean {
  return kind === 'number' || kind === 'bigint' || kind === 'long' || kind === 'decimal128';
}

/** Does MongoDB compare by equality with such a value, where no operator says what to do with it? */
export function isPlainOperand(encoded: unknown): boolean {
  if (typeof encoded !== 'object' || encoded === null) return true;
  return (
    encoded instanceof ObjectId ||
    encoded instanceof Binary ||
    encoded instanceof Decimal128 ||
    encoded instanceof Long ||
    encoded instanceof Int32 ||
    encoded instanceof Double ||
    Object.prototype.toString.call(encoded) === '[object Date]'
  );
}

/** Would MongoDB search by it instead of comparing with it? */
export function isPattern(encoded: unknown): boolean {
  return encoded instanceof BSONRegExp || Object.prototype.toString.call(encoded) === '[object RegExp]';
}
