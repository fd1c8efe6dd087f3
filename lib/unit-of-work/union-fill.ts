import { sameRaw } from '../bson/raw-value.js';
import type { ValueType } from '../mapping/index.js';
import { isContainer, kindOf, refill, sameKind, sameValue, setOwn } from '../tracking/plain-values.js';
import type { DocumentSource } from './document-source.js';
import { isOwn } from './fork-state.js';
import type { Managed } from './managed.js';

/** A field of an entity and what becomes of it. */
export interface FieldValue {
  readonly property: string;
  readonly type: ValueType;
  /** A fresh copy, which is used up; undefined for a field that goes. */
  readonly value: unknown;
}

/** What must be written to make an entity that shows `from` show `to`. Alters nothing, and is all that can fail. */
export function fieldValues(managed: Managed, from: DocumentSource, to: DocumentSource): FieldValue[] {
  const { store } = managed;
  const values: FieldValue[] = [];
  for (const field of store.map.fields) {
    const { property, type } = field;
    if (isOwn(store, property) || !to.isLoaded(property)) continue;
    const before = from.isLoaded(property) ? from.raw(field) : undefined;
    const after = to.raw(field);
    if (sameRaw(before, after)) continue;
    values.push({ property, type, value: after && store.codec.decode(field, after) });
  }
  return values;
}

/** Writes the fields, as the application would: into the containers that are there, so that handles stay alive. */
export function fillEntity(managed: Managed, fields: readonly FieldValue[]): void {
  for (const { property, type, value } of fields) {
    managed.touch(property);
    if (value === undefined) delete managed.values[property];
    else setOwn(managed.values, property, fill(type, managed.present(property), value));
  }
}

/** The container that is there with the content of the new one, as far as it can take it; else the new one. */
function fill(type: ValueType, present: unknown, value: unknown): unknown {
  if (!isContainer(present) || !isContainer(value) || !sameKind(present, value)) return value;
  const kind = kindOf(value);
  if (kind === 'array' || kind === 'set') {
    const of = type.kind === 'array' || type.kind === 'set' ? type.of : ANY;
    const before = [...(present as Iterable<unknown>)];
    const twins = matched(of, before, [...(value as Iterable<unknown>)]);
    return refill(present, value, (part, index) => fill(of, twins[Number(index)], part)) ? present : value;
  }
  const partOf = (key: unknown): unknown =>
    kind === 'map'
      ? (present as Map<unknown, unknown>).get(key)
      : Object.hasOwn(present, key as string)
        ? (present as Record<string, unknown>)[key as string]
        : undefined;
  const typeOf = (key: unknown): ValueType => {
    if (type.kind === 'map') return type.of;
    return (type.kind === 'embedded' ? type.map.byProperty.get(String(key))?.type : undefined) ?? ANY;
  };
  const parts = new Map<unknown, unknown>();
  const keys = kind === 'map' ? (value as Map<unknown, unknown>).keys() : Object.keys(value);
  for (const key of keys) parts.set(key, partOf(key)); // before the refill empties it
  return refill(present, value, (part, key) => fill(typeOf(key), parts.get(key), part)) ? present : value;
}

const ANY: ValueType = { kind: 'any' };

/** For each new element the one that was there: by key, else an equal one, else the one at its place. */
function matched(of: ValueType, before: readonly unknown[], now: readonly unknown[]): unknown[] {
  const left = new Set(before.keys());
  const twins = new Array<unknown>(now.length);
  const key = of.kind === 'embedded' ? of.map.key?.property : undefined;
  const keyOf = (value: unknown) =>
    key === undefined || !isContainer(value) ? undefined : (Reflect.get(value, key) as unknown);
  const open: number[] = [];
  for (const [index, value] of now.entries()) {
    if (!isContainer(value)) continue;
    const isTwin = (at: number) =>
      key === undefined
        ? sameValue(before[at], value)
        : keyOf(value) !== undefined && sameValue(keyOf(before[at]), keyOf(value));
    const twin = left.has(index) && isTwin(index) ? index : [...left].find(isTwin);
    if (twin === undefined) {
      open.push(index);
    } else {
      left.delete(twin);
      twins[index] = before[twin];
    }
  }
  if (key === undefined) for (const index of open) if (left.delete(index)) twins[index] = before[index];
  return twins;
}
