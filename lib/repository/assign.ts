import { fromJson } from '../bson/from-json.js';
import { variantOfValue } from '../bson/codecs/embedded.js';
import type { FieldMap, ObjectMap } from '../mapping/index.js';
import type { Managed } from '../unit-of-work/managed.js';
import { warnLeftOut } from './undeclared.js';

type Data = Readonly<Record<string, unknown>>;

/**
 * Gives an entity the declared fields of `data` that a client may write: never the id, the version, the times or the
 * discriminator. `undefined` is left out, at every depth: a DTO that went through ValidationPipe has an own `undefined`
 * for whatever the client did not send. An embedded object is changed field by field; lists are replaced.
 */
export function assignData(managed: Managed, data: Data): void {
  const { map } = managed.store;
  warnLeftOut('assign', map, data);
  const own = [map.id, map.version, map.createdAt, map.updatedAt];
  assignFields(
    map,
    map.fields.filter((field) => !own.includes(field)),
    managed.entity as Record<string, unknown>,
    data,
  );
}

function assignFields(map: ObjectMap, fields: readonly FieldMap[], target: Record<string, unknown>, data: Data): void {
  for (const { property, stored, type } of fields) {
    if (stored === map.discriminator?.stored || !isGiven(data, property)) continue;
    const value = data[property];
    const present = type.kind === 'embedded' ? target[property] : undefined;
    if (type.kind === 'embedded' && isObject(present) && isObject(value) && !isInstance(type.map, value)) {
      const inner = variantOfValue(type.map, present);
      assignFields(inner, inner.fields, present, value);
    } else {
      target[property] = fromJson(type, value);
    }
  }
}

/** An instance of the class itself is meant whole. */
function isInstance(map: ObjectMap, value: object): boolean {
  return value instanceof map.target;
}

export function isGiven(data: Data, property: string): boolean {
  return Object.hasOwn(data, property) && data[property] !== undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
