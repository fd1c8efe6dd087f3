import { sameRaw } from '../bson/raw-value.js';
import { CowError } from '../errors/index.js';
import { DocumentSource } from './document-source.js';
import type { EntityStore } from './entity-store.js';
import { loadedIn } from './fork-managed.js';
import { keepForkSample } from './fork-sample.js';
import { Layer, latestOf } from './fork-layer.js';
import { Places } from './fork-places.js';
import { birthOf, freezeEntity, type Frozen } from './fork-state.js';
import { refer, type ForkTree, type LayerRef, type TreeBase } from './fork-tree.js';
import type { Managed } from './managed.js';
import type { Scope } from './scope.js';
import { absorbHeld } from './union-held.js';

/** The place of a unit of work in its fork tree. One that was never forked has none. */
export class ForkNode {
  private readonly line: number;
  private version = 0;
  /** The last layer made of this unit of work, while a fork lives on it. */
  private last: LayerRef | undefined;
  /** The last version of each other line that is part of this state. */
  private others: ReadonlyMap<number, number>;
  private holds: readonly Layer[];
  private forks = 0;

  constructor(
    readonly scope: Scope,
    readonly tree: ForkTree,
    /** What errors call it; of a fork, the number that its parent gave it. */
    private readonly label: string | number,
    readonly parent?: ForkNode,
    /** What the parent showed at the fork. */
    readonly origin?: Layer,
  ) {
    this.line = tree.nextLine();
    this.others = origin?.contains ?? NOTHING;
    this.holds = origin?.alone ?? [];
  }

  get isFork(): boolean {
    return this.parent !== undefined;
  }

  /** What errors call it: `PATCH /orders/:id.2.1` for the first fork of the second. */
  get name(): string {
    return this.parent === undefined ? String(this.label) : `${this.parent.name}.${this.label}`;
  }

  /** Number of the next fork of it. */
  nextFork(): number {
    return ++this.forks;
  }

  isBelow(other: ForkNode): boolean {
    for (let node = this.parent; node !== undefined; node = node.parent) if (node === other) return true;
    return false;
  }

  /** The layers that are part of this state. */
  get contains(): ReadonlyMap<number, number> {
    return this.version === 0 ? this.others : new Map(this.others).set(this.line, this.version);
  }

  // Reading.

  /** The entity of a document that another unit of work of the tree has read or made, as it stands here. */
  inherit(store: EntityStore, key: string): Managed | undefined {
    const state = this.inherited(store, key);
    if (state === undefined) return undefined;
    if (state.store.forkSample === undefined) keepForkSample(state.store, state.source);
    const managed = loadedIn(this.scope, state.store, key, state.source);
    if (state.isRemoved) managed.status = 'removed';
    return managed;
  }

  private inherited(store: EntityStore, key: string): Frozen | undefined {
    const place = { store, key };
    if (!this.isFork && this.tree.deleted.has(place)) return undefined;
    return this.origin?.entries.get(place) ?? frozenBase(this.tree.base(store, key));
  }

  /** Is the state that which the unit of work began with? */
  private isInherited(state: Frozen): boolean {
    if (!this.isFork && this.tree.deleted.has(state)) return false;
    const before = this.origin?.entries.get(state);
    if (before !== undefined) return before.source === state.source && before.isRemoved === state.isRemoved;
    return !state.isRemoved && this.tree.base(state.store, state.key)?.source === state.source;
  }

  /** What this unit of work shows of a document; undefined for one that it does not know of. */
  state(store: EntityStore, key: string): Frozen | undefined {
    const managed = this.scope.known(store, key);
    return managed === undefined ? this.inherited(store, key) : this.frozen(managed);
  }

  private frozen(managed: Managed): Frozen {
    return freezeEntity(managed, birthOf(managed) ?? this.inheritedBirth(managed.store, managed.key));
  }

