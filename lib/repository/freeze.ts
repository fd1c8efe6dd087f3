/** Freezes an object and what it contains, as far as JavaScript can: Maps, Sets, Dates and bytes stay writable. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  const isBson = '_bsontype' in value;
  if (isBson) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
