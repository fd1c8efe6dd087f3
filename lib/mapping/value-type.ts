import type { EmbeddedMap } from './entity-map.js';

/** Kinds of value without parts. */
export type ScalarKind =
  | 'string'
  | 'number'
  | 'boolean'
  | 'date'
  | 'objectId'
  | 'decimal128'
  | 'bigint'
  | 'long'
  | 'binary'
  | 'buffer'
  | 'uuid'
  | 'regexp';

export interface ScalarType {
  readonly kind: ScalarKind;
}
/** Free-form: whatever BSON can hold. */
export interface AnyType {
  readonly kind: 'any';
}
export interface ArrayType {
  readonly kind: 'array';
  readonly of: ValueType;
}
/** A JavaScript Set, stored as an array whose order and duplicates do not count. */
export interface SetType {
  readonly kind: 'set';
  readonly of: ValueType;
}
/** A JavaScript Map with string keys, stored as an object. */
export interface MapType {
  readonly kind: 'map';
  readonly of: ValueType;
}
export interface EmbeddedType {
  readonly kind: 'embedded';
  readonly map: EmbeddedMap;
}

/** What a field holds, as compiled from its decorator. */
export type ValueType = ScalarType | AnyType | ArrayType | SetType | MapType | EmbeddedType;

/** Can a value of this type be changed in place? Such values are copied when handed out, and compared at flush. */
export function isMutable(type: ValueType): boolean {
  switch (type.kind) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'objectId':
    case 'bigint':
    case 'long':
      return false;
    default:
      return true;
  }
}

/** The type in words, for errors. */
export function describeType(type: ValueType): string {
  switch (type.kind) {
    case 'array':
      return `an array of ${describeType(type.of)}`;
    case 'set':
      return `a Set of ${describeType(type.of)}`;
    case 'map':
      return `a Map of ${describeType(type.of)}`;
    case 'embedded':
      return `an object of ${type.map.name}`;
    case 'any':
      return 'a value that BSON can store';
    case 'objectId':
      return 'an ObjectId';
    case 'date':
      return 'a valid Date';
    case 'buffer':
      return 'a Buffer or Uint8Array';
    case 'decimal128':
      return 'a Decimal128';
    case 'bigint':
      return 'a bigint of 64 bits';
    case 'long':
      return 'a Long';
    case 'binary':
      return 'a Binary';
    case 'uuid':
      return 'a UUID';
    case 'regexp':
      return 'a RegExp';
    default:
      return `a ${type.kind}`;
  }
}
