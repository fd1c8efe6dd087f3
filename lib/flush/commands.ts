import type { Document } from 'mongodb';
import { arrayFilters, inStatements, toUpdateDocument, updateBytes } from './change.js';
import { guardedFilter } from './guard-filter.js';
import {
  statementsOf,
  type InsertWrite,
  type ParkWrite,
  type UpdateWrite,
  type Write,
  type WriteTarget,
} from './plan.js';

/** Guards and updates compare as bytes do: on a case-insensitive collection the guard 'a' would match 'A'. */
const SIMPLE = { locale: 'simple' };

/** Name of a field that is set and removed again to lock a document which is only guarded. */
const LOCK_FIELD = '__cow_lock';

/**
 * One command for writes of one kind and collection.
 *
 * @param guarded are the guards part of the filters? They are not when they were compared in the transaction.
 */
export function commandFor(writes: readonly Write[], guarded: boolean): Document {
  const [{ kind, target }] = writes as [Write];
  const collection = target.map.collection;
  switch (kind) {
    case 'insert':
      return { insert: collection, documents: writes.map((write) => (write as InsertWrite).value) };
    case 'delete':
      return {
        delete: collection,
        deletes: writes.map((write) => ({ q: filterOf(write, guarded), limit: 1, ...collationOf(target) })),
      };
    case 'update':
      return {
        update: collection,
        updates: writes.flatMap((write) => updatesOf(write as UpdateWrite, guarded)),
      };
    case 'park':
      return {
        update: collection,
        updates: writes.map((write) => ({ q: { ...write.filter }, u: { $set: (write as ParkWrite).values } })),
      };
    case 'lock':
      return {
        update: collection,
        // A pipeline that sets and unsets in one update would change nothing, and so would not lock.
        updates: writes.flatMap((write) => [
          { q: { ...write.filter }, u: { $set: { [LOCK_FIELD]: 1 } }, ...collationOf(target) },
          { q: { ...write.filter }, u: { $unset: { [LOCK_FIELD]: '' } }, ...collationOf(target) },
        ]),
      };
  }
}

/** The statements of one document's update, in order: several only in a transaction, where guards were compared. */
function updatesOf(write: UpdateWrite, guarded: boolean): Document[] {
  return inStatements(write.changes).map((changes) => {
    const filters = arrayFilters(changes);
    return {
      q: filterOf(write, guarded),
      u: toUpdateDocument(changes),
      ...(filters === undefined ? {} : { arrayFilters: filters }),
      ...collationOf(write.target),
    };
  });
}

/** The collation of what is sent for a class. */
export function collationOf(target: WriteTarget): { collation?: { locale: string } } {
  return target.isCollated ? {} : { collation: SIMPLE };
}

function filterOf(write: Write, guarded: boolean): Document {
  return guarded && 'guards' in write ? guardedFilter(write.filter, write.guards) : { ...write.filter };
}

/** How many documents a command for these writes must match. */
export function expectedMatches(writes: readonly Write[]): number {
  return writes.reduce((sum, write) => sum + statementsOf(write), 0);
}

/** What a write sends, its filter left out, in bytes of BSON. */
export function sentBytes(write: Write): number {
  if (write.kind === 'insert') return write.document.length;
  if (write.kind !== 'update') return 0;
  return updateBytes(write.changes);
}

/** Where the guarded paths of these writes begin: all that must be read to compare them. */
export function guardProjection(writes: readonly Write[]): Document {
  const roots = new Set<string>(['_id']);
  for (const write of writes) {
    if ('guards' in write) for (const { path } of write.guards) roots.add(path.split('.', 1)[0]!);
  }
  return Object.fromEntries([...roots].map((root) => [root, 1]));
}
