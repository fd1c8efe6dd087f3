import type { ClassType, IndexDirection } from './entity-map.js';
import { ownMetadata } from './metadata.js';

/**
 * Declares an index, created at start unless switched off. An index that nobody declared is never dropped.
 *
 * @param key property names, dotted into embedded values, with their direction
 * @param options MongoDB's options of createIndexes: unique, sparse, expireAfterSeconds, partialFilterExpression
 *   (by stored names), name, …
 * @example
 * \@Index({ customer: 1, placedAt: -1 })
 * \@Index({ email: 1 }, { unique: true })
 */
export function Index(
  key: Readonly<Record<string, IndexDirection>>,
  options: Readonly<Record<string, unknown>> = {},
): ClassDecorator {
  return (target) => {
    ownMetadata(target as unknown as ClassType).indexes.push({ key, options });
  };
}
