import { RawValue } from '../bson/raw-value.js';
import type { FieldMap } from '../mapping/index.js';
import { EntityState, entityProxy, stateOfProxy } from '../tracking/entity-state.js';
import type { FieldSource } from '../tracking/field-source.js';
import { setOwn } from '../tracking/plain-values.js';
import type { TrackingOwner } from '../tracking/tracked-state.js';
import { DocumentSource, NewSource } from './document-source.js';
import type { EntityStore } from './entity-store.js';
import { jsonOfEntity } from './entity-json.js';
import { pageOf } from './page.js';
import type { Scope } from './scope.js';

/** The unit of work that holds an entity. */
export interface EntityOwner extends TrackingOwner {
  readonly closed: boolean;
}

/** No sample is kept of larger documents, in bytes. */
export const LARGE_SAMPLE = 32 * 1024;

const NOBODY: EntityOwner = {
  closed: true,
  touched: () => undefined,
  writing: () => undefined,
  undeclared: () => undefined,
};

/** Instances that the application made with `new`: they stay themselves, so their state is found from outside. */
const instances = new WeakMap<object, Managed>();

/** An entity of a unit of work: its store, its identity, and what is to become of it. */
export class Managed extends EntityState {
  /** `'new'` until inserted; `'removed'` once remove() was called; `'detached'` when no flush concerns it. */
  status: 'new' | 'loaded' | 'removed' | 'detached';
  /** Paths that were only read and must not change until the flush: see `expectUnchanged`. */
  expectations: Set<string> | undefined;
  /** Did a flush of it fail, so that the next read must renew it? */
  isStale = false;
  /** While a flush of it is sent: was it rolled back meanwhile? */
  flight: { isRolledBack: boolean } | undefined;

  protected constructor(
    readonly store: EntityStore,
    readonly key: string,
    source: FieldSource,
    values: Record<string, unknown>,
    owner: EntityOwner,
    /** Did the application make it with `new`? Then nothing stands between the two. */
    readonly isMade: boolean,
    /** What the application holds, if it was made before. */
    subject?: object,
  ) {
    super(source, values, owner);
    this.status = isMade ? 'new' : 'loaded';
    if (isMade) instances.set(values, this);
    else if (subject === undefined) entityProxy(this);
    else this.subject = subject;
  }

  /** What the application holds: a Proxy over `values`, or the instance it made itself. */
  get entity(): object {
    return this.subject;
  }

  /** A loaded document. */
  static loaded(store: EntityStore, key: string, source: DocumentSource, owner: EntityOwner): Managed {
    return new Managed(store, key, source, new store.Values(), owner, false);
  }

  /** The same, for an entity that the application holds already: see `Page`. */
  static late(store: EntityStore, key: string, source: DocumentSource, owner: EntityOwner, subject: object): Managed {
    return new Managed(store, key, source, new store.Values(), owner, false, subject);
  }

  /**
   * An entity of nobody, with every field read. While the store keeps it V8 keeps the shapes of its entities, and the
   * machine code made for them, where a collection would drop both between two requests.
   */
  static sample(store: EntityStore, source: DocumentSource): Managed | null {
    if (source.bytes.length > LARGE_SAMPLE) return null;
    const managed = Managed.loaded(store, '', source.alone(), NOBODY);
    try {
      for (const field of source.fields()) if (source.isLoaded(field)) managed.read(field);
    } catch {
      // a value that cannot be read: who reads it is told
    }
    return managed;
  }

  /** An instance to be inserted. Nothing stands between it and the application: every field counts as touched. */
  static made(store: EntityStore, key: string, instance: object, owner: EntityOwner): Managed {
    const values = instance as Record<string, unknown>;
    if (!('toJSON' in instance)) {
      Object.defineProperty(instance, 'toJSON', { value: jsonOfEntity, writable: true, configurable: true });
    }
    return new Managed(store, key, new NewSource(store.codec), values, owner, true);
  }

