import { BsonType } from '../bson/elements.js';
import { variantOfStored } from '../bson/codecs/variant.js';
import { sameRaw, type RawValue } from '../bson/raw-value.js';
import type { EmbeddedMap, ValueType } from '../mapping/index.js';

/** Has a stored value fields, at any depth, that its class does not declare? They are not seen in memory. */
export function holdsUndeclared(type: ValueType, raw: RawValue): boolean {
  if (raw.type === BsonType.array && (type.kind === 'array' || type.kind === 'set')) {
    return raw.elements().some((element) => holdsUndeclared(type.of, element));
  }
  if (raw.type !== BsonType.object) return false;
  const stored = raw.fields();
  if (type.kind === 'map') return [...stored.values()].some((entry) => holdsUndeclared(type.of, entry));
  if (type.kind !== 'embedded') return false;
  const variant = variantOfStored(type.map, stored);
  return [...stored].some(([name, part]) => {
    if (name === variant.discriminator?.stored) return false;
    const field = variant.byStored.get(name);
    return field === undefined || holdsUndeclared(field.type, part);
  });
}

/** Have two objects the same beside what their class declares, byte for byte? Not what is in their parts. */
export function sameUndeclared(map: EmbeddedMap, a: RawValue, b: RawValue): boolean {
  const [x, y] = [a.fields(), b.fields()];
  const { byStored, discriminator } = variantOfStored(map, y);
  const isOwn = (name: string) => !byStored.has(name) && name !== discriminator?.stored;
  return [...new Set([...x.keys(), ...y.keys()])].every((name) => !isOwn(name) || sameRaw(x.get(name), y.get(name)));
}
