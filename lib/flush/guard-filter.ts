import { BsonType } from '../bson/elements.js';
import { decodeByDriver, type RawValue } from '../bson/raw-value.js';
import type { Guard } from './change.js';

/** Originals above this size are compared by reading them in a transaction instead of sending them. */
const LARGE = 512;

/** Can the filter of an update say this guard exactly and cheaply? */
export function fitsFilter(guard: Guard): boolean {
  switch (guard.kind) {
    case 'value':
      return guard.original === undefined || isCheap(guard.original);
    case 'element':
      // `$expr` is refused inside `$elemMatch`: only what needs none can be said of an element.
      if (guard.inner.kind === 'whole') return isCheap(guard.inner.original);
      return ['value', 'object', 'array'].includes(guard.inner.kind) && fitsFilter(guard.inner);
    case 'position':
      return isCheap(guard.original);
    case 'count':
      return isCheap(guard.value);
    default:
      return true;
  }
}

function isCheap(original: RawValue): boolean {
  return original.type !== BsonType.undefined && original.size <= LARGE;
}

/**
 * The exact forms, each tried on a server: `$eq` alone would also look into arrays, null would match a missing field,
 * and `$type: 'object'` an array of objects.
 */
function condition(guard: Guard): Record<string, unknown> {
  switch (guard.kind) {
    case 'object':
      return { [guard.path]: { $type: 'object', $not: { $type: 'array' } } };
    case 'array':
      return { [guard.path]: { $type: 'array' } };
    case 'value':
      return valueCondition(guard.path, guard.original);
    case 'absentKey':
      return { [guard.path]: { $not: { $elemMatch: { [guard.key]: { $eq: literal(guard.value) } } } } };
    case 'element':
      return { $and: [{ [guard.path]: { $elemMatch: elementCondition(guard) } }, isOnly(guard)] };
    case 'position':
      return { $expr: { $eq: [{ $arrayElemAt: [arrayAt(guard.path), guard.index] }, { $literal: guard.original }] } };
    case 'count':
      if (guard.count === undefined) return { [guard.path]: { $elemMatch: { $eq: literal(guard.value) } } };
      return isCount(guard.path, { $eq: ['$$one', { $literal: guard.value }] }, guard.count);
  }
}

function elementCondition(guard: Guard & { kind: 'element' }): Record<string, unknown> {
  if (guard.inner.kind === 'whole') return { $eq: guard.inner.original };
  const key = { [guard.key]: { $eq: literal(guard.value) } };
  const inner = condition(guard.inner);
  return Object.hasOwn(inner, guard.key) ? { $and: [key, inner] } : { ...key, ...inner };
}

/** Exactly one element has the key: a twin would be changed too. */
function isOnly(guard: Guard & { kind: 'element' }): Record<string, unknown> {
  return isCount(guard.path, { $eq: [`$$one.${guard.key}`, { $literal: guard.value }] }, 1);
}

function isCount(path: string, cond: object, count: number): Record<string, unknown> {
  return { $expr: { $eq: [{ $size: { $filter: { input: arrayAt(path), as: 'one', cond } } }, count] } };
}

/** The array at a path, or an empty one: expressions fail on what is no array. */
function arrayAt(path: string): object {
  return { $cond: [{ $isArray: `$${path}` }, `$${path}`, []] };
}

function valueCondition(path: string, original: RawValue | undefined): Record<string, unknown> {
  if (original === undefined) return { [path]: { $exists: false } };
  if (original.type === BsonType.null) return { [path]: { $type: 10, $not: { $type: 'array' } } };
  const value = literal(original);
  return { [path]: { $eq: value, $not: { $elemMatch: { $eq: value } } } };
}

/** Scalars that survive decoding are sent as themselves: commands then read well in logs and monitors. */
function literal(raw: RawValue): unknown {
  switch (raw.type as BsonType) {
    case BsonType.string: {
      const text = decodeByDriver(raw) as string;
      return text.includes('\ufffd') ? raw : text;
    }
    case BsonType.bool:
    case BsonType.int32:
    case BsonType.objectId:
      return decodeByDriver(raw);
    default:
      return raw;
  }
}

/** Adds guards to a filter by id; several on one path become an `$and`. */
export function guardedFilter(filter: Record<string, unknown>, guards: readonly Guard[]): Record<string, unknown> {
  const guarded = { ...filter };
  const more: Record<string, unknown>[] = [];
  for (const guard of guards) {
    for (const [name, value] of Object.entries(condition(guard))) {
      if (name === '$and') more.push(...(value as Record<string, unknown>[]));
      else if (Object.hasOwn(guarded, name)) more.push({ [name]: value });
      else guarded[name] = value;
    }
  }
  return more.length === 0 ? guarded : { ...guarded, $and: more };
}
