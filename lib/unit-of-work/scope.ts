import { identityKey, identityKeyOfDocument } from '../bson/identity-key.js';
import { sameRaw } from '../bson/raw-value.js';
import { CowError } from '../errors/index.js';
import type { TrackedState } from '../tracking/tracked-state.js';
import { DocumentSource } from './document-source.js';
import type { EntityStore } from './entity-store.js';
import { loadedIn } from './fork-managed.js';
import type { ForkNode } from './fork-node.js';
import { refuseForeign } from './fork-reads.js';
import { IdentityMap } from './identity-map.js';
import { LateSet } from './late-set.js';
import { Managed, type EntityOwner } from './managed.js';
import { forgetHeld, type Held } from './union-held.js';
import { warnUndeclared } from './warn-undeclared.js';

/** What one unit of work was opened with. */
export interface ScopeOptions {
  /** What it is for, in logs: for example `PATCH /orders/:id`. */
  readonly label?: string;
  /** Nothing is tracked, and every write is an error. */
  readonly readonly?: boolean;
  /** `'manual'`: only an explicit flush() writes; what is left at the end is dropped. Default: `'auto'`. */
  readonly flush?: 'auto' | 'manual';
}

/**
 * The state of one unit of work: which entities it holds, and which of them are to be looked at by a flush.
 *
 * The identity map has one instance an id. Beside it stand the sets that a flush goes through: it never visits what
 * was only loaded.
 */
export class Scope implements EntityOwner {
  private identities: Map<EntityStore, IdentityMap> | undefined;
  /** Loaded entities of which something was assigned or handed out. */
  readonly touchedEntities = new LateSet<Managed>();
  /** Instances made by the application: nothing tells of their changes, so each flush compares them. */
  readonly ownInstances = new LateSet<Managed>();
  readonly removed = new LateSet<Managed>();
  /** Entities with fields that were only read and must not change. */
  readonly expecting = new LateSet<Managed>();
  readonly onCommit: (() => unknown)[] = [];
  readonly onRollback: (() => unknown)[] = [];
  /** Why the last flush failed; no other is possible before a rollback. */
  failure: unknown;
  /** Its place in a fork tree, while there is one. */
  node: ForkNode | undefined;
  /** Entities of united forks whose containers others hold: see `absorbHeld`. */
  readonly held: Held[] = [];
  /** What became of it, when it was a fork. */
  ending: 'united' | 'dropped' | undefined;
  private isClosed = false;
  private readonly onClosed: (() => void)[] = [];

  constructor(private current: ScopeOptions = {}) {}

  get options(): ScopeOptions {
    return this.current;
  }

  /** Adds what a handler declares to what a middleware opened this with, before the handler has run. */
  restrict(options: Pick<ScopeOptions, 'readonly' | 'flush'>): void {
    this.current = { ...this.current, ...options };
  }

  // What entities tell.

  touched(state: TrackedState): void {
    this.touchedEntities.add(state as Managed);
  }

  writing(state: TrackedState, field: string, value: unknown): void {
    const { store, status } = state as Managed;
    const { map } = store;
    if (this.closed && status !== 'detached') throw this.closedError({ entity: map.name, field });
    if (this.node !== undefined) refuseForeign(state as Managed, field, 'written');
    if (map.readonly)
      throw new CowError('ReadOnlyViolation', { entity: map.name, field, reason: 'its entity is declared readonly' });
    const immutable = [map.id, map.version, map.updatedAt].find((one) => one?.property === field);
    if (immutable !== undefined && !state.source.same(field, value)) {
      throw new CowError('ImmutableField', {
        entity: map.name,
        field,
        reason: immutable === map.id ? 'an id stays what it is' : 'the library writes it at flush',
        expected:
          immutable === map.id ? 'Create another entity with the other id, and remove this one.' : 'Leave it alone.',
      });
    }
  }

  undeclared(state: TrackedState, property: string): void {
    warnUndeclared((state as Managed).store.map.name, property);
  }

  // Identity.

  /** The entity of the document at `start`, which was read; the one that is known already keeps what it is. */
  materialise(
    store: EntityStore,
    bytes: Buffer,
    options: { loaded?: ReadonlySet<string>; refresh?: boolean } = {},
    start = 0,
  ): Managed {
    const key = identityKeyOfDocument(bytes, start);
    const own = store.forStored(bytes, start);
    const source = new DocumentSource(own.codec, bytes, options.loaded, start);
    const known = this.find(store, key);
    if (known !== undefined) {
      if (known.status === 'loaded') this.readAgain(known, source, options.refresh === true);
      return known;
    }
    const base = this.node === undefined ? source : this.node.firstRead(own, key, source);
    const managed = loadedIn(this, own, key, base);
    if (own.sample === undefined) own.sample = Managed.sample(own, source);
    this.identitiesOf(store).set(key, managed);
    return managed;
  }

  private readAgain(managed: Managed, source: DocumentSource, refresh: boolean): void {
    if (this.node?.isFork === true) {
      this.node.widen(managed, source); // all else stays as it was at the fork
      return;
    }
    const isOutdated = managed.isStale && this.failure === undefined; // until a rollback its changes stay readable
    if (isOutdated || (refresh && !managed.isModified())) {
      this.node?.moving(managed);
      managed.renew(source);
    } else if (managed.base?.loaded !== undefined) {
      widen(managed, source);
    }
  }

  /** The entity of the id, if it was loaded or added; in a fork also by those that it was forked from. */
  find(store: EntityStore, key: string): Managed | undefined {
    const known = this.known(store, key);
    if (known !== undefined || this.node === undefined) return known;
    const inherited = this.node.inherit(store, key);
    if (inherited !== undefined) this.identitiesOf(store).set(key, inherited);
    return inherited;
  }

