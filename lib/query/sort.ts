import { setOwn } from '../bson/codecs/any.js';
import type { EntityMap } from '../mapping/index.js';
import type { Path } from './paths.js';
import { isPlainObject } from './plain-object.js';
import { refuse } from './refuse.js';
import { resolvePath } from './scope.js';

/** Ascending or descending. */
export type SortDirection = 1 | -1 | 'asc' | 'desc';

/**
 * The order of the result: by the first path, then among equals by the next.
 *
 * @example { status: 'asc', placedAt: -1 }
 */
export type Sort<T> = Readonly<Partial<Record<Path<T>, SortDirection>>>;

const DIRECTIONS = new Map<unknown, 1 | -1>([
  [1, 1],
  [-1, -1],
  ['asc', 1],
  ['desc', -1],
]);

/**
 * MongoDB's sort, by stored names, in the given order.
 *
 * @throws InvalidQuery for unknown fields and directions
 */
export function compileSort(map: EntityMap, sort: unknown): Record<string, 1 | -1> {
  if (!isPlainObject(sort)) refuse({ entity: map.name }, 'sort is no plain object', "Give { field: 'asc' }.");
  const compiled: Record<string, 1 | -1> = {};
  for (const [path, given] of Object.entries(sort)) {
    const direction = DIRECTIONS.get(given);
    if (direction === undefined) {
      refuse({ entity: map.name, field: path }, 'the direction of its sort is unknown', "Give 1, -1, 'asc' or 'desc'.");
    }
    setOwn(compiled, resolvePath(map, path).stored, direction);
  }
  return compiled;
}
