import { codecOfField } from '../bson/codec-of.js';
import type { EmbeddedMap, EntityMap, FieldMap, ObjectMap, ValueType } from '../mapping/index.js';

/** The part of class-transformer that is needed here. */
interface ClassTransformer {
  Transform(
    transform: (params: { value: unknown; key: string; obj: unknown }) => unknown,
    options: { toPlainOnly: boolean },
  ): PropertyDecorator;
}

const taught = new WeakSet<ObjectMap>();

/**
 * Teaches class-transformer, where it is installed, the documented JSON forms: of itself it makes an ObjectId its inner
 * numbers. So `ClassSerializerInterceptor` answers what `JSON.stringify` does, while its own decorators are heard.
 */
export async function teachClassTransformer(map: EntityMap): Promise<void> {
  if (taught.has(map)) return;
  let library: ClassTransformer;
  try {
    library = await import('class-transformer');
  } catch {
    return; // an optional peer
  }
  teach(library, map);
}

function teach(library: ClassTransformer, map: ObjectMap): void {
  if (taught.has(map)) return;
  taught.add(map);
  for (const field of map.fields) {
    const inner = embeddedIn(field.type);
    // Objects of embedded classes are left to class-transformer, which hears the decorators in those.
    const form = inner === undefined ? jsonOf(field) : field.type.kind === 'map' ? asObject : undefined;
    if (form !== undefined) library.Transform(unless(form), { toPlainOnly: true })(prototypeOf(map), field.property);
    if (inner !== undefined) for (const each of familyOf(inner)) teach(library, each);
  }
}

function jsonOf(field: FieldMap): (value: unknown) => unknown {
  const codec = codecOfField(field);
  return (value) => codec.toJson(value);
}

/** In a Map class-transformer does not look at the classes of values. */
function asObject(value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value as Map<string, unknown>) : value;
}

/** Another transformation, the application's own, was here before: its word counts. */
function unless(form: (value: unknown) => unknown) {
  return ({ value, key, obj }: { value: unknown; key: string; obj: unknown }): unknown =>
    value === null || value === undefined || value !== (obj as Record<string, unknown>)[key] ? value : form(value);
}

function embeddedIn(type: ValueType): EmbeddedMap | undefined {
  if (type.kind === 'embedded') return type.map;
  return type.kind === 'array' || type.kind === 'set' || type.kind === 'map' ? embeddedIn(type.of) : undefined;
}

function familyOf(map: EmbeddedMap): Iterable<ObjectMap> {
  return map.discriminator?.variants.values() ?? [map];
}

function prototypeOf({ target }: ObjectMap): object {
  return target.prototype as object;
}
