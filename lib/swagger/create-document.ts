import type { INestApplication } from '@nestjs/common';
import { SwaggerModule, getSchemaPath, type OpenAPIObject, type SwaggerDocumentOptions } from '@nestjs/swagger';
import { discriminatorProperty } from '../bson/codecs/variant.js';
import { embeddedMapOf, type EmbeddedMap, type ValueType } from '../mapping/index.js';
import { enumValues, inferType } from '../mapping/infer-type.js';
import { MARK, describedBy, type DescribedProp } from './describe-props.js';
import { constructorOf, embeddedIn, schemaOf, type Schema } from './schema-of.js';

type Json = Record<string, unknown>;

/**
 * `SwaggerModule.createDocument()`, with every `@Prop()` described as the JSON form of its values: in entities, in
 * embedded classes and unions, and in DTOs that `PartialType()`, `PickType()` and the like derive from them. What
 * `@ApiProperty()` says besides is kept, and its type wins where it gives one.
 *
 * @param config what `DocumentBuilder` has built
 * @param options those of @nestjs/swagger
 * @throws InvalidMapping when the type of a property cannot be known
 * @example
 * const config = new DocumentBuilder().setTitle('Shop').build();
 * SwaggerModule.setup('docs', app, createDocument(app, config));
 */
export function createDocument(
  app: INestApplication,
  config: Omit<OpenAPIObject, 'paths'>,
  options: SwaggerDocumentOptions = {},
): OpenAPIObject {
  const first = SwaggerModule.createDocument(app, config, options);
  const maps = embeddedBehind(marked(first).map(({ mark }) => mark));
  // Embedded classes are described by Swagger too, so that what @ApiProperty() says in them is heard.
  const extraModels = [...(options.extraModels ?? []), ...[...maps].map(constructorOf)];
  const document = maps.size === 0 ? first : SwaggerModule.createDocument(app, config, { ...options, extraModels });
  const isOpenApi31 = document.openapi.startsWith('3.1');
  for (const { mark, schema } of marked(document)) fill(schema, mark, isOpenApi31);
  for (const map of maps) nameClass(document, map);
  return document;
}

/** A marked property or parameter, and the object that holds its schema. */
interface Marked {
  readonly mark: DescribedProp;
  readonly schema: Json;
}

function marked(document: OpenAPIObject): Marked[] {
  const found: Marked[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const mark = describedBy((value as Json)[MARK]);
    // A parameter of a query has its schema in an object of its own.
    if (mark !== undefined) found.push({ mark, schema: value as Json });
    for (const part of Object.values(value)) visit(part);
  };
  visit(document.components?.schemas);
  visit(document.paths);
  return found;
}

/** Keys that say what a value is; any of them in an `@ApiProperty()` is the application's own word. */
const OWN_WORDS = ['enum', 'oneOf', 'anyOf', 'allOf', '$ref', 'items', 'properties', 'additionalProperties'];

function fill(property: Json, { target, prop }: DescribedProp, isOpenApi31: boolean): void {
  delete property[MARK];
  const isParameter = typeof property.in === 'string';
  const schema = isParameter ? ((property.schema ?? {}) as Json) : property;
  if (schema.type !== 'string' || OWN_WORDS.some((word) => word in schema)) return;
  const { nullable, default: value, enum: allowed } = prop.options;
  const derived = schemaOf(typeOf(target.name, prop), {
    enum: allowed === undefined ? undefined : enumValues(allowed),
    nullable,
    isOpenApi31,
  });
  delete schema.type;
  const whole: Json = { ...derived, ...(isPlain(value) && { default: value }), ...schema };
  for (const key of Object.keys(schema)) delete schema[key];
  // What stands beside a $ref is not read.
  const { $ref, ...beside } = whole;
  const isReference = $ref !== undefined && Object.keys(beside).length > 0;
  Object.assign(schema, isReference ? { ...beside, allOf: [{ $ref }] } : whole);
  if (isParameter) property.schema = schema;
}

/** Every embedded class that these properties lead to, through others as well. */
function embeddedBehind(props: readonly DescribedProp[]): Set<EmbeddedMap> {
  const maps = new Set<EmbeddedMap>();
  const add = (type: ValueType): void => {
    for (const map of embeddedIn(type)) {
      if (maps.has(map)) continue;
      maps.add(map);
      for (const field of map.fields) add(field.type);
    }
  };
  for (const { target, prop } of props) add(typeOf(target.name, prop));
  return maps;
}

function typeOf(entity: string, prop: DescribedProp['prop']): ValueType {
  return inferType(entity, prop, embeddedMapOf);
}

/** The classes of a union are told apart by a property that each of them has, declared or not. */
function nameClass(document: OpenAPIObject, map: EmbeddedMap): void {
  const tag = discriminatorProperty(map);
  const name = getSchemaPath(constructorOf(map)).split('/').at(-1)!;
  const schema = document.components?.schemas?.[name] as Json | undefined;
  if (tag === undefined || schema === undefined) return;
  const properties = (schema.properties ??= {}) as Record<string, Schema>;
  properties[tag] = { type: 'string', ...properties[tag], enum: [map.discriminator?.value] };
  schema.required = [...new Set([...((schema.required ?? []) as string[]), tag])];
}

/** A default that JSON says as it is; what a function makes is no constant. */
function isPlain(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
