import { Place } from '../bson/codec.js';
import { codecOf } from '../bson/codec-of.js';
import { integerToBson, numeric } from '../bson/numbers.js';
import { Decimal128, Long } from '../bson/values.js';
import { CowError } from '../errors/index.js';
import type { FieldMap, ValueType } from '../mapping/index.js';
import type { PathChange } from './change.js';
import type { Collector } from './collector.js';
import { decimalDelta } from './decimal.js';

/**
 * The commuting form of a change to a field declared with `merge`; undefined where there is none, and the change is an
 * ordinary, guarded one: a fractional sum (a + (b - a) is not always b), a decimal with fewer places, null, or a value
 * of another type.
 *
 * @throws InvalidValue when a `max` field was lowered or a `min` field raised
 */
export function mergeChanges(
  out: Collector,
  field: FieldMap,
  original: unknown,
  present: unknown,
  path: string,
): PathChange[] | undefined {
  if (field.merge === 'set') return out.isExact ? asSet(out, field, original, present, path) : undefined;
  const change =
    field.merge === 'sum'
      ? sum(original, present, path)
      : extreme(field, field.merge!, original, present, path, out.entity);
  return change === undefined ? undefined : [change];
}

/** Elements added and removed, whatever their order: two updates when both, since the server refuses them in one. */
function asSet(
  out: Collector,
  field: FieldMap,
  original: unknown,
  present: unknown,
  path: string,
): PathChange[] | undefined {
  const [before, now] = [elementsOf(original ?? []), elementsOf(present)];
  if (before === undefined || now === undefined || original === null) return undefined;
  if (original === undefined && now.length === 0) return undefined; // an empty list is stored as one
  const codec = codecOf((field.type as { of: ValueType }).of);
  const place = new Place(out.entity, field.property);
  const missingIn = (list: readonly unknown[]) => (value: unknown) => !list.some((other) => codec.equals(value, other));
  const encode = (value: unknown) => (value === null ? null : codec.encode(value, place));
  const isFirst = (value: unknown, index: number) => now.findIndex((other) => codec.equals(value, other)) === index;
  const added = now.filter((value, index) => missingIn(before)(value) && isFirst(value, index)).map(encode);
  const removed = before.filter(missingIn(now)).map(encode);
  if (added.length > 0 && removed.length > 0 && !out.mayTakeSeveral) return undefined;
  const changes: PathChange[] = [];
  if (removed.length > 0) changes.push({ op: '$pullAll', path, values: removed });
  if (added.length > 0) changes.push({ op: '$addToSet', path, values: added });
  return changes;
}

function elementsOf(value: unknown): unknown[] | undefined {
  return Array.isArray(value) || value instanceof Set ? [...(value as Iterable<unknown>)] : undefined;
}

function sum(original: unknown, present: unknown, path: string): PathChange | undefined {
  if (present instanceof Decimal128) {
    const delta = original === undefined ? present : original instanceof Decimal128 && decimalDelta(original, present);
    return delta ? { op: '$inc', path, value: delta } : undefined;
  }
  if (original === null) return undefined;
  const from = original === undefined ? 0 : numeric(original);
  const to = numeric(present);
  if (from === undefined || to === undefined || !isInteger(from) || !isInteger(to)) return undefined;
  const delta = BigInt(to) - BigInt(from);
  const isLong = typeof present === 'bigint' || present instanceof Long;
  return { op: '$inc', path, value: isLong ? Long.fromBigInt(delta) : integerToBson(delta) };
}

function isInteger(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

function extreme(
  field: FieldMap,
  merge: 'max' | 'min',
  original: unknown,
  present: unknown,
  path: string,
  entity: string,
): PathChange | undefined {
  const from = comparable(original);
  const to = comparable(present);
  if (to === undefined || (from === undefined && original !== undefined)) return undefined;
  if (from !== undefined && original instanceof Date !== present instanceof Date) return undefined;
  if (Number.isNaN(from) || Number.isNaN(to)) return undefined; // below every number, to the server
  if (from !== undefined && (merge === 'max' ? to < from : to > from)) {
    throw new CowError('InvalidValue', {
      entity,
      field: field.property,
      reason: `it is declared merge: '${merge}' and was ${merge === 'max' ? 'lowered' : 'raised'}`,
      expected: `a value ${merge === 'max' ? 'above' : 'below'} the stored one`,
    });
  }
  return {
    op: merge === 'max' ? '$max' : '$min',
    path,
    value: typeof present === 'bigint' ? Long.fromBigInt(present) : present,
  };
}

function comparable(value: unknown): number | bigint | undefined {
  return value instanceof Date ? value.getTime() : numeric(value);
}
