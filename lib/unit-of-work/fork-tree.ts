import type { DocumentSource } from './document-source.js';
import type { EntityStore } from './entity-store.js';
import type { Layer } from './fork-layer.js';
import { latestOf } from './fork-layer.js';
import { Places, type Place } from './fork-places.js';
import type { Managed } from './managed.js';
import type { Scope } from './scope.js';

/** The document that every unit of work of a tree merges against. */
export interface TreeBase {
  readonly store: EntityStore;
  readonly key: string;
  readonly source: DocumentSource;
  /** Of a document that the root inserted since the tree began: whose insert it was. */
  readonly birth: object | undefined;
}

/** What the units of work of a fork tree share: one base an id, and their layers. Ends with its last open fork. */
export class ForkTree {
  /** Forks that are neither united nor dropped. */
  readonly open = new Set<Scope>();
  /** Documents in which the root differs from the bases, without a change that a flush would write: it was flushed. */
  readonly advanced = new Places<Managed>();
  /** Documents that a flush of the root has deleted. */
  readonly deleted = new Places<Place>();
  private readonly bases = new Places<TreeBase>();
  private readonly layers = new Map<number, Map<number, LayerRef>>();
  private lines = 0;

  constructor(readonly root: Scope) {}

  nextLine(): number {
    return this.lines++;
  }

  /** The base of a document: as it was when the first of the tree read it. */
  base(store: EntityStore, key: string): TreeBase | undefined {
    const known = this.bases.get({ store, key });
    if (known !== undefined) return known;
    const managed = this.root.known(store, key);
    const source = managed?.base;
    if (managed === undefined || source === undefined) return undefined;
    return { store: managed.store, key, source, birth: undefined };
  }

  /** Keeps a base, unless the tree has one of the document. @returns the tree's */
  keep(base: TreeBase): TreeBase {
    const present = this.base(base.store, base.key);
    const kept = present ?? base;
    this.bases.set(kept);
    return kept;
  }

  /** A wider read of the same document. */
  widen(base: TreeBase): void {
    this.bases.set(base);
  }

  register(layer: Layer): void {
    let versions = this.layers.get(layer.line);
    if (versions === undefined) this.layers.set(layer.line, (versions = new Map<number, LayerRef>()));
    if ((versions.size & 63) === 63) for (const [v, ref] of versions) if (ref.deref() === undefined) versions.delete(v);
    versions.set(layer.version, refer(layer));
  }

  /** The latest layers that are part of both states. */
  common(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): Layer[] {
    const found: Layer[] = [];
    for (const [line, version] of a) {
      const both = Math.min(version, b.get(line) ?? 0);
      const layer = both > 0 ? this.layers.get(line)?.get(both)?.deref() : undefined;
      if (layer !== undefined) found.push(layer);
    }
    return found.length < 2 ? found : latestOf(found);
  }
}

/** A layer that lives as long as a fork needs it. An empty one is kept, since it weighs less than a WeakRef. */
export type LayerRef = Pick<WeakRef<Layer>, 'deref'>;

export function refer(layer: Layer): LayerRef {
  return layer.entries.size === 0 ? { deref: () => layer } : new WeakRef(layer);
}
