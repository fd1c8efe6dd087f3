import 'reflect-metadata';
import { CowError } from '../errors/index.js';
import type { ClassType } from './entity-map.js';
import { ownMetadata, setProp, type PropOptions, type PropRole, type TypeToken } from './metadata.js';

/** Records a property; the decorators of fields are thin callers of this. */
export function recordProp(role: PropRole | undefined, options: PropOptions): PropertyDecorator {
  return (prototype, key) => {
    checkPlace(prototype, key);
    const target = prototype.constructor as ClassType;
    const property = String(key);
    const designType: unknown = Reflect.getMetadata('design:type', prototype, key);
    const { props } = ownMetadata(target);
    const other = props.get(property); // `@Prop()` beside `@Id()` adds its options and takes nothing away
    if (role !== undefined && other?.role !== undefined && role !== other.role) {
      throw new CowError('InvalidMapping', {
        entity: target.name,
        field: property,
        reason: `it has two roles, "${other.role}" and "${role}"`,
        expected: 'Keep one of the two decorators.',
      });
    }
    setProp(target, {
      property,
      designType,
      options: { ...other?.options, ...options },
      role: role ?? other?.role,
    });
  };
}

/** A field is a property of instances, with a name. */
function checkPlace(prototype: object | undefined, key: unknown): void {
  if (prototype === undefined) {
    throw new CowError('InvalidMapping', {
      field: String((key as { name?: unknown } | undefined)?.name),
      reason: 'the decorator was called in the way of the new standard, which says nothing about types',
      expected: 'Set "experimentalDecorators" and "emitDecoratorMetadata" to true in tsconfig.json.',
    });
  }
  const isStatic = typeof prototype === 'function';
  if (!isStatic && typeof key === 'string') return;
  throw new CowError('InvalidMapping', {
    entity: isStatic ? prototype.name : prototype.constructor.name,
    field: String(key),
    reason: isStatic ? 'a static member is no field of a document' : 'a symbol cannot be the name of a field',
    expected: 'Decorate a property of the instance whose name is a string.',
  });
}

/**
 * Marks a property as a stored field.
 *
 * The type is inferred where TypeScript's reflection can tell it (string, number, boolean, bigint, Date, ObjectId,
 * Decimal128, Long, Binary, UUID, Buffer, an embedded class). Elsewhere give it: `@Prop(() => [LineItem])`,
 * `@Prop({ type: Map, of: Number })`, `@Prop({ type: Object })` for free-form values.
 *
 * @param typeOrOptions a thunk of the type, or the options
 * @param options the options, when the first argument is a type
 * @throws InvalidMapping at start, when the type cannot be known
 */
export function Prop(
  typeOrOptions: (() => TypeToken) | PropOptions = {},
  options: PropOptions = {},
): PropertyDecorator {
  return recordProp(
    undefined,
    typeof typeOrOptions === 'function' ? { ...options, type: typeOrOptions } : typeOrOptions,
  );
}

/**
 * Marks the id: stored as `_id`, made on the client when it is an ObjectId or UUID and none is given, never changed.
 *
 * @param options the type, where reflection cannot tell it
 */
export function Id(options: Pick<PropOptions, 'type' | 'default'> = {}): PropertyDecorator {
  return recordProp('id', options); // stored as _id, whatever stands beside it
}

/**
 * Marks the version: every update is guarded by the version that was loaded, and adds one.
 *
 * @param options the stored name
 */
export function Version(options: Pick<PropOptions, 'name'> = {}): PropertyDecorator {
  return recordProp('version', options);
}

/** Marks the time of insertion, set by the flush that inserts the entity. */
export function CreatedAt(options: Pick<PropOptions, 'name'> = {}): PropertyDecorator {
  return recordProp('createdAt', options);
}

/** Marks the time of the last change, set by a flush that changes anything else; it moves only forward. */
export function UpdatedAt(options: Pick<PropOptions, 'name'> = {}): PropertyDecorator {
  return recordProp('updatedAt', options);
}
