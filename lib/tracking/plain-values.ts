/**
 * Copies, compares and refills plain JavaScript values. What a value is, its tag says and not `instanceof`: inside
 * jest, values of another realm fail it.
 */

export type Kind = 'array' | 'bytes' | 'date' | 'map' | 'object' | 'regexp' | 'set' | 'value';

/** Views, Buffers among them, and what they are views on. */
type Bytes = ArrayBufferView | ArrayBuffer;

const KINDS: Readonly<Record<string, Kind>> = {
  '[object ArrayBuffer]': 'bytes',
  '[object Date]': 'date',
  '[object Map]': 'map',
  '[object Object]': 'object',
  '[object RegExp]': 'regexp',
  '[object Set]': 'set',
};

/** What sort of thing an object is. Every kind but `'value'` can be changed in place. */
export function kindOf(object: object): Kind {
  if (Array.isArray(object)) return 'array';
  const prototype = Object.getPrototypeOf(object) as object | null;
  if (prototype === Object.prototype) return 'object';
  if (prototype === recent && !('equals' in object)) return 'object';
  if (ArrayBuffer.isView(object)) return 'bytes';
  if (isValue(object)) return 'value';
  // What has neither a known tag nor a property keeps its state where nobody can copy it: a Promise, a URL.
  const kind = KINDS[Object.prototype.toString.call(object)] ?? (Object.keys(object).length > 0 ? 'object' : 'value');
  if (kind === 'object' && prototype !== null && isOfPlainClass(prototype)) recent = prototype;
  return kind;
}

/** The class of the last object: the elements of a list mostly share one, and asking for a tag takes long. */
let recent: object | undefined;

/** Are all objects of the class shown as objects, those without properties too? */
function isOfPlainClass(prototype: object): boolean {
  return Object.prototype.toString.call(prototype) === '[object Object]' && !(Symbol.toStringTag in prototype);
}

/** Immutable by convention: ids and long integers of BSON, and what answers `equals` but shows nothing to compare. */
function isValue(object: object): object is { equals(other: unknown): boolean } {
  if (typeof (object as { equals?: unknown }).equals !== 'function') return false;
  const type = bsonTypeOf(object);
  return (type !== undefined && type !== 'Binary') || Object.keys(object).length === 0;
}

/** The type of a BSON value, which its class knows; a property of that name is somebody's data. */
export function bsonTypeOf(object: object): string | undefined {
  const type = (object as { _bsontype?: unknown })._bsontype;
  return typeof type === 'string' && !Object.hasOwn(object, '_bsontype') ? type : undefined;
}

/** Can the value be changed in place? */
export function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null && kindOf(value) !== 'value';
}

/** Visits the parts of a container, each with its key: a property, an index, a key of a Map, the place in a Set. */
export function eachPart(
  container: object,
  visit: (part: unknown, key: unknown) => void,
  kind: Kind = kindOf(container),
): void {
  switch (kind) {
    case 'array':
      (container as unknown[]).forEach(visit); // passes over holes
      return;
    case 'map':
      (container as Map<unknown, unknown>).forEach(visit);
      return;
    case 'set':
      [...(container as Set<unknown>)].forEach(visit);
      return;
    case 'object':
      for (const key of Object.keys(container)) visit((container as Record<string, unknown>)[key], key);
      return;
    default: // has no parts
  }
}

/** A deep copy; cycles and objects met twice stay what they are to each other. */
export function copyValue<T>(value: T, seen = new Map<unknown, unknown>()): T {
  if (!isContainer(value)) return value;
  if (seen.has(value)) return seen.get(value) as T;
  const made = emptyLike(value);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (Object.getPrototypeOf(made) !== prototype) Object.setPrototypeOf(made, prototype);
  seen.set(value, made);
  refill(made, value, (part) => copyValue(part, seen));
  return made as T;
}

/** A container of the same kind, to be refilled. */
function emptyLike(value: object): object {
  switch (kindOf(value)) {
    case 'array':
      return [];
    case 'bytes':
      return emptyBytes(value as Bytes);
    case 'date':
      return new Date(0);
    case 'map':
      return new Map();
    case 'regexp':
      return new RegExp((value as RegExp).source, (value as RegExp).flags);
    case 'set':
      return new Set();
    default:
      return Object.create(Object.getPrototypeOf(value) as object | null) as object;
  }
}

function emptyBytes(value: Bytes): Bytes {
  if (!ArrayBuffer.isView(value)) return new ArrayBuffer(value.byteLength);
  const View = value.constructor as new (buffer: ArrayBuffer) => ArrayBufferView;
  return Buffer.isBuffer(value) ? Buffer.alloc(value.byteLength) : new View(new ArrayBuffer(value.byteLength));
}

