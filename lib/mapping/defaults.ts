import { CowError } from '../errors/index.js';
import type { ClassType, FieldMap, ObjectMap } from './entity-map.js';
import { describeType, type ValueType } from './value-type.js';

/**
 * What fields read as where a document lacks them: constant `default`s, and what the class's field initialisers set,
 * learnt by one trial construction.
 *
 * @throws InvalidMapping when the constructor throws, sets functions as members (loaded entities would lack them), or
 * a default does not fit its field
 */
export function findDefaults(
  target: ClassType,
  fields: readonly FieldMap[],
  constants: ReadonlyMap<string, unknown>,
  create: ObjectMap['create'],
): ReadonlyMap<string, unknown> {
  const defaults = new Map(constants);
  const trial = construct(target, create);
  for (const [member, value] of Object.entries(trial ?? {})) {
    if (typeof value === 'function') {
      throw new CowError('InvalidMapping', {
        entity: target.name,
        field: member,
        reason: 'it is a function set by the constructor, which loaded entities do not have',
        expected: 'Write it as a method of the class.',
      });
    }
  }
  for (const field of fields) {
    const isSet = trial !== undefined && Object.hasOwn(trial, field.property);
    const initial = isSet ? (trial as Record<string, unknown>)[field.property] : undefined;
    if (initial !== undefined && !defaults.has(field.property)) defaults.set(field.property, initial);
    if (defaults.has(field.property)) checkDefault(target, field, defaults.get(field.property));
  }
  return defaults;
}

function construct(target: ClassType, create: ObjectMap['create']): object | undefined {
  if (create === undefined) {
    try {
      return new (target as unknown as new () => object)();
    } catch (error) {
      throw new CowError(
        'InvalidMapping',
        {
          entity: target.name,
          reason: `its constructor threw when it was tried without parameters (${String(error)})`,
          expected: 'Let the constructor work without parameters, or give the option `create`.',
        },
        { cause: error },
      );
    }
  }
  let made: unknown;
  try {
    made = create({});
  } catch {
    return undefined; // a factory may insist on data: then its class has no defaults to learn
  }
  if (made instanceof target) return made;
  throw new CowError('InvalidMapping', {
    entity: target.name,
    reason: 'its factory `create` made something else than an instance of it',
    expected: `Return one: create: (data) => new ${target.name || 'TheClass'}(…).`,
  });
}

function checkDefault(target: ClassType, field: FieldMap, value: unknown): void {
  const isAllowed =
    value === null ? field.nullable : fits(field.type, value) && (field.enum === undefined || isIn(field.enum, value));
  if (isAllowed) return;
  const of = field.enum === undefined ? describeType(field.type) : `${describeType(field.type)} of its enum`;
  throw new CowError('InvalidMapping', {
    entity: target.name,
    field: field.property,
    reason: value === null ? 'its default is null, and null is not allowed' : `its default is not ${of}`,
    expected: value === null ? 'Declare @Prop({ nullable: true }), or give no default.' : `Give ${of}.`,
  });
}

/** Is the value of the field's type, as far as can be told without encoding it? */
function fits(type: ValueType, value: unknown): boolean {
  switch (type.kind) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return typeof value === type.kind;
    case 'array':
      return Array.isArray(value);
    case 'map':
      return value instanceof Map;
    case 'set':
      return value instanceof Set;
    case 'date':
      return Object.prototype.toString.call(value) === '[object Date]';
    case 'any':
      return true;
    default:
      return typeof value === 'object' && !Array.isArray(value);
  }
}

function isIn(allowed: ReadonlySet<unknown>, value: unknown): boolean {
  if (Array.isArray(value) || value instanceof Set)
    return [...(value as Iterable<unknown>)].every((v) => isIn(allowed, v));
  return value instanceof Map ? [...value.values()].every((v) => isIn(allowed, v)) : allowed.has(value);
}