  /** The entity of the id, if it was loaded or added in this very unit of work. */
  known(store: EntityStore, key: string): Managed | undefined {
    return this.identities?.get(store.root)?.get(key);
  }

  /** Takes an instance that the application made. */
  add(store: EntityStore, instance: object, id: unknown): Managed {
    const key = identityKey(id);
    const twin = this.find(store, key);
    if (twin !== undefined && twin.status !== 'removed') {
      throw new CowError('ForeignEntity', {
        entity: store.map.name,
        reason: 'has the id of another one in this unit of work',
        expected: 'Change that one, which find methods answer, or give another id.',
      });
    }
    return this.take(store, key, instance);
  }

  /** Takes an instance whose id nobody else has. */
  take(store: EntityStore, key: string, instance: object): Managed {
    const managed = Managed.made(store, key, instance, this);
    this.identitiesOf(store).set(key, managed);
    this.ownInstances.add(managed);
    return managed;
  }

  remove(managed: Managed): void {
    if (managed.status === 'new' && managed.flight === undefined) this.forget(managed);
    else this.removed.add(managed);
    managed.status = 'removed';
  }

  /** Undoes a removal. */
  revive(managed: Managed): void {
    managed.status = 'loaded';
    this.removed.delete(managed);
    this.touchedEntities.add(managed);
  }

  detach(managed: Managed): void {
    this.forget(managed);
    managed.status = 'detached';
    managed.keepAlone(new Scope(this.current));
  }

  /** Is the entity of this unit of work? */
  owns(managed: Managed): boolean {
    return this.known(managed.store, managed.key) === managed;
  }

  /** Ids of the entities of a family that were removed, here or before the fork. */
  removedIds(store: EntityStore): unknown[] {
    const removed = [...this.removed].filter((managed) => managed.store.root === store.root);
    return [...removed.map(({ id }) => id), ...(this.node?.removedIds(store) ?? [])];
  }

  entities(): Iterable<Managed> {
    const [family, ...more] = this.identities?.values() ?? [];
    if (family === undefined || more.length === 0) return family?.values() ?? [];
    return [family, ...more].flatMap((each) => [...each.values()]);
  }

  /** Entities that a flush has to look at. */
  *candidates(): Iterable<Managed> {
    yield* this.touchedEntities;
    yield* this.ownInstances;
    for (const managed of this.removed)
      if (!this.touchedEntities.has(managed) && !this.ownInstances.has(managed)) yield managed;
  }

  /** Is there nothing that a flush would have to look at? */
  get isUntouched(): boolean {
    return this.touchedEntities.size + this.ownInstances.size + this.removed.size === 0;
  }

  /** Does it hold nothing at all: no entity, no callback? */
  get isEmpty(): boolean {
    const { identities, onCommit, onRollback, held } = this;
    return identities === undefined && onCommit.length + onRollback.length + held.length === 0;
  }

  forget(managed: Managed): void {
    if (this.owns(managed)) this.identities?.get(managed.store.root)?.delete(managed.key); // else another has its id
    this.touchedEntities.delete(managed);
    this.ownInstances.delete(managed);
    this.removed.delete(managed);
    this.expecting.delete(managed);
  }

  /** Drops every change; entities stay, and read as they were loaded. New ones are no longer added. */
  rollback(): void {
    for (const managed of [...this.ownInstances, ...this.removed]) if (managed.base === undefined) this.detach(managed);
    for (const managed of [...this.touchedEntities, ...this.ownInstances, ...this.removed]) {
      managed.status = 'loaded';
      managed.rollback();
      if (managed.flight !== undefined) managed.flight.isRolledBack = true;
      else if (!managed.isTouchedAtAll) this.touchedEntities.delete(managed); // nothing of it is in others' hands
    }
    this.removed.clear();
    for (const managed of this.expecting) managed.expectations = undefined;
    this.expecting.clear();
    forgetHeld(this);
    this.failure = undefined;
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** Ends it, and with a root its open forks. */
  close(): void {
    this.isClosed = true;
    if (this.node?.isFork === false) for (const fork of this.node.tree.open) fork.close();
    for (const callback of this.onClosed.splice(0)) callback();
  }

  whenClosed(callback: () => void): void {
    this.onClosed.push(callback);
  }

  /** What to tell those who use it after its end. */
  closedError(details: { entity?: string; field?: string } = {}): CowError {
    if (this.ending === undefined) return new CowError('UnitOfWorkClosed', details);
    return new CowError('ForkClosed', { ...details, option: this.node?.name ?? '', reason: this.ending });
  }

  /** The entities of the family, by id. */
  identitiesOf(store: EntityStore): IdentityMap {
    const { root } = store;
    this.identities ??= new Map<EntityStore, IdentityMap>();
    let map = this.identities.get(root);
    if (map === undefined) this.identities.set(root, (map = new IdentityMap()));
    return map;
  }
}

/** A read of more fields fills what is missing in an entity that was loaded in part, if what both have agrees. */
function widen(managed: Managed, source: DocumentSource): void {
  const base = managed.base!;
  const { fields, name } = managed.store.map;
  const isLoaded = (one: DocumentSource) => fields.filter((field) => one.isLoaded(field.property));
  const isWhole = isLoaded(base).every((field) => source.isLoaded(field.property));
  if (isWhole && !managed.isModified()) {
    managed.renew(source);
    return;
  }
  if (isLoaded(source).every((field) => base.isLoaded(field.property))) return; // nothing new
  for (const field of isLoaded(base).filter((one) => source.isLoaded(one.property))) {
    if (!sameRaw(base.raw(field), source.raw(field))) {
      throw new CowError('ConcurrentModification', { entity: name, id: managed.idText, field: field.property });
    }
  }
  managed.rebase(isWhole ? source : base.with(source));
}
