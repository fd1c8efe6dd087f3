import { CowError } from '../errors/index.js';
import { checkClass } from './class-checks.js';
import { findDefaults } from './defaults.js';
import type { ClassType, EmbeddedMap, FieldMap, Mutable, ObjectMap } from './entity-map.js';
import { enumValues, inferType } from './infer-type.js';
import { findMetadata, lineage, type PropMetadata, type PropRole } from './metadata.js';
import { isMutable, type ValueType } from './value-type.js';

/** Fills what entities and embedded classes share; answers the fields that have a role. */
export function fillObjectMap(
  map: Mutable<ObjectMap>,
  target: ClassType,
  create: ObjectMap['create'],
  compileEmbedded: (target: ClassType) => EmbeddedMap,
): ReadonlyMap<PropRole, FieldMap> {
  checkClass(target, create !== undefined);
  map.target = target;
  map.name = target.name || 'an unnamed class';
  map.create = create;
  const roles = new Map<PropRole, FieldMap>();
  const byProperty = new Map<string, FieldMap>();
  const byStored = new Map<string, FieldMap>();
  const constants = new Map<string, unknown>();

  for (const prop of propsOf(target)) {
    checkPlain(map.name, target, prop.property);
    const field = compileField(map.name, prop, byProperty.size, compileEmbedded);
    const other = prop.role === undefined ? undefined : roles.get(prop.role);
    if (other !== undefined) {
      throw new CowError('InvalidMapping', {
        entity: map.name,
        field: field.property,
        reason: `${other.property} has the role "${prop.role}" already`,
        expected: 'Keep one of the two decorators.',
      });
    }
    if (prop.role !== undefined) roles.set(prop.role, field);
    const twin = byStored.get(field.stored);
    if (twin !== undefined) {
      throw new CowError('InvalidMapping', {
        entity: map.name,
        field: field.property,
        reason: `it has the stored name "${field.stored}" of ${twin.property}`,
        expected: 'Give one of the two another name: @Prop({ name: … }).',
      });
    }
    byProperty.set(field.property, field);
    byStored.set(field.stored, field);
    const constant = prop.options.default;
    if (constant !== undefined && typeof constant !== 'function') constants.set(field.property, constant);
  }
  map.fields = Object.freeze([...byProperty.values()]);
  map.byProperty = byProperty;
  map.byStored = byStored;
  // An id that an initialiser makes is that of one new instance.
  const withDefaults = map.fields.filter((field) => field !== roles.get('id'));
  map.defaults = findDefaults(target, withDefaults, constants, create);
  return roles;
}

/** Every decorated property, base classes' first; a subclass may declare one again, which keeps its role. */
export function propsOf(target: ClassType): PropMetadata[] {
  const props = new Map<string, PropMetadata>();
  for (const type of lineage(target)) {
    for (const [property, prop] of findMetadata(type)?.props ?? []) {
      props.set(property, { ...prop, role: prop.role ?? props.get(property)?.role });
    }
  }
  return [...props.values()];
}

/** A getter or setter of the class would stand between the instance and the stored value. */
function checkPlain(entity: string, target: ClassType, property: string): void {
  for (const type of lineage(target)) {
    const own = Object.getOwnPropertyDescriptor(type.prototype ?? {}, property);
    if (own?.get === undefined && own?.set === undefined) continue;
    throw new CowError('InvalidMapping', {
      entity,
      field: property,
      reason: 'it is a getter or setter, which holds no value',
      expected: 'Decorate a plain property, and read it in the getter.',
    });
  }
}

function compileField(
  entity: string,
  prop: PropMetadata,
  index: number,
  compileEmbedded: (target: ClassType) => EmbeddedMap,
): FieldMap {
  const { options, property, role } = prop;
  const stored = storedName(entity, prop);
  const type = inferType(entity, prop, compileEmbedded);
  checkRole(entity, property, role, type);
  checkMerge(entity, prop, type);
  return Object.freeze({
    index,
    property,
    stored,
    type,
    mutable: isMutable(type),
    nullable: options.nullable ?? (type.kind === 'any' && options.enum === undefined),
    required: options.required ?? false,
    enum: options.enum === undefined ? undefined : enumValues(options.enum),
    merge: options.merge,
    defaultFactory: typeof options.default === 'function' ? (options.default as () => unknown) : undefined,
  });
}

function storedName(entity: string, { property, role, options }: PropMetadata): string {
  const name = options.name ?? (role === 'id' ? '_id' : property);
  const refuse = (reason: string, expected: string): never => {
    throw new CowError('InvalidMapping', { entity, field: property, reason, expected });
  };
  if (role === 'id' && name !== '_id') {
    refuse(`the stored name "${name}" is given to the id`, 'Leave the name out: MongoDB’s ids are stored as _id.');
  }
  if (name === '' || name.startsWith('$') || /[.\0]|\p{Surrogate}/u.test(name)) {
    refuse(
      `the stored name ${JSON.stringify(name)} is empty, starts with "$", or contains ".", NUL or half a character`,
      'MongoDB could not address it: give another name.',
    );
  }
  return name;
}

function checkRole(entity: string, field: string, role: PropRole | undefined, type: ValueType): void {
  const wanted = role === 'version' ? 'number' : role === 'createdAt' || role === 'updatedAt' ? 'date' : undefined;
  if (wanted !== undefined && type.kind !== wanted) {
    throw new CowError('InvalidMapping', {
      entity,
      field,
      reason: `its decorator needs the type ${wanted === 'date' ? 'Date' : 'number'}`,
      expected: `Declare it as ${wanted === 'date' ? 'Date' : 'number'}.`,
    });
  }
  if (role === 'id' && !['objectId', 'uuid', 'string', 'number', 'bigint', 'long', 'binary'].includes(type.kind)) {
    throw new CowError('InvalidMapping', {
      entity,
      field,
      reason: 'an id cannot have this type',
      expected: 'Use ObjectId, UUID, string, number or bigint.',
    });
  }
}

const MERGEABLE: Readonly<Record<string, readonly string[]>> = {
  sum: ['number', 'bigint', 'long', 'decimal128'],
  max: ['number', 'bigint', 'long', 'decimal128', 'date'],
  min: ['number', 'bigint', 'long', 'decimal128', 'date'],
  set: ['array', 'set'],
};

function checkMerge(entity: string, { options, property, role }: PropMetadata, type: ValueType): void {
  const { merge } = options;
  if (merge === undefined) return;
  const allowed = Object.hasOwn(MERGEABLE, merge) ? MERGEABLE[merge] : undefined;
  if (role === undefined && allowed?.includes(type.kind)) return;
  throw new CowError('InvalidMapping', {
    entity,
    field: property,
    reason: role === undefined ? `merge: '${merge}' does not fit its type` : `the library itself keeps its ${role}`,
    expected:
      role === undefined
        ? `merge: '${merge}' is for ${(allowed ?? ['nothing: it is sum, max, min or set']).join(', ')}.`
        : 'Leave `merge` out.',
  });
}
