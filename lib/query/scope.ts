import { storedPath, type ObjectMap, type StoredPath } from '../mapping/index.js';
import type { Spot } from './operand.js';
import { refuse } from './refuse.js';

/** Longer paths are refused: the server has a limit of its own, and answers 500. */
const MAX_PARTS = 100;

/** What the keys of a filter are relative to: the entity, or the elements at a path of it (`op.elemMatch`). */
export class Scope {
  private constructor(
    readonly map: ObjectMap,
    private readonly prefix: string,
    private readonly storedPrefix: string,
  ) {}

  static of(map: ObjectMap): Scope {
    return new Scope(map, '', '');
  }

  /** The scope of the elements at a path of this one. */
  within(spot: Pick<Spot, 'field'>): Scope {
    return new Scope(this.map, `${spot.field}.`, `${storedPath(this.map, spot.field).stored}.`);
  }

  /**
   * Where a key of the filter leads.
   *
   * @throws InvalidQuery when the class declares no such path
   */
  resolve(key: string): Spot & { readonly stored: string } {
    const field = this.prefix + key;
    const { stored, type } = resolvePath(this.map, field);
    return {
      entity: this.map.name,
      field,
      type,
      many: key.includes('.') && this.crossesArray(field),
      stored: stored.slice(this.storedPrefix.length),
    };
  }

  /** Does the path, from this scope on, lead through an array without saying which element? */
  private crossesArray(field: string): boolean {
    const parts = field.split('.');
    const start = this.prefix.split('.').length - 1;
    return stepsOf(this.map, field)
      .slice(start, -1)
      .some(({ type }, index) => {
        const next = parts[start + index + 1]!;
        return (type.kind === 'array' || type.kind === 'set') && !/^\d+$/.test(next);
      });
  }
}

/** The stored path of a path of property names, which may have come from outside. */
export function resolvePath(map: ObjectMap, path: string): StoredPath {
  const place = { entity: map.name, field: path };
  const parts = path.split('.');
  if (parts.length > MAX_PARTS) {
    refuse({ entity: map.name }, 'a path has too many parts', `Paths have at most ${MAX_PARTS} parts.`);
  }
  if (path.includes('\0')) refuse(place, 'a path contains NUL', 'Name a field that the class declares.');
  const reserved = parts.find((part) => part === '__proto__' || part === '_bsontype');
  if (reserved !== undefined) refuse(place, `the name "${reserved}" is reserved`, 'Name another field.');
  return storedPath(map, path);
}

/** The path's beginnings, one part longer each, the whole path last. */
export function stepsOf(map: ObjectMap, path: string): StoredPath[] {
  const parts = path.split('.');
  return parts.map((_, index) => storedPath(map, parts.slice(0, index + 1).join('.')));
}
