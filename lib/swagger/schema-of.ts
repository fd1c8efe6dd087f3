import { getSchemaPath } from '@nestjs/swagger';
import { discriminatorProperty } from '../bson/codecs/variant.js';
import type { EmbeddedMap, ScalarKind, ValueType } from '../mapping/index.js';

/** A schema of OpenAPI, or a reference to one. */
export type Schema = Readonly<Record<string, unknown>>;

/** The documented JSON form of each type without parts. */
const SCALARS: Readonly<Record<ScalarKind, Schema>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date-time' },
  objectId: { type: 'string', pattern: '^[0-9a-f]{24}$', example: '507f1f77bcf86cd799439011' },
  decimal128: { type: 'string', format: 'decimal', example: '9.90' },
  bigint: { type: 'string', format: 'int64', pattern: '^-?\\d+$', example: '9007199254740993' },
  long: { type: 'string', format: 'int64', pattern: '^-?\\d+$', example: '9007199254740993' },
  binary: { type: 'string', format: 'byte' },
  buffer: { type: 'string', format: 'byte' },
  uuid: { type: 'string', format: 'uuid' },
  regexp: { type: 'string', format: 'regex', example: '/^a/i' },
};

/** What a property's schema takes from its options. */
export interface SchemaOptions {
  readonly enum?: ReadonlySet<unknown> | undefined;
  readonly nullable?: boolean | undefined;
  /** OpenAPI 3.1 has no `nullable`: null is a type there. */
  readonly isOpenApi31: boolean;
}

/** The schema of the JSON form of a type. */
export function schemaOf(type: ValueType, options: SchemaOptions): Schema {
  const schema = inner(type, options.enum);
  if (options.nullable !== true || Object.keys(schema).length === 0) return schema; // an empty one admits null
  if (options.isOpenApi31) {
    const { type: one, ...rest } = schema as { readonly type?: unknown; readonly enum?: readonly unknown[] };
    if (typeof one !== 'string') return { oneOf: [schema, { type: 'null' }] };
    return { ...rest, type: [one, 'null'], ...(rest.enum !== undefined && { enum: [...rest.enum, null] }) };
  }
  // Beside a $ref nothing else counts, and without a type nothing is nullable.
  return '$ref' in schema
    ? { type: 'object', nullable: true, allOf: [schema] }
    : { type: 'object', ...schema, nullable: true };
}

function inner(type: ValueType, allowed?: ReadonlySet<unknown>): Schema {
  switch (type.kind) {
    case 'any':
      return allowed === undefined ? {} : { enum: [...allowed] };
    case 'array':
      return { type: 'array', items: inner(type.of, allowed) };
    case 'set':
      return { type: 'array', uniqueItems: true, items: inner(type.of, allowed) };
    case 'map':
      return { type: 'object', additionalProperties: inner(type.of, allowed) };
    case 'embedded':
      return embedded(type.map);
    default:
      return allowed === undefined ? SCALARS[type.kind] : { ...SCALARS[type.kind], enum: [...allowed] };
  }
}

/** An object of one class, or of any class of a union. */
function embedded(map: EmbeddedMap): Schema {
  const variants = variantsOf(map);
  const pathOf = (variant: EmbeddedMap): string => getSchemaPath(constructorOf(variant));
  if (variants.length < 2) return { $ref: pathOf(map) };
  const mapping: Record<string, string> = {};
  for (const variant of variants) mapping[variant.discriminator?.value ?? ''] = pathOf(variant);
  return {
    oneOf: variants.map((variant) => ({ $ref: pathOf(variant) })),
    discriminator: { propertyName: discriminatorProperty(map), mapping },
  };
}

/** The classes that an object declared as of this one may be of. */
export function variantsOf(map: EmbeddedMap): EmbeddedMap[] {
  const family = [...(map.discriminator?.variants.values() ?? [map])] as EmbeddedMap[];
  // A base that no object is of has no value.
  return family.filter(
    ({ target, discriminator }) =>
      (discriminator?.value !== undefined || family.length === 1) &&
      (target === map.target || target.prototype instanceof map.target),
  );
}

/** The embedded classes that a type names. */
export function embeddedIn(type: ValueType): EmbeddedMap[] {
  switch (type.kind) {
    case 'array':
    case 'set':
    case 'map':
      return embeddedIn(type.of);
    case 'embedded':
      return variantsOf(type.map);
    default:
      return [];
  }
}

/** Swagger's types know no abstract classes. */
export function constructorOf(map: EmbeddedMap): new () => object {
  return map.target as unknown as new () => object;
}