  static of(entity: unknown): Managed | undefined {
    const state = stateOfProxy(entity);
    if (state instanceof Managed) return state;
    return typeof entity === 'object' && entity !== null ? instances.get(entity) : undefined;
  }

  /** From now on the object stands for another entity. */
  static alias(handle: object, managed: Managed): void {
    instances.set(handle, managed);
  }

  /** The unit of work that holds it. */
  get scope(): Scope {
    return this.owner as Scope;
  }

  /** The raw document; undefined for one that is not stored yet. */
  get base(): DocumentSource | undefined {
    return this.source instanceof DocumentSource ? this.source : undefined;
  }

  /** Is it an instance that was never stored and that no unit of work is going to store? Then another can take it. */
  get isFree(): boolean {
    return this.base === undefined && (this.status !== 'new' || this.scope.closed);
  }

  /** The id, for the driver. */
  get id(): unknown {
    return this.values[this.store.map.id.property] ?? this.source.read(this.store.map.id.property);
  }

  get idText(): string {
    const { id } = this.store.map;
    return String(this.store.codec.codec(id).toJson(this.id));
  }

  get filter(): Record<string, unknown> {
    const document = this.base && RawValue.ofDocument(this.base.bytes);
    return this.store.filterById(this.id, document);
  }

  override read(field: string): unknown {
    if (this.source instanceof DocumentSource) this.source.readAhead(this.values, this.touchedFields);
    return super.read(field);
  }

  override isTouched(field: string): boolean {
    return !this.isMade ? super.isTouched(field) : this.source.declares(field);
  }

  override touched(): Iterable<string> {
    return !this.isMade ? super.touched() : this.source.fields();
  }

  override get isTouchedAtAll(): boolean {
    return this.isMade || super.isTouchedAtAll;
  }

  override touch(field: string): void {
    if (!this.isMade) super.touch(field);
  }

  /** All of a made instance counts as touched in any case, so that nothing of it is to be compared. */
  override rebase(source: FieldSource): void {
    if (this.isMade) this.source = source;
    else super.rebase(source);
  }

  /** Restores fields; what a projection did not load just loses its assignment. */
  override rollback(field?: string): void {
    const { base } = this;
    for (const each of field === undefined ? [...this.touched()] : [field]) {
      if (base === undefined || base.isLoaded(each)) {
        super.rollback(each);
      } else {
        delete this.values[each];
        this.touchedFields?.delete(each);
      }
    }
  }

  /**
   * The flush was committed: the document is now this.
   *
   * @param fields properties that the flush wrote; the library's own among them take their new values
   */
  committed(source: DocumentSource, fields: Iterable<string>): void {
    const { version, updatedAt, createdAt } = this.store.map;
    const before = this.base;
    this.rebase(source);
    if (this.status === 'new') this.status = 'loaded'; // what was removed meanwhile is still to be deleted
    for (const field of [version, updatedAt, before === undefined ? createdAt : undefined]) {
      if (field !== undefined) this.takeStored(field);
    }
    for (const field of fields) this.unread(field); // decoded again when read
  }

  /** Takes the document as it was read again, and drops what was changed. */
  renew(source: DocumentSource): void {
    this.source = source;
    this.isStale = false;
    this.status = 'loaded';
    this.rollback();
    if (this.isMade) return;
    for (const field of source.fields()) this.unread(field);
  }

  /**
   * It outlives its unit of work: from now on it keeps no bytes alive but its own.
   *
   * @param owner what it is of: nothing else is
   */
  keepAlone(owner: EntityOwner): void {
    const { base } = this;
    this.owner = owner;
    pageOf(this.entity)?.letGo();
    if (base !== undefined) this.source = base.alone([...this.touched()].map((field) => this.present(field)));
  }

  private takeStored({ property }: FieldMap): void {
    if (this.isMade) setOwn(this.values, property, this.source.read(property));
    else if (this.isTouched(property)) super.rollback(property);
    else this.unread(property);
  }
}
