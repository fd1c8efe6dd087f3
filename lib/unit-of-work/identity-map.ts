import { hashOfId, hashOfKey, twelve } from '../bson/identity-key.js';
import type { Managed } from './managed.js';
import { isOn, keyOf, managedOf } from './page.js';

/**
 * The entities of one family in one unit of work, by id. Those of a list that was found have no state yet: they lie in
 * a table by the hash of their id, which costs a third of what a Map and a text for each id take.
 */
export class IdentityMap {
  private named: Map<string, Managed> | undefined;
  private hashes = EMPTY;
  private table: (object | null | undefined)[] = [];
  /** Slots that were ever taken. */
  private taken = 0;

  get(key: string): Managed | undefined {
    const named = this.named?.get(key);
    if (named !== undefined || this.taken === 0) return named;
    const slot = this.slotOf(key);
    if (slot < 0) return undefined;
    // What is asked for by its id is asked for again: a Map answers without asking each entity for its key.
    const managed = managedOf(this.table[slot]!);
    this.set(key, managed);
    return managed;
  }

  set(key: string, managed: Managed): void {
    this.free(key);
    (this.named ??= new Map<string, Managed>()).set(key, managed);
  }

  delete(key: string): void {
    this.named?.delete(key);
    this.free(key);
  }

  /** Is the ObjectId at `at` that of an entity outside of the table? */
  isNamed(bytes: Buffer, at: number): boolean {
    return this.named !== undefined && this.named.size > 0 && this.named.has(twelve(bytes, at));
  }

  /** Makes room for so many that are to be put. */
  reserve(count: number): this {
    const needed = Math.ceil((this.taken + count) / LOAD) + 1;
    const { hashes, table } = this;
    if (needed <= table.length) return this;
    // The first list is given what it needs; who reads list after list does not pay for each anew.
    const size = table.length === 0 ? needed : Math.max(needed, table.length * 2);
    this.hashes = new Int32Array(size);
    this.table = new Array<undefined>(size).fill(undefined);
    this.taken = 0;
    for (let i = 0; i < table.length; i++) if (table[i]) this.put(hashes[i]!, table[i]!);
    return this;
  }

  /** Adds an entity whose id, of this hash, is not there yet. */
  put(hash: number, entity: object): void {
    const { table } = this;
    let slot = this.first(hash);
    while (table[slot] !== undefined) slot = slot + 1 === table.length ? 0 : slot + 1;
    table[slot] = entity;
    this.hashes[slot] = hash;
    this.taken++;
  }

  /** The entity of the ObjectId at `at`, if it is in the table. */
  found(hash: number, bytes: Buffer, at: number): object | undefined {
    if (this.taken === 0 || this.search(hash, IS_ANY) < 0) return undefined;
    const slot = this.slotOf(twelve(bytes, at));
    return slot < 0 ? undefined : this.table[slot]!;
  }

  /** The Proxy on this target, of the ObjectId at `at`. */
  proxyOn(target: object, bytes: Buffer, at: number): object {
    return this.table[this.search(hashOfId(bytes, at), (entity) => isOn(entity, target))]!;
  }

  /** The states of all, made where they had none. */
  values(): Iterable<Managed> {
    const named = this.named?.values() ?? [];
    return this.taken === 0 ? named : [...named, ...this.table.flatMap((entity) => (entity ? managedOf(entity) : []))];
  }

  /** Visits the entities of pages. */
  eachLate(visit: (entity: object) => void): void {
    for (const entity of this.table) if (entity) visit(entity);
  }

  private free(key: string): void {
    const slot = this.taken === 0 ? -1 : this.slotOf(key);
    if (slot >= 0) this.table[slot] = null; // who looks for others goes on
  }

  private slotOf(key: string): number {
    return key.length === 12 ? this.search(hashOfKey(key), (entity) => keyOf(entity) === key) : -1;
  }

  /** The slot of the first entity with this hash that is the one looked for; -1 for none. */
  private search(hash: number, isIt: (entity: object) => boolean): number {
    const { table, hashes } = this;
    for (let slot = this.first(hash); table[slot] !== undefined; slot = slot + 1 === table.length ? 0 : slot + 1) {
      if (hashes[slot] !== hash) continue;
      const entity = table[slot];
      if (entity && isIt(entity)) return slot;
    }
    return -1;
  }

  private first(hash: number): number {
    return Math.floor((hash >>> 0) * (this.table.length / 0x1_0000_0000));
  }
}

/** How full the table may be. */
const LOAD = 0.8;
const EMPTY = new Int32Array(0);
const IS_ANY = () => true;