  /** Ids of documents that were removed when this was forked. */
  removedIds(store: EntityStore): unknown[] {
    const ids: unknown[] = [];
    for (const { store: own, source, isRemoved } of this.origin?.entries ?? []) {
      if (isRemoved && own.root === store.root) ids.push(source.read(own.map.id.property));
    }
    return ids;
  }

  private inheritedBirth(store: EntityStore, key: string): object | undefined {
    const entry = this.origin?.entries.get({ store, key });
    return entry === undefined ? this.tree.base(store, key)?.birth : entry.birth;
  }

  /** A document was read for the first time here: what to take for its base. */
  firstRead(store: EntityStore, key: string, source: DocumentSource): DocumentSource {
    if (!this.isFork && this.tree.deleted.has({ store, key })) return source;
    return this.tree.keep({ store, key, source, birth: undefined }).source;
  }

  /** A wider read of a document that was loaded in part; what was read before must agree, as it was read. */
  widen(managed: Managed, source: DocumentSource): void {
    const { store, key } = managed;
    const own = managed.base;
    const base = this.tree.base(store, key) ?? { store, key, source, birth: undefined };
    if (own?.loaded === undefined) return;
    for (const field of store.map.fields) {
      if (!base.source.isLoaded(field.property) || !source.isLoaded(field.property)) continue;
      if (!sameRaw(base.source.raw(field), source.raw(field))) {
        throw new CowError('ConcurrentModification', {
          entity: store.map.name,
          id: managed.idText,
          field: field.property,
        });
      }
    }
    const isWhole = source.loaded === undefined;
    const wider = (one: DocumentSource) => {
      const both = source.with(one);
      return isWhole ? new DocumentSource(store.codec, both.bytes) : both;
    };
    if (base.source.loaded !== undefined) this.tree.widen({ ...base, source: wider(base.source) });
    this.scope.touchedEntities.delete(managed);
    managed.rebase(wider(own));
  }

  /** What others of the tree have read of a document that was loaded here in part. */
  catchUp(store: EntityStore, key: string): void {
    const managed = this.scope.known(store, key);
    const base = this.tree.base(store, key);
    if (managed?.status !== 'loaded' || base === undefined || !isWider(base.source, managed.base)) return;
    this.widen(managed, base.source);
    if (managed.isModified()) this.scope.touchedEntities.add(managed);
  }

  // What happens to the root.

  /** A loaded entity of the root is about to move to another base: older forks go on from the one that it had. */
  moving(managed: Managed): void {
    const { store, key, base: source } = managed;
    if (this.isFork) return;
    if (source !== undefined) this.tree.keep({ store, key, source, birth: undefined });
    this.tree.advanced.set(managed);
  }

  /** A flush of the root was committed, and the entity is about to become this. */
  committing(managed: Managed, next: Buffer | undefined): void {
    const { store, key } = managed;
    const birth = birthOf(managed);
    this.moving(managed);
    if (next === undefined) {
      this.tree.deleted.set({ store, key });
    } else if (birth !== undefined && managed.base === undefined) {
      const source = new DocumentSource(store.codec, next);
      this.tree.keep({ store, key, source, birth });
      this.tree.deleted.delete(managed);
    }
  }

  // Freezing.

  /** What this unit of work shows now, as a layer; the last one where nothing differs from it. */
  freeze(): Layer {
    absorbHeld(this.scope);
    const untouched = this.untouched();
    if (untouched !== undefined) return untouched;
    const changed = this.changed();
    const last = this.last?.deref();
    if (last !== undefined && isSame(last.entries, this.origin, changed)) return last;
    const isUnchanged = changed.size === 0 && this.origin !== undefined;
    if (isUnchanged && this.version === 0 && this.others === this.origin.contains) return this.origin;
    const entries = isUnchanged ? this.origin.entries : new Places<Frozen>(this.origin?.entries ?? [], changed);
    this.version++;
    const layer = new Layer(this.line, this.version, entries, this.contains, this.holds);
    this.last = refer(layer);
    this.tree.register(layer);
    return layer;
  }

