import type { Db, MongoClient } from 'mongodb';
import type { EntityMap } from '../mapping/index.js';
import { inStatements, type Guard, type PathChange } from './change.js';
import { orderByUniqueValues } from './unique-order.js';

/** Where a write goes. */
export interface WriteTarget {
  readonly client: MongoClient;
  readonly db: Db;
  readonly map: EntityMap;
  /**
   * Must writes use the collection's own collation? A string id is found by its index only so; then the server's
   * comparisons of strings cannot be trusted, and guards are compared in a transaction.
   */
  readonly isCollated: boolean;
}

interface WriteBase {
  readonly target: WriteTarget;
  /** The id as text, for messages. */
  readonly id: string;
  /** Filter by id, shard key included. */
  readonly filter: Readonly<Record<string, unknown>>;
}

export interface InsertWrite extends WriteBase {
  readonly kind: 'insert';
  /** The document to be stored, `_id` first. */
  readonly value: Readonly<Record<string, unknown>>;
  /** The same as bytes: after the flush they are the entity's base. */
  readonly document: Buffer;
}

export interface UpdateWrite extends WriteBase {
  readonly kind: 'update';
  readonly changes: readonly PathChange[];
  readonly guards: readonly Guard[];
  /** The bytes of the document as it was loaded. */
  readonly base: Buffer;
  /** The bytes of the document after the write. */
  readonly next: Buffer;
}

export interface DeleteWrite extends WriteBase {
  readonly kind: 'delete';
  readonly guards: readonly Guard[];
}

/** A document that must not have changed, though nothing is written to it: it is locked by a write that leaves it. */
export interface LockWrite extends WriteBase {
  readonly kind: 'lock';
  readonly guards: readonly Guard[];
}

/** Gives up unique values that other writes take, by temporary ones; an update of the same document follows. */
export interface ParkWrite extends WriteBase {
  readonly kind: 'park';
  readonly values: Readonly<Record<string, unknown>>;
}

export type Write = InsertWrite | UpdateWrite | DeleteWrite | LockWrite | ParkWrite;

/** The frozen list of writes that a flush sends. */
export interface Plan {
  readonly flushId: string;
  readonly writes: readonly Write[];
}

function isOfOneKind(writes: readonly Write[]): boolean {
  return writes.every(({ kind }) => kind === writes[0]!.kind);
}

/** How many statements of a command a write takes. */
export function statementsOf(write: Write): number {
  if (write.kind === 'update') return inStatements(write.changes).length;
  return write.kind === 'lock' ? 2 : 1;
}

const ORDER: Record<Write['kind'], number> = { lock: 0, delete: 1, park: 2, update: 2, insert: 3 };

/**
 * Puts the writes in an order that unique indexes accept: what frees a value goes before what takes it, so deletes
 * first and inserts last; within a kind, by collection, so that they share commands.
 */
export function makePlan(flushId: string, writes: readonly Write[]): Plan {
  if (writes.length === 1) return Object.freeze({ flushId, writes: Object.freeze([...writes]) });
  const collections = new Map<string, number>();
  for (const { target } of writes) {
    if (!collections.has(target.map.collection)) collections.set(target.map.collection, collections.size);
  }
  const rank = (write: Write) => ORDER[write.kind] * collections.size + collections.get(write.target.map.collection)!;
  const ranked = collections.size === 1 && isOfOneKind(writes) ? writes : [...writes].sort((a, b) => rank(a) - rank(b));
  const updates = orderByUniqueValues(ranked.filter((write) => write.kind === 'update'));
  const first = ranked.findIndex((write) => write.kind === 'update');
  const others: Write[] = ranked.filter((write) => write.kind !== 'update');
  others.splice(Math.max(first, 0), 0, ...updates);
  return Object.freeze({ flushId, writes: Object.freeze(others) });
}
