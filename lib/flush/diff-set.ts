import { Place } from '../bson/codec.js';
import { codecOf } from '../bson/codec-of.js';
import { BsonType } from '../bson/elements.js';
import type { RawValue } from '../bson/raw-value.js';
import type { ValueType } from '../mapping/index.js';
import { updateBytes } from './change.js';
import type { Collector, Location } from './collector.js';
import { isContainer, isScalar, mayPay } from './diff-unkeyed.js';
import { sameStored } from './same-stored.js';

/**
 * The elements that a Set of scalars got and lost: it is stored as an array whose order and duplicates do not count.
 * What is added commutes with what others add; what is removed must be there still. False when only the whole says it.
 */
export function diffSet(
  out: Collector,
  type: ValueType & { kind: 'set' },
  original: RawValue,
  present: unknown,
  at: Location,
): boolean {
  if (original.type !== BsonType.array || !(present instanceof Set) || !isScalar(type.of) || !out.isExact) return false;
  const codec = codecOf(type.of);
  const stored = original.elements().map((raw) => ({ raw, value: codec.decode(raw, out.entity) }));
  const now = [...(present as Set<unknown>)];
  const isIn = (list: readonly unknown[], value: unknown) => list.some((other) => codec.equals(value, other));
  const removed = stored.filter(({ value }) => !isIn(now, value)).map(({ raw }) => raw);
  const before = stored.map(({ value }) => value);
  const place = new Place(out.entity, at.property);
  const added = now
    .filter((value) => !isIn(before, value))
    .map((value) => (value === null || value === undefined ? null : codec.encode(value, place)));
  // What stays and is equal to the server, though not to the class, would be removed with the rest.
  const staying = stored.filter(({ raw }) => !removed.includes(raw));
  if (removed.some((raw) => isContainer(raw) || staying.some((one) => sameStored(one.raw, raw)))) return false;

  const parts = out.inside();
  parts.guard({ kind: 'array', path: at.path, field: at.property });
  const values = removed.filter((raw, index) => removed.findIndex((other) => sameStored(other, raw)) === index);
  for (const value of values) parts.guard({ kind: 'count', path: at.path, field: at.property, value });
  if (values.length > 0) parts.changes.push({ op: '$pullAll', path: at.path, values });
  if (added.length > 0) parts.changes.push({ op: '$addToSet', path: at.path, values: added });
  const isPreferred = added.length === 0 ? values.length <= staying.length : removed.length === 0;
  if (!isPreferred) {
    if (parts.changes.length > 1 && !out.mayTakeSeveral) return false;
    const whole = codecOf(type).encode(present, place, original);
    const isShorter = updateBytes(parts.changes) < updateBytes([{ op: '$set', path: at.path, value: whole }]);
    if (!isShorter || !mayPay(parts, original)) return false;
  }
  out.take(parts);
  return true;
}
