import { CowError } from '../errors/index.js';
import type { FieldMap, ObjectMap } from './entity-map.js';
import type { ValueType } from './value-type.js';

/** A dotted path of property names, as the database knows it. */
export interface StoredPath {
  readonly stored: string;
  /** Type of the value at its end. */
  readonly type: ValueType;
  /** The root field that it leads through. */
  readonly root: FieldMap;
}

/**
 * Translates a path of property names (`'customer.address.city'`, `'items.sku'`, `'items.0.sku'`) to stored names.
 *
 * @throws InvalidQuery when the class does not declare a part of it
 */
export function storedPath(map: ObjectMap, path: string): StoredPath {
  const [first = '', ...rest] = path.split('.');
  const root = map.byProperty.get(first);
  if (root === undefined) throw unknownField(map, first, path);
  const stored = [root.stored];
  let type = root.type;
  for (const part of rest) {
    if (part === '') throw unknownField(map, part, path);
    if ((type.kind === 'array' || type.kind === 'set') && /^\d+$/.test(part)) {
      type = type.of;
      stored.push(part);
      continue;
    }
    while (type.kind === 'array' || type.kind === 'set') type = type.of; // MongoDB looks into arrays
    if (type.kind === 'embedded') {
      const field = embeddedField(type.map, part);
      if (field === undefined) throw unknownField(type.map, part, path);
      stored.push(field.stored);
      type = field.type;
    } else if (type.kind === 'map' || type.kind === 'any') {
      if (part.startsWith('$')) throw unknownField(map, part, path);
      stored.push(part);
      type = type.kind === 'map' ? type.of : type;
    } else {
      throw unknownField(map, part, path);
    }
  }
  return { stored: stored.join('.'), type, root };
}

/** A field of an embedded class, or of any class of its union. */
function embeddedField(map: ObjectMap, property: string): FieldMap | undefined {
  const own = map.byProperty.get(property);
  if (own !== undefined) return own;
  for (const variant of map.discriminator?.variants.values() ?? []) {
    const field = variant.byProperty.get(property);
    if (field !== undefined) return field;
  }
  return undefined;
}

function unknownField(map: ObjectMap, part: string, path: string): CowError {
  return new CowError('InvalidQuery', {
    entity: map.name,
    field: path,
    reason: part.startsWith('$')
      ? 'operators are written with op, for example { qty: op.gt(5) }'
      : `${map.name} declares no field "${part}"`,
    expected: `Name one of: ${[...map.byProperty.keys()].join(', ')}.`,
  });
}
