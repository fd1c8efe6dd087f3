/** Objects written as `{ … }` or parsed from JSON; arrays and instances of classes are none. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // Another realm's Object.prototype counts too: that of a worker, of a test runner's sandbox.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'));
}

/** A value of BSON's classes, Date, RegExp or bytes: has no parts of its own. JSON can imitate none of them. */
export function isScalarObject(value: object): boolean {
  if (typeof (value as { _bsontype?: unknown })._bsontype === 'string') return !Object.hasOwn(value, '_bsontype');
  return ['[object Date]', '[object RegExp]', '[object Uint8Array]'].includes(Object.prototype.toString.call(value));
}

/** Names and parts of an array, Set, Map or any other object, in their order. */
export function partsOf(container: object): [string, unknown][] {
  if (Array.isArray(container)) return Array.from(container as unknown[], (part, index) => [String(index), part]);
  if (container instanceof Set) return [...(container as Set<unknown>)].map((part, index) => [String(index), part]);
  if (container instanceof Map) {
    return [...(container as Map<unknown, unknown>)].map(([key, part]) => [String(key), part]);
  }
  return Object.entries(container);
}
