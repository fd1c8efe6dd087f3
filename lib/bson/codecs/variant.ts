import type { ObjectMap } from '../../mapping/index.js';
import { BsonType, visitElements } from '../elements.js';
import { RawValue } from '../raw-value.js';
import { decodeString } from '../strings.js';

/** The map of the class that a stored object is of. */
export function variantOfStored<M extends ObjectMap>(map: M, fields: ReadonlyMap<string, RawValue>): M {
  const tag = map.discriminator && fields.get(map.discriminator.stored);
  if (tag?.type !== BsonType.string) return map;
  return (map.discriminator?.variants.get(decodeString(tag)) as M | undefined) ?? map;
}

/** The same, for the object at `start`. */
export function variantInBytes<M extends ObjectMap>(map: M, bytes: Buffer, start: number): M {
  const { discriminator } = map;
  if (discriminator === undefined) return map;
  const name = nameBytes(discriminator.stored);
  let tag: RawValue | undefined;
  visitElements(bytes, start, (type, nameStart, nameEnd, at, end) => {
    if (nameEnd - nameStart !== name.length || name.compare(bytes, nameStart, nameEnd) !== 0) return;
    tag = new RawValue(type, bytes, at, end);
  });
  return variantOfStored(map, new Map(tag === undefined ? [] : [[discriminator.stored, tag]]));
}

const names = new Map<string, Buffer>();

function nameBytes(name: string): Buffer {
  let bytes = names.get(name);
  if (bytes === undefined) names.set(name, (bytes = Buffer.from(name)));
  return bytes;
}

/** The map of the class that a value is of: by its prototypes, else by its discriminating property. */
export function variantOfValue<M extends ObjectMap>(map: M, value: object): M {
  if (map.discriminator === undefined) return map;
  const { variants } = map.discriminator;
  for (let prototype = protoOf(value); prototype !== null; prototype = protoOf(prototype)) {
    for (const variant of variants.values()) if (variant.target.prototype === prototype) return variant as M;
  }
  const tag = (value as Record<string, unknown>)[discriminatorProperty(map) ?? ''];
  return (typeof tag === 'string' ? (variants.get(tag) as M | undefined) : undefined) ?? map;
}

/** Name of the property that tells the classes of a union apart: the declared one, else as it is stored. */
export function discriminatorProperty(map: ObjectMap): string | undefined {
  const stored = map.discriminator?.stored;
  return stored === undefined ? undefined : (map.byStored.get(stored)?.property ?? stored);
}

function protoOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}
