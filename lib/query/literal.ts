import { MAX_DEPTH } from '../bson/codec.js';
import { variantOfValue } from '../bson/codecs/embedded.js';
import type { EmbeddedMap, ValueType } from '../mapping/index.js';
import { FilterGroup } from './filter-group.js';
import { Operator } from './operator.js';
import { isPlainObject, isScalarObject, partsOf } from './plain-object.js';
import { refuse, type QueryPlace } from './refuse.js';

/**
 * Checks that a value of a filter is nothing but a value: at no depth an operator, undefined, or a name that MongoDB,
 * js-bson or JavaScript would take for something else.
 *
 * The codecs would leave some of this out, and what is left out of a filter makes it match something else.
 */
export function checkLiteral(place: Required<QueryPlace>, value: unknown, depth = 0): void {
  if (value === undefined) refuseUndefined(place);
  if (typeof value !== 'object' || value === null || isScalarObject(value)) return;
  if (depth > MAX_DEPTH) refuse(place, `it is nested deeper than ${MAX_DEPTH} levels`, 'Give a smaller value.');
  if (Operator.is(value) || FilterGroup.is(value)) {
    refuse(
      place,
      'an operator stands inside a value',
      "Put it at its path: { 'address.city': op.startsWith('B') }, or use op.elemMatch() for an array.",
    );
  }
  const isRecord = !Array.isArray(value) && !(value instanceof Set);
  const absentAllowed = isRecord && !(value instanceof Map) && !isPlainObject(value); // instances declare what they lack
  for (const [name, part] of partsOf(value)) {
    if (isRecord) checkName(place, name);
    if (part === undefined && absentAllowed) continue;
    checkLiteral({ entity: place.entity, field: `${place.field}.${name}` }, part, depth + 1);
  }
}

/** Checks that objects of embedded classes name declared fields only: unknown ones would not be compared. */
export function checkDeclared(place: Required<QueryPlace>, type: ValueType, value: unknown): void {
  if (typeof value !== 'object' || value === null || isScalarObject(value)) return;
  if (type.kind === 'embedded' && !Array.isArray(value)) return checkFields(place, type.map, value);
  if (type.kind !== 'array' && type.kind !== 'set' && type.kind !== 'map') return;
  for (const [name, part] of partsOf(value)) {
    checkDeclared({ entity: place.entity, field: `${place.field}.${name}` }, type.of, part);
  }
}

function checkFields(place: Required<QueryPlace>, map: EmbeddedMap, value: object): void {
  const variant = variantOfValue(map, value);
  if (Object.getPrototypeOf(value) === variant.target.prototype) return; // may carry members that are not stored
  for (const [name, part] of Object.entries(value)) {
    const field = variant.byProperty.get(name);
    const inner = { entity: place.entity, field: `${place.field}.${name}` };
    if (field !== undefined) checkDeclared(inner, field.type, part);
    else if (name !== variant.discriminator?.stored) {
      refuse(
        inner,
        `${variant.name} declares no field "${name}"`,
        `Name one of: ${[...variant.byProperty.keys()].join(', ')}.`,
      );
    }
  }
}

export function refuseUndefined(place: QueryPlace): never {
  return refuse(place, 'it is undefined', 'Remove the key, or say null or op.exists(false) for what is not there.');
}

/** Refuses names that would not be read as names. */
export function checkName(place: QueryPlace, name: string): void {
  if (name.startsWith('$')) {
    refuse(
      place,
      'an object with an operator in it was given as a value',
      'Operators are written with op, for example { qty: op.gt(5) }; a client can send values only.',
    );
  }
  if (name === '__proto__' || name === '_bsontype') refuse(place, `the name "${name}" is reserved`, 'Remove that key.');
  if (name.includes('\0')) refuse(place, 'a name contains NUL', 'Remove that key.');
}