  /** The layer of a unit of work in which nothing was touched since it was last forked, or since it is a fork. */
  private untouched(): Layer | undefined {
    if (!this.scope.isUntouched || (!this.isFork && this.tree.advanced.size > 0)) return undefined;
    if (this.origin !== undefined)
      return this.version === 0 && this.others === this.origin.contains ? this.origin : undefined;
    const last = this.last?.deref();
    return last?.entries.size === 0 ? last : undefined;
  }

  /** What differs here from what the unit of work began with. */
  changed(): Places<Frozen> {
    const changed = new Places<Frozen>();
    const last = this.last?.deref();
    if (!this.isFork) {
      for (const managed of this.tree.advanced) {
        const { store, key } = managed;
        const state = this.state(store, key) ?? frozenBase(this.tree.base(store, key));
        if (state === undefined) continue;
        const isRemoved = state.isRemoved || (this.tree.deleted.has(managed) && !this.knows(managed));
        changed.set(reused(last?.entries.get(managed), { ...state, isRemoved }));
      }
    }
    for (const managed of this.scope.candidates()) {
      if (changed.has(managed)) continue;
      const state = reused(last?.entries.get(managed), this.frozen(managed));
      if (!this.isInherited(state)) changed.set(state);
    }
    return changed;
  }

  private knows({ store, key }: Managed): boolean {
    return this.scope.known(store, key) !== undefined;
  }

  // Uniting.

  /** Is there nothing in this fork that its parent lacks? */
  get isUntouched(): boolean {
    const { scope } = this;
    return this.untouched() === this.origin && scope.isEmpty;
  }

  /** The latest layers that are part of both. */
  ancestors(other: ForkNode): readonly Layer[] {
    return other.isBareForkOf(this) ? other.origin!.alone : this.tree.common(this.contains, other.contains);
  }

  /** Is it a fork of the other that was neither forked nor united with anything? Most are. */
  private isBareForkOf(other: ForkNode): boolean {
    return this.parent === other && this.version === 0 && this.others === this.origin!.contains;
  }

  /** Another unit of work became part of this one. */
  contain(other: ForkNode): void {
    if (other.isBareForkOf(this)) return; // what it contains is part of this already
    const all = new Map(this.others);
    for (const [line, version] of other.contains) {
      if (line !== this.line) all.set(line, Math.max(version, all.get(line) ?? 0));
    }
    const isMore = [...all].some(([line, version]) => this.others.get(line) !== version);
    if (isMore) this.others = all;
    this.holds = latestOf([...this.holds, ...other.holds.filter((layer) => layer.line !== this.line)]);
    this.last = undefined;
  }
}

const NOTHING: ReadonlyMap<number, number> = new Map();

/** A base that a unit of work shows as it is. */
export function frozenBase(base: TreeBase | undefined): Frozen | undefined {
  return base && { ...base, isRemoved: false };
}

/** A state that was loaded in part, with what was read of its document since. */
export function completed(state: Frozen, base: TreeBase | undefined): Frozen {
  if (base === undefined || !isWider(base.source, state.source)) return state;
  return { ...state, source: base.source.with(state.source) };
}

/** Has the one loaded fields that the other has not? */
function isWider(one: DocumentSource, other: DocumentSource | undefined): boolean {
  if (other?.loaded === undefined) return false;
  return [...one.fields()].some((field) => one.isLoaded(field) && !other.isLoaded(field));
}

/** The state that was frozen before, where it is the same, so that layers share it. */
function reused(before: Frozen | undefined, state: Frozen): Frozen {
  if (before === state) return state;
  if (before?.isRemoved !== state.isRemoved || before.birth !== state.birth) return state;
  return before.source === state.source || before.source.bytes.equals(state.source.bytes) ? before : state;
}

function isSame(entries: Places<Frozen>, origin: Layer | undefined, changed: Places<Frozen>): boolean {
  for (const state of changed) if (entries.get(state) !== state) return false;
  for (const state of entries) if (!changed.has(state) && origin?.entries.get(state) !== state) return false;
  return true;
}
