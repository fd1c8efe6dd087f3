import { CowError, isCowError } from '../errors/index.js';
import { propsOf } from './compile-fields.js';
import type { EntityMap, IndexMap, ObjectMap } from './entity-map.js';
import { findMetadata, lineage, type IndexMetadata } from './metadata.js';
import { storedPath } from './path.js';

/** The declared indexes of an entity and its base classes, by stored names. */
export function indexesOf(map: EntityMap): readonly IndexMap[] {
  return Object.freeze(
    declaredIndexes(map).map(({ key, options }) =>
      Object.freeze({
        key: Object.freeze(
          Object.fromEntries(Object.entries(key).map(([path, direction]) => [storedKey(map, path), direction])),
        ),
        options: Object.freeze({ ...options }),
      }),
    ),
  );
}

/** MongoDB indexes collections: what an embedded class declares would be created nowhere. */
export function refuseIndexes(map: ObjectMap): void {
  const path = declaredIndexes(map).flatMap(({ key }) => Object.keys(key))[0];
  if (path === undefined) return;
  throw new CowError('InvalidMapping', {
    entity: map.name,
    field: path,
    reason: 'an embedded class cannot declare an index',
    expected: `Declare it on the entity, by its path: @Index({ 'items.${path}': 1 }).`,
  });
}

function declaredIndexes(map: ObjectMap): IndexMetadata[] {
  const declared = lineage(map.target).flatMap((type) => findMetadata(type)?.indexes ?? []);
  const short = propsOf(map.target)
    .filter(({ options }) => options.index === true || options.unique === true)
    .map(({ property, options }) => ({
      key: { [property]: 1 as const },
      options: options.unique ? { unique: true } : {},
    }));
  return [...declared, ...short];
}

function storedKey(map: EntityMap, path: string): string {
  try {
    return storedPath(map, path).stored;
  } catch (error) {
    if (!isCowError(error, 'InvalidQuery')) throw error;
    throw new CowError(
      'InvalidMapping',
      { entity: map.name, field: path, reason: 'an index names it, and it is not declared', expected: error.remedy },
      { cause: error },
    );
  }
}
