import { CowError } from '../errors/index.js';
import { discriminatorOf, rootOf } from './compile-discriminator.js';
import { fillObjectMap } from './compile-fields.js';
import { indexesOf, refuseIndexes } from './compile-indexes.js';
import type { ClassType, EmbeddedMap, EntityMap, FieldMap, Mutable, ObjectMap } from './entity-map.js';
import { findMetadata, lineage, type EmbeddedOptions, type EntityOptions } from './metadata.js';

/** Compiled once, kept as long as the class. */
const entities = new WeakMap<ClassType, EntityMap>();
const embeddeds = new WeakMap<ClassType, EmbeddedMap>();

/**
 * The frozen map of an entity class; compiled on the first call.
 *
 * @throws NotAnEntity when the class is not decorated with `@Entity()`
 * @throws InvalidMapping for every mistake in its decorators
 */
export function entityMapOf(target: ClassType): EntityMap {
  return entities.get(target) ?? compileEntity(target);
}

/** The frozen map of an embedded class; compiled on the first call. */
export function embeddedMapOf(target: ClassType): EmbeddedMap {
  return embeddeds.get(target) ?? compileEmbedded(target);
}

function compileEntity(target: ClassType): EntityMap {
  const options = typeof target === 'function' ? findMetadata(target)?.entity : undefined;
  if (options === undefined) throw new CowError('NotAnEntity', notAnEntity(target));
  return compiling(target, entities, { kind: 'entity' } as Mutable<EntityMap>, (map) => {
    const roles = fillObjectMap(map, target, options.create, embeddedMapOf);
    const base = rootOf(target, 'entity');
    // Read from its options, not from its map: that may still be half-made.
    const shared: EntityOptions = base === undefined ? options : { ...findMetadata(base)?.entity, ...options };
    map.id = requireId(map, roles.get('id'));
    map.version = roles.get('version');
    map.createdAt = roles.get('createdAt');
    map.updatedAt = roles.get('updatedAt');
    map.root = base === undefined || base === target ? map : entityMapOf(base);
    map.collection = collectionOf(map, options);
    map.concurrency = shared.concurrency ?? 'fields';
    map.readonly = shared.readonly ?? false;
    map.shardKey = Object.freeze(
      Object.keys(shared.shardKey ?? {}).map((property) => requireField(map, property, 'shardKey')),
    );
    map.discriminator = discriminatorOf(map, 'entity', entityMapOf);
    map.indexes = indexesOf(map);
  });
}

function compileEmbedded(target: ClassType): EmbeddedMap {
  const own = findMetadata(target)?.embedded;
  const shared = lineage(target).reduce<EmbeddedOptions>(
    (all, type) => ({ ...all, ...findMetadata(type)?.embedded }),
    {},
  );
  return compiling(target, embeddeds, { kind: 'embedded' } as Mutable<EmbeddedMap>, (map) => {
    const roles = fillObjectMap(map, target, own?.create, embeddedMapOf);
    for (const role of ['version', 'createdAt', 'updatedAt'] as const) {
      const field = roles.get(role);
      if (field === undefined) continue;
      throw new CowError('InvalidMapping', {
        entity: map.name,
        field: field.property,
        reason: `an embedded class has no ${role} of its own`,
        expected: 'Declare it on the entity, or as a plain @Prop().',
      });
    }
    refuseIndexes(map);
    map.key = shared.key === undefined ? undefined : requireKey(map, shared.key);
    map.discriminator = discriminatorOf(map, 'embedded', embeddedMapOf);
  });
}

/** What to forget when the outermost compilation under way fails: what it compiled inside may refer to it. */
let underWay: (() => void)[] | undefined;

/** Makes a map known before its fields are compiled, since they may lead back to it, and freezes it after. */
function compiling<M extends ObjectMap>(
  target: ClassType,
  known: WeakMap<ClassType, ObjectMap>,
  map: Mutable<M>,
  fill: (map: Mutable<M>) => void,
): M {
  const isOutermost = underWay === undefined;
  underWay ??= [];
  underWay.push(() => known.delete(target));
  known.set(target, map);
  try {
    fill(map);
    return Object.freeze(map);
  } catch (error) {
    if (isOutermost) for (const forget of underWay) forget();
    throw error;
  } finally {
    if (isOutermost) underWay = undefined;
  }
}

function requireId(map: ObjectMap, id: FieldMap | undefined): FieldMap {
  if (id !== undefined) return id;
  throw new CowError('InvalidMapping', {
    entity: map.name,
    reason: 'it has no id',
    expected: 'Declare one: @Id() id!: ObjectId.',
  });
}

function requireField(map: ObjectMap, property: string, option: string): FieldMap {
  const field = map.byProperty.get(property);
  if (field !== undefined) return field;
  throw new CowError('InvalidMapping', {
    entity: map.name,
    field: property,
    reason: `${option} names it, and ${map.name} does not declare it`,
    expected: 'Name a property that has @Prop() or @Id().',
  });
}

function requireKey(map: ObjectMap, property: string): FieldMap {
  const field = requireField(map, property, 'key');
  if (!['array', 'set', 'map', 'embedded', 'any', 'regexp'].includes(field.type.kind)) return field;
  throw new CowError('InvalidMapping', {
    entity: map.name,
    field: property,
    reason: 'a key identifies an element, which a value of this type cannot do',
    expected: 'Name a property that holds a string, a number, an ObjectId or the like.',
  });
}

/** The collection's name; classes below a discriminator share their root's. */
function collectionOf(map: EntityMap, options: EntityOptions): string {
  const isRoot = map.root === map;
  const collection = options.collection ?? (isRoot ? collectionName(map.name) : map.root.collection);
  if (collection === '' || /[$\0]/.test(collection)) {
    throw new CowError('InvalidMapping', {
      entity: map.name,
      reason: `the collection name ${JSON.stringify(collection)} is empty or contains "$" or NUL`,
      expected: "Give another name: @Entity({ collection: 'orders' }).",
    });
  }
  if (!isRoot && collection !== map.root.collection) {
    throw new CowError('InvalidMapping', {
      entity: map.name,
      reason: `its collection is not "${map.root.collection}", that of ${map.root.name}, whose discriminator it shares`,
      expected: 'Leave the option `collection` to the base class.',
    });
  }
  return collection;
}

function collectionName(className: string): string {
  return `${className.charAt(0).toLowerCase()}${className.slice(1)}s`;
}

function notAnEntity(target: unknown): { entity: string; expected?: string } {
  if (target === undefined) {
    return {
      entity: 'undefined',
      expected: 'Files that import each other see a class as undefined: move it, or import it from its own file.',
    };
  }
  if (typeof target !== 'function') return { entity: `A value of the type ${typeof target}` };
  return { entity: target.name || 'An unnamed class' };
}
