import type { EntityStore } from './entity-store.js';

/** A document in a fork tree, whatever its class. */
export interface Place {
  readonly store: EntityStore;
  /** Identity in the store's family. */
  readonly key: string;
}

/** Something for each document of a fork tree: one an id of a family. Maps in a Map, so that no key is ever made. */
export class Places<T extends Place> implements Iterable<T> {
  private families: Map<EntityStore, Map<string, T>> | undefined;
  private count = 0;

  constructor(...all: readonly Iterable<T>[]) {
    for (const some of all) {
      if (some instanceof Places) this.take(some as Places<T>);
      else for (const one of some) this.set(one);
    }
  }

  has(place: Place): boolean {
    return this.get(place) !== undefined;
  }

  get size(): number {
    return this.count;
  }

  get({ store, key }: Place): T | undefined {
    return this.families?.get(store.root)?.get(key);
  }

  /** Sets what there is for the document that it names itself. */
  set(one: T): void {
    const { root } = one.store;
    this.families ??= new Map<EntityStore, Map<string, T>>();
    let family = this.families.get(root);
    if (family === undefined) this.families.set(root, (family = new Map<string, T>()));
    const before = family.size;
    family.set(one.key, one);
    this.count += family.size - before;
  }

  /** Takes over all of another's: whole Maps at once, where there are none yet. */
  private take(other: Places<T>): void {
    if (this.count > 0 || other.count === 0) {
      other.forEach((one) => this.set(one));
      return;
    }
    this.families = new Map([...other.families!].map(([root, family]) => [root, new Map(family)]));
    this.count = other.count;
  }

  delete({ store, key }: Place): void {
    if (this.families?.get(store.root)?.delete(key) === true) this.count--;
  }

  forEach(visit: (one: T) => void): void {
    this.families?.forEach((family) => family.forEach((one) => visit(one)));
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const family of this.families?.values() ?? []) yield* family.values();
  }
}
