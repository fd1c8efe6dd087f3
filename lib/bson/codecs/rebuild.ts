import { isCowError } from '../../errors/index.js';
import type { Place, ValueCodec } from '../codec.js';
import { BsonType } from '../elements.js';
import { underName, type RawValue } from '../raw-value.js';
import { isWellFormed } from '../strings.js';
import { BSON } from '../values.js';
import { isBson, tagOf } from './same.js';

/** Finds the stored bytes of an element: by its key where it has one. */
export type ElementMatcher = (stored: readonly RawValue[]) => (element: unknown, index: number) => RawValue | undefined;

/** No element is found; one that was handed out is known without. */
export const noMatcher: ElementMatcher = () => () => undefined;

/** The stored bytes where the value is what they decode to, so that nothing is lost by encoding it again. */
export function reuse(codec: ValueCodec, value: unknown, place: Place, origin: RawValue | undefined): unknown {
  if (origin !== undefined && isUnchanged(codec, value, origin, place.entity)) return origin;
  return value === null ? null : codec.encode(value, place, origin);
}

/** Is the value what the bytes decode to? Those that cannot be read at all may be replaced by any value. */
export function isUnchanged(codec: ValueCodec, value: unknown, origin: RawValue, owner: string): boolean {
  try {
    return codec.equals(value, codec.decode(origin, owner));
  } catch (error) {
    if (isUnreadable(error)) return false;
    throw error;
  }
}

/** Cannot the bytes be read as what was declared? */
export function isUnreadable(error: unknown): boolean {
  return isCowError(error, 'UnsafeInteger') || error instanceof BSON.BSONError;
}

/** The elements of an array, each with its own bytes as far as they are known. */
export function encodeElements(
  of: ValueCodec,
  matcher: ElementMatcher,
  elements: readonly unknown[],
  place: Place,
  origin: RawValue | undefined,
): unknown[] {
  const stored = origin?.type === BsonType.array ? origin.elements() : [];
  const find = eachOnce(matcher(stored), of, elements, origin);
  return Array.from(elements, (element, index) =>
    place.within(index, () =>
      element === undefined
        ? (keptUndefined(stored[index]) ?? null)
        : reuse(of, element, place, of.origin?.(element) ?? find(element, index)),
    ),
  );
}

/** What an element was decoded from is no other's: a twin of its key would get its undeclared fields too. */
function eachOnce(
  find: ReturnType<ElementMatcher>,
  of: ValueCodec,
  elements: readonly unknown[],
  origin: RawValue | undefined,
): ReturnType<ElementMatcher> {
  const taken = new Set<number>();
  for (const element of elements) {
    const own = of.origin?.(element);
    if (own !== undefined && own.bytes === origin?.bytes) taken.add(own.start);
  }
  return (element, index) => {
    const found = find(element, index);
    if (found === undefined || taken.has(found.start)) return undefined;
    taken.add(found.start);
    return found;
  };
}

/** The deprecated type: read as undefined, and not lost by a value that is still undefined. */
export function keptUndefined(stored: RawValue | undefined): RawValue | undefined {
  return stored?.type === BsonType.undefined ? stored : undefined;
}

/** Finds values without parts by an equal value, the first first and each once; containers in another way. */
export function byValue(codec: ValueCodec, containers: ElementMatcher): ElementMatcher {
  return (stored) => {
    const findContainer = containers(stored);
    let groups: Groups | undefined;
    return (value, index) => {
      if (isContainer(value)) return findContainer(value, index);
      groups ??= groupByText(codec, stored, (raw) => raw);
      const group = groups.get(textOf(codec, value)) ?? [];
      const found = group.findIndex((one) => codec.equals(one.value, value));
      return found < 0 ? undefined : group.splice(found, 1)[0]?.raw;
    };
  };
}

/** Finds elements by their position: right where a false find does no harm. */
export const byPosition: ElementMatcher = (stored) => (_value, index) => stored[index];

/** Finds elements by their key, where exactly one stored element has it. */
export function byKey(
  codec: ValueCodec,
  property: string,
  keyIn: (stored: RawValue) => RawValue | undefined,
): ElementMatcher {
  return (stored) => {
    let groups: Groups | undefined;
    return (value) => {
      const key = (value as Record<string, unknown> | null)?.[property];
      if (key === undefined) return undefined;
      groups ??= groupByText(codec, stored, keyIn);
      const equal = (groups.get(textOf(codec, key)) ?? []).filter((one) => codec.equals(one.value, key));
      return equal.length === 1 ? equal[0]?.raw : undefined;
    };
  };
}

/** Stored elements with the value (or key) that they decode to, by its text. */
type Groups = Map<string, { readonly raw: RawValue; readonly value: unknown }[]>;

function groupByText(
  codec: ValueCodec,
  stored: readonly RawValue[],
  part: (stored: RawValue) => RawValue | undefined,
): Groups {
  const groups: Groups = new Map();
  for (const raw of stored) {
    const of = part(raw);
    if (of === undefined) continue;
    try {
      const value = codec.decode(of, '');
      const text = textOf(codec, value);
      const group = groups.get(text);
      if (group === undefined) groups.set(text, [{ raw, value }]);
      else group.push({ raw, value });
    } catch (error) {
      if (!isUnreadable(error)) throw error; // else it is found by nothing
    }
  }
  return groups;
}

/** Equal values have equal texts; few others have. */
function textOf(codec: ValueCodec, value: unknown): string {
  return `${typeof value} ${JSON.stringify(value === null ? null : codec.toJson(value)) ?? ''}`;
}

function isContainer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || isBson(value)) return false;
  return Array.isArray(value) || ['[object Object]', '[object Map]', '[object Set]'].includes(tagOf(value));
}

/**
 * What the driver is given for an object: its entries in the order they are stored in, then the new ones. A plain
 * object, but a Map where a plain one would not keep that order (names like "1"), or where js-bson would take it for
 * one of its own values.
 */
export function asDocument(entries: ReadonlyMap<string, unknown>, stored?: ReadonlyMap<string, RawValue>): object {
  const names = new Set([...(stored?.keys() ?? [])].filter((name) => entries.has(name)));
  for (const name of entries.keys()) names.add(name);
  const ordered = [...names].map((name) => [name, underName(name, entries.get(name))] as const);
  if (names.has('_bsontype')) return new Map(ordered);
  const object = Object.fromEntries(ordered);
  return Object.keys(object).every((name, index) => name === ordered[index]?.[0]) ? object : new Map(ordered);
}

/** Names end at a NUL, and half a character would become another. */
export function isStorableName(name: string): boolean {
  return !name.includes('\0') && isWellFormed(name);
}
