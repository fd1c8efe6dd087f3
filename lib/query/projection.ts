import type { EntityMap, FieldMap, ValueType } from '../mapping/index.js';
import type { Path } from './paths.js';
import { refuse } from './refuse.js';
import { resolvePath, stepsOf } from './scope.js';

/**
 * The fields to load, by path.
 *
 * @example ['status', 'customer.name']
 */
export type Fields<T> = readonly Path<T>[];

/** A compiled choice of fields. */
export interface Projection {
  /** MongoDB's projection, by stored names. */
  readonly projection: Record<string, 1>;
  /** Names of the root properties that are loaded, in part or whole. */
  readonly loaded: ReadonlySet<string>;
}

/**
 * MongoDB's projection. The id, the version, the discriminator and the shard key are always loaded; of embedded
 * values loaded in part also their key and discriminator.
 *
 * @param options.exact load the very paths. Otherwise the whole of the root fields that they lead through: what is
 *   tracked is compared and guarded as a whole.
 * @throws InvalidQuery for unknown fields
 */
export function compileFields(map: EntityMap, fields: unknown, options: { exact: boolean }): Projection {
  if (!Array.isArray(fields)) refuse({ entity: map.name }, 'fields is no array', "Give ['status', 'customer.name'].");
  const roots = new Map<string, FieldMap>();
  const paths = new Set<string>(['_id']);
  const addRoot = (field: FieldMap) => {
    roots.set(field.property, field);
    paths.add(field.stored);
  };
  for (const field of [map.id, map.version, ...map.shardKey]) if (field !== undefined) addRoot(field);
  if (map.discriminator !== undefined) {
    const declared = map.byStored.get(map.discriminator.stored);
    if (declared !== undefined) addRoot(declared);
    paths.add(map.discriminator.stored);
  }
  for (const path of fields as unknown[]) {
    if (typeof path !== 'string') refuse({ entity: map.name }, 'fields contains no path', 'Give property names.');
    const { root } = resolvePath(map, path);
    if (options.exact) {
      roots.set(root.property, root);
      for (const stored of exactPaths(map, path)) paths.add(stored);
    } else addRoot(root);
  }
  return { projection: toProjection(paths), loaded: new Set(roots.keys()) };
}

/** The stored path, and what the embedded values on its way need to be decoded. */
function exactPaths(map: EntityMap, path: string): string[] {
  const steps = stepsOf(map, withoutPositions(path));
  return steps.flatMap(({ stored, type }, index) => {
    if (index === steps.length - 1) return [stored];
    const embedded = elementOf(type);
    if (embedded.kind !== 'embedded') return [];
    const { key, discriminator } = embedded.map;
    return [key?.stored, discriminator?.stored].filter((name) => name !== undefined).map((name) => `${stored}.${name}`);
  });
}

/** Projections know no positions: `items.0.sku` loads `items`. */
function withoutPositions(path: string): string {
  const parts = path.split('.');
  const position = parts.findIndex((part) => /^\d+$/.test(part));
  return position > 0 ? parts.slice(0, position).join('.') : path;
}

function elementOf(type: ValueType): ValueType {
  return type.kind === 'array' || type.kind === 'set' ? elementOf(type.of) : type;
}

/** Without the paths that another one contains: the server refuses both together. */
function toProjection(paths: ReadonlySet<string>): Record<string, 1> {
  const isContained = (path: string) => {
    const parts = path.split('.');
    return parts.some((_, index) => index > 0 && paths.has(parts.slice(0, index).join('.')));
  };
  return Object.fromEntries([...paths].filter((path) => !isContained(path)).map((path) => [path, 1]));
}
