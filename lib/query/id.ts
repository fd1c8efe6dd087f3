import { CowError } from '../errors/index.js';
import { Place, describeValue } from '../bson/codec.js';
import { codecOfField } from '../bson/codec-of.js';
import { fromJson } from '../bson/from-json.js';
import { Long } from '../bson/values.js';
import { describeType, type EntityMap, type ValueType } from '../mapping/index.js';

/**
 * The id as the driver should send it: an ObjectId or UUID also from its text, a bigint or Long from digits.
 *
 * @throws InvalidId when it is no id of the entity; an object that only looks like an ObjectId is none
 */
export function castId(map: EntityMap, value: unknown): unknown {
  const { type } = map.id;
  try {
    const id = type.kind === 'long' ? toLong(value) : fromJson(type, value);
    if (id !== null && !Number.isNaN(id)) return codecOfField(map.id).encode(id, new Place(map.name, map.id.property));
  } catch (error) {
    throw invalidId(map, value, error);
  }
  throw invalidId(map, value);
}

/** Every whole number of 64 bits is one: text would be cut to them. */
function toLong(value: unknown): unknown {
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return toLong(BigInt(value));
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? Long.fromBigInt(value) : value;
  return Number.isSafeInteger(value) ? Long.fromNumber(value as number) : value;
}

function invalidId(map: EntityMap, value: unknown, cause?: unknown): CowError {
  const given = describeValue(value);
  return new CowError(
    'InvalidId',
    { entity: map.name, given: given.charAt(0).toUpperCase() + given.slice(1), expected: expectedId(map.id.type) },
    cause === undefined ? undefined : { cause },
  );
}

function expectedId(type: ValueType): string {
  switch (type.kind) {
    case 'objectId':
      return 'an ObjectId, or its 24 hexadecimal digits';
    case 'uuid':
      return 'a UUID, or its text';
    default:
      return describeType(type);
  }
}
