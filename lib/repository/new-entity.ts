import { fromJson } from '../bson/from-json.js';
import { setOwn } from '../bson/codecs/any.js';
import { ObjectId, UUID } from '../bson/values.js';
import { CowError } from '../errors/index.js';
import { describeType, type EntityMap } from '../mapping/index.js';
import { copyValue } from '../tracking/plain-values.js';
import { warnLeftOut } from './undeclared.js';

/** Makes an instance as the application would, then gives it the declared fields of `data`; extra keys are left out. */
export function construct(map: EntityMap, data: Readonly<Record<string, unknown>>): object {
  const instance =
    map.create === undefined ? new (map.target as unknown as new () => object)() : map.create({ ...data });
  warnLeftOut('create', map, data);
  for (const field of map.fields) {
    const value = Object.hasOwn(data, field.property) ? data[field.property] : undefined;
    if (value !== undefined && field !== map.version) setOwn(instance, field.property, fromJson(field.type, value));
  }
  return instance;
}

/**
 * Gives a new instance its id and the defaults of fields that it lacks.
 *
 * @returns the id
 * @throws InvalidId when there is none and none can be made
 */
export function prepare(map: EntityMap, instance: object): unknown {
  const values = instance as Record<string, unknown>;
  for (const field of map.fields) {
    if (values[field.property] !== undefined) continue;
    const value = field.defaultFactory === undefined ? map.defaults.get(field.property) : field.defaultFactory();
    if (value !== undefined && field !== map.id) values[field.property] = copyValue(value);
  }
  values[map.id.property] ??= idOf(map);
  return values[map.id.property];
}

/** A new id of the class. @throws InvalidId when none can be made */
export function idOf(map: EntityMap): unknown {
  const field = map.id;
  if (field.defaultFactory !== undefined) return field.defaultFactory();
  if (field.type.kind === 'objectId') return new ObjectId();
  if (field.type.kind === 'uuid') return new UUID();
  throw new CowError('InvalidId', {
    entity: map.name,
    given: 'A new entity without an id',
    expected: `${describeType(field.type)} as its ${field.property}, or a default: @Id({ default: () => … })`,
  });
}