/** Are the two of one kind, and objects of one class? Plain objects are, whatever realm they are from. */
export function sameKind(a: object, b: object): boolean {
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return false;
  if (kind !== 'object' || (isPlain(a) && isPlain(b))) return true;
  return Object.getPrototypeOf(a) === Object.getPrototypeOf(b);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Answers what to put for a part of a container. */
type Convert = (part: unknown, key: unknown) => unknown;

/**
 * Gives `into` the content of `from`, which is of the same kind and may be itself.
 *
 * @returns false where `into` does not allow it: it is frozen, or has another number of bytes
 */
export function refill(into: object, from: object, convert: Convert): boolean {
  switch (kindOf(from)) {
    case 'bytes':
      return refillBytes(bytesOf(into as Bytes), bytesOf(from as Bytes));
    case 'date':
      (into as Date).setTime((from as Date).getTime());
      return true;
    case 'map': {
      const entries = [...(from as Map<unknown, unknown>)];
      (into as Map<unknown, unknown>).clear();
      for (const [key, part] of entries) (into as Map<unknown, unknown>).set(key, convert(part, key));
      return true;
    }
    case 'regexp':
      return (into as RegExp).toString() === (from as RegExp).toString();
    case 'set': {
      const members = [...(from as Set<unknown>)];
      (into as Set<unknown>).clear();
      members.forEach((part, index) => (into as Set<unknown>).add(convert(part, index)));
      return true;
    }
    case 'array':
      return refillArray(into as unknown[], from as unknown[], convert);
    default:
      return refillObject(into, from, convert);
  }
}

function refillBytes(into: Uint8Array, from: Uint8Array): boolean {
  if (into.length !== from.length) return false;
  into.set(from);
  return true;
}

function refillArray(into: unknown[], from: readonly unknown[], convert: Convert): boolean {
  if (!setOwn(into, 'length', from.length)) return false;
  for (let index = 0; index < from.length; index++) {
    const isDone =
      index in from ? setOwn(into, index, convert(from[index], index)) : Reflect.deleteProperty(into, index);
    if (!isDone) return false;
  }
  return true;
}

function refillObject(into: object, from: object, convert: Convert): boolean {
  for (const key of Object.keys(into)) {
    if (!Object.hasOwn(from, key) && !Reflect.deleteProperty(into, key)) return false;
  }
  for (const [key, part] of Object.entries(from)) if (!setOwn(into, key, convert(part, key))) return false;
  return true;
}

/**
 * Sets an own property whatever its name: an assignment to `__proto__`, or to an accessor of the class, would not.
 *
 * @returns false where the object does not allow it
 */
export function setOwn(object: object, name: string | number, value: unknown): boolean {
  const properties = object as Record<string | number, unknown>;
  if (Object.hasOwn(object, name)) return Object.is(properties[name], value) || Reflect.set(object, name, value);
  if (!Object.isExtensible(object)) return false;
  if (name in object) Object.defineProperty(object, name, { value, ...ORDINARY });
  else properties[name] = value;
  return true;
}

const ORDINARY = { writable: true, enumerable: true, configurable: true };

/** Deep equality: NaN equals itself, 0 equals -0, key order does not count, an undefined property is an absent one. */
export function sameValue(a: unknown, b: unknown): boolean {
  return same(a, b, []);
}

/** Pairs that are being compared: met again inside themselves, they are equal if the rest is. */
type Pairs = (readonly [object, object])[];

function same(a: unknown, b: unknown, open: Pairs): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || !sameKind(a, b)) return false;
  if (open.some(([x, y]) => x === a && y === b)) return true;
  open.push([a, b]);
  const isSame = sameContent(a, b, open);
  open.pop();
  return isSame;
}

function sameContent(a: object, b: object, open: Pairs): boolean {
  switch (kindOf(a)) {
    case 'array':
      return sameArray(a as unknown[], b as unknown[], open);
    case 'bytes':
      return Buffer.compare(bytesOf(a as Bytes), bytesOf(b as Bytes)) === 0;
    case 'date':
      return Object.is((a as Date).getTime(), (b as Date).getTime());
    case 'map':
      return sameMap(a as Map<unknown, unknown>, b as Map<unknown, unknown>, open);
    case 'regexp':
      return (a as RegExp).toString() === (b as RegExp).toString();
    case 'set':
      return sameSet(a as Set<unknown>, b as Set<unknown>, open);
    case 'value':
      return isValue(a) && a.equals(b);
    default:
      return sameObject(a as Record<string, unknown>, b as Record<string, unknown>, open);
  }
}

/** A view of the bytes themselves. */
export function bytesOf(value: Bytes): Uint8Array {
  if (!ArrayBuffer.isView(value)) return new Uint8Array(value);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function sameArray(a: readonly unknown[], b: readonly unknown[], open: Pairs): boolean {
  return a.length === b.length && Array.from(a).every((part, index) => same(part, b[index], open));
}

function sameMap(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>, open: Pairs): boolean {
  return a.size === b.size && [...a].every(([key, part]) => b.has(key) && same(part, b.get(key), open));
}

function sameSet(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>, open: Pairs): boolean {
  const left = [...b].filter((part) => !a.has(part));
  for (const part of a) {
    if (b.has(part)) continue;
    const twin = left.findIndex((other) => same(part, other, open));
    if (twin < 0) return false;
    left.splice(twin, 1);
  }
  return left.length === 0;
}

function sameObject(a: Record<string, unknown>, b: Record<string, unknown>, open: Pairs): boolean {
  const present = (object: Record<string, unknown>) => Object.keys(object).filter((key) => object[key] !== undefined);
  const keys = present(a);
  return keys.length === present(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key], open));
}
