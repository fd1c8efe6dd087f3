import { codecOfField } from '../bson/codec-of.js';
import { fromJson } from '../bson/from-json.js';
import { CowError } from '../errors/index.js';
import type { FieldMap, ObjectMap } from '../mapping/index.js';
import type { Managed } from '../unit-of-work/managed.js';
import { isGiven, isObject } from './assign.js';

type Data = Readonly<Record<string, unknown>>;

/**
 * Compares what a client saw of the fields that it changes, in JSON form, with what was loaded. From there on the flush
 * guards them.
 *
 * @throws ConcurrentModification naming each field that someone else changed since
 */
export function expectSeen(managed: Managed, data: Data, seen: Data): void {
  const { map } = managed.store;
  const outdated = outdatedFields(map, data, seen, (field) => managed.base?.read(field.property), '');
  if (outdated.length === 0) return;
  throw new CowError('ConcurrentModification', {
    entity: map.name,
    id: managed.idText,
    field: outdated.join(', '),
    issues: outdated.map((field) => ({
      entity: map.name,
      id: managed.idText,
      field,
      message: `${map.name}.${field} was changed by someone else since it was seen`,
    })),
  });
}

function outdatedFields(
  map: ObjectMap,
  data: Data,
  seen: Data,
  loadedOf: (field: FieldMap) => unknown,
  prefix: string,
): string[] {
  return map.fields
    .filter(({ property }) => isGiven(data, property) && isGiven(seen, property))
    .flatMap((field) => {
      const [value, was, loaded] = [data[field.property], seen[field.property], loadedOf(field)];
      if (field.type.kind === 'embedded' && isObject(value) && isObject(was) && isObject(loaded)) {
        const inside = (inner: FieldMap) => loaded[inner.property];
        return outdatedFields(field.type.map, value, was, inside, `${prefix}${field.property}.`);
      }
      return isSeen(field, was, loaded) ? [] : [prefix + field.property];
    });
}

/** Compared as JSON, whatever form the client's value has: null stands for what is missing. */
function isSeen(field: FieldMap, seen: unknown, loaded: unknown): boolean {
  const json = (value: unknown) =>
    value === null || value === undefined ? null : codecOfField(field).toJson(fromJson(field.type, value));
  return JSON.stringify(sorted(json(seen))) === JSON.stringify(sorted(json(loaded)));
}

/** Keys in one order, so that two spellings of one value are one text. */
function sorted(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (_key, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  ) as unknown;
}
