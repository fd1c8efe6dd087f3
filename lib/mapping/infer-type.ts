import { Binary, Decimal128, Long, ObjectId, UUID } from '../bson/values.js';
import { CowError } from '../errors/index.js';
import type { ClassType, EmbeddedMap } from './entity-map.js';
import { lineage, findMetadata, type PropMetadata, type PropOptions, type TypeToken } from './metadata.js';
import type { ScalarKind, ValueType } from './value-type.js';

/** Scalars by their constructor. */
const SCALARS = new Map<unknown, ScalarKind>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
  [BigInt, 'bigint'],
  [Date, 'date'],
  [RegExp, 'regexp'],
  [ObjectId, 'objectId'],
  [Decimal128, 'decimal128'],
  [Long, 'long'],
  [Binary, 'binary'],
  [UUID, 'uuid'],
  [Buffer, 'buffer'],
  [Uint8Array, 'buffer'],
]);

/** Is any class of the lineage decorated with `@Embedded()`? */
export function isEmbeddedClass(target: ClassType): boolean {
  return lineage(target).some((type) => findMetadata(type)?.embedded !== undefined);
}

/**
 * The value type of a property, from its options and TypeScript's reflected type.
 *
 * @param compileEmbedded resolves an embedded class to its map
 * @throws InvalidMapping when the type cannot be known
 */
export function inferType(
  entity: string,
  prop: PropMetadata,
  compileEmbedded: (target: ClassType) => EmbeddedMap,
): ValueType {
  const { options, designType, property } = prop;
  const refuse = (reason: string, expected: string): never => {
    throw new CowError('InvalidMapping', { entity, field: property, reason, expected });
  };

  /** @param of what a Map or Set at this place contains: said once, so none can lie inside another */
  const resolve = (token: unknown, of: unknown): ValueType => {
    if (Array.isArray(token)) {
      if (token.length !== 1) refuse('an array type takes exactly one element type', 'Write it as [Type].');
      return Object.freeze({ kind: 'array', of: resolve(token[0], of) });
    }
    const scalar = SCALARS.get(token);
    if (scalar !== undefined) return Object.freeze({ kind: scalar });
    if (token === Object) return Object.freeze({ kind: 'any' });
    if (token === Map || token === Set) {
      const name = token === Map ? 'Map' : 'Set';
      if (of === undefined) {
        refuse(
          `what the ${name} contains cannot be known`,
          options.of === undefined
            ? `Write @Prop({ type: ${name}, of: Number }).`
            : 'Put the inner one into an @Embedded() class.',
        );
      }
      return Object.freeze({ kind: token === Map ? 'map' : 'set', of: resolve(of, undefined) });
    }
    if (token === Array) refuse('the element type of an array cannot be known', 'Write @Prop(() => [Type]).');
    if (typeof token === 'function') {
      const target = token as ClassType;
      if (isEmbeddedClass(target)) return Object.freeze({ kind: 'embedded', map: compileEmbedded(target) });
      const name = target.name || 'its class';
      if (findMetadata(target)?.entity !== undefined) {
        refuse(`${name} is an entity, which has a document of its own`, 'Store its id, or an @Embedded() class.');
      }
      refuse(
        `${name} is neither a stored type nor decorated with @Embedded()`,
        `Put @Embedded() above ${target.name || 'the class'}, or declare @Prop({ type: Object }) for a free-form value.`,
      );
    }
    return refuse(
      'its type cannot be known',
      'Write the type out, or @Prop(() => Type): reflection sees no inferred types, unions, interfaces, null or ' +
        'circular imports' +
        (designType === undefined ? ', and nothing at all without "emitDecoratorMetadata" in tsconfig.json. ' : '. ') +
        'For free-form values write @Prop({ type: Object }).',
    );
  };

  /** A thunk is called; a constructor is not. Arrow functions have no prototype, constructors have one. */
  const unwrap = (type: PropOptions['type']): unknown => {
    if (typeof type !== 'function' || (type as { prototype?: unknown }).prototype !== undefined) return type;
    try {
      return (type as () => TypeToken)();
    } catch (error) {
      const reason = `its type could not be learnt (${String(error)})`;
      const expected = 'Let the function answer a class that is loaded by then.';
      throw new CowError('InvalidMapping', { entity, field: property, reason, expected }, { cause: error });
    }
  };

  if (Object.hasOwn(options, 'enum') && enumValues(options.enum ?? []).size === 0) {
    refuse('its enum has no values', 'Give the TypeScript enum or a list; in circular imports an enum is undefined.');
  }
  if (options.type !== undefined) return resolve(unwrap(options.type), unwrap(options.of));
  if (designType === Object && options.enum !== undefined) return Object.freeze({ kind: enumKind(options.enum) });
  return resolve(designType === Object ? undefined : designType, unwrap(options.of));
}

/** Members of one kind are of that kind; a heterogeneous enum may hold either. */
function enumKind(values: NonNullable<PropOptions['enum']>): 'string' | 'number' | 'any' {
  const kinds = new Set([...enumValues(values)].map((value) => typeof value));
  return kinds.size > 1 ? 'any' : kinds.has('number') ? 'number' : 'string';
}

/** The values of a list or of a TypeScript enum, whose numeric members are also mapped back to their names. */
export function enumValues(values: NonNullable<PropOptions['enum']>): ReadonlySet<string | number> {
  if (Array.isArray(values)) return new Set(values as (string | number)[]);
  const members = values as Record<string, string | number>;
  const isMappedBack = ([name, value]: [string, string | number]) =>
    typeof value === 'string' && typeof members[value] === 'number' && String(members[value]) === name;
  return new Set(
    Object.entries(members)
      .filter((member) => !isMappedBack(member))
      .map(([, value]) => value),
  );
}
