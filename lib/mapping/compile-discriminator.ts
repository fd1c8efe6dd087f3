import { CowError } from '../errors/index.js';
import type { ClassType, DiscriminatorMap, Mutable, ObjectMap } from './entity-map.js';
import { findMetadata, lineage, type EmbeddedOptions, type EntityOptions } from './metadata.js';

type Kind = 'entity' | 'embedded';

/** The class that a family is declared on: the topmost with a discriminator. */
export function rootOf(target: ClassType, kind: Kind): ClassType | undefined {
  return lineage(target).find((type) => optionsOf(type, kind)?.discriminator !== undefined);
}

/**
 * How the class is told apart from the others of its family.
 *
 * @param mapOf compiles the other classes: compiling the root compiles every descendant
 */
export function discriminatorOf<M extends ObjectMap>(
  map: Mutable<M>,
  kind: Kind,
  mapOf: (type: ClassType) => M,
): DiscriminatorMap | undefined {
  const base = rootOf(map.target, kind);
  const own = optionsOf(map.target, kind);
  if (base === undefined) {
    if (own?.discriminatorValue === undefined) return undefined;
    throw new CowError('InvalidMapping', {
      entity: map.name,
      reason: 'it has a discriminatorValue, but neither it nor a base class names a discriminator',
      expected: "Give the base class of the family the option, for example { discriminator: 'kind' }.",
    });
  }
  const property = optionsOf(base, kind)?.discriminator ?? '';
  const stored = storedName(map, property, own?.discriminator);
  const value = own?.discriminatorValue ?? map.name;
  if (map.target !== base) {
    return Object.freeze({ stored, value, variants: mapOf(base).discriminator?.variants ?? new Map() });
  }
  const variants = new Map<string, ObjectMap>([[value, map]]);
  const discriminator = Object.freeze({ stored, value, variants });
  (map as Mutable<ObjectMap>).discriminator = discriminator; // descendants look for it
  for (const type of findMetadata(base)?.descendants ?? []) {
    if (optionsOf(type, kind) === undefined) continue;
    const variant = mapOf(type);
    const key = optionsOf(type, kind)?.discriminatorValue ?? variant.name;
    const twin = variants.get(key);
    if (twin !== undefined) {
      throw new CowError('InvalidMapping', {
        entity: variant.name,
        reason: `it has the discriminator value "${key}" of ${twin.name}`,
        expected: 'Give one of the two another discriminatorValue.',
      });
    }
    variants.set(key, variant);
  }
  return discriminator;
}

/** The stored name of the discriminating field, which may be declared as a property or not. */
function storedName(map: ObjectMap, property: string, own: string | undefined): string {
  const refuse = (reason: string, expected: string): never => {
    throw new CowError('InvalidMapping', { entity: map.name, field: property, reason, expected });
  };
  if (own !== undefined && own !== property) {
    refuse(`its family is told apart by it already, not by "${own}"`, 'Give the option to the base class only.');
  }
  const field = map.byProperty.get(property);
  if (field !== undefined) {
    if (field.type.kind !== 'string') refuse('a discriminator is a string', 'Declare it as string.');
    return field.stored;
  }
  if (property === '' || property.startsWith('$') || /[.\0]/.test(property)) {
    refuse(
      `the discriminator ${JSON.stringify(property)} is empty, starts with "$" or contains "." or NUL`,
      'Give another name.',
    );
  }
  const twin = map.byStored.get(property);
  if (twin !== undefined) {
    refuse(`the discriminator has the stored name of ${twin.property}`, `Name the property: "${twin.property}".`);
  }
  return property;
}

function optionsOf(type: ClassType, kind: Kind): EntityOptions | EmbeddedOptions | undefined {
  return findMetadata(type)?.[kind];
}
