import { identityKey } from '../bson/identity-key.js';
import { RawValue } from '../bson/raw-value.js';
import { ObjectId } from '../bson/values.js';
import type { IndexMap } from '../mapping/index.js';
import { follow } from './guard-check.js';
import type { ParkWrite, UpdateWrite } from './plan.js';

/** What an update does to the unique indexes of its class: the values that it gives up and those that it takes. */
interface Claims {
  readonly write: UpdateWrite;
  readonly frees: ReadonlySet<string>;
  readonly takes: ReadonlySet<string>;
  /** The stored path of an indexed field by which its old values can be given up beforehand. */
  readonly paths: readonly string[];
}

/**
 * Puts updates in an order that unique indexes accept: what gives up a value goes before what takes it. Where they form
 * a circle (two documents swap a value), one of them is parked on a temporary value first.
 */
export function orderByUniqueValues(updates: readonly UpdateWrite[]): (UpdateWrite | ParkWrite)[] {
  if (!updates.some(({ target }) => hasUnique(target.map.indexes))) return [...updates];
  const waiting = updates.map(claimsOf);
  if (waiting.every(({ takes }) => takes.size === 0)) return [...updates];
  const ordered: (UpdateWrite | ParkWrite)[] = [];
  const given = new Set<string>(); // freed by what is ordered already
  while (waiting.length > 0) {
    const isFree = (value: string, taker: Claims) =>
      given.has(value) || !waiting.some((other) => other !== taker && other.frees.has(value));
    const ready = waiting.findIndex((one) => [...one.takes].every((value) => isFree(value, one)));
    if (ready >= 0) {
      const [one] = waiting.splice(ready, 1) as [Claims];
      ordered.push(one.write);
      for (const value of one.frees) given.add(value);
      continue;
    }
    const parked = waiting.find(({ frees }) => [...frees].some((value) => !given.has(value)))!;
    ordered.push(parkOf(parked));
    for (const value of parked.frees) given.add(value);
  }
  return ordered;
}

function hasUnique(indexes: readonly IndexMap[]): boolean {
  return indexes.some(({ options }) => options.unique === true);
}

function claimsOf(write: UpdateWrite): Claims {
  const before = RawValue.ofDocument(write.base);
  const after = RawValue.ofDocument(write.next);
  const frees = new Set<string>();
  const takes = new Set<string>();
  const paths: string[] = [];
  for (const [number, index] of write.target.map.indexes.entries()) {
    if (index.options.unique !== true) continue;
    const [old, now] = [valueOf(before, index), valueOf(after, index)];
    if (old === now) continue;
    const name = `${write.target.map.collection} ${number} `;
    if (old !== undefined) {
      frees.add(name + old);
      paths.push(changedPath(before, after, index));
    }
    if (now !== undefined) takes.add(name + now);
  }
  return { write, frees, takes, paths };
}

/** A part of the indexed value that the update itself writes, so that nothing temporary stays. */
function changedPath(before: RawValue, after: RawValue, index: IndexMap): string {
  const part = (document: RawValue, path: string) => valueOf(document, { key: { [path]: 1 }, options: {} });
  return Object.keys(index.key).find((path) => part(before, path) !== part(after, path))!;
}

/** The indexed value of a document; undefined where it has none, which collides with nothing that was declared. */
function valueOf(document: RawValue, index: IndexMap): string | undefined {
  const parts = Object.keys(index.key).map((path) => follow(document, path));
  if (parts.every((part) => part === undefined)) return undefined;
  return parts.map((part) => (part === undefined ? '' : identityKey(part))).join('\0');
}

function parkOf({ write, paths }: Claims): ParkWrite {
  const values = Object.fromEntries([...new Set(paths)].map((path) => [path, new ObjectId()]));
  return { kind: 'park', target: write.target, id: write.id, filter: write.filter, values };
}
