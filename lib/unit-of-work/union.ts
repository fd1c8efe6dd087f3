import { CowError } from '../errors/index.js';
import { closeFork } from './fork-close.js';
import { ForkManaged } from './fork-managed.js';
import type { Layer } from './fork-layer.js';
import { completed, frozenBase, type ForkNode } from './fork-node.js';
import { Places, type Place } from './fork-places.js';
import { bearAgain, presentSource, type Frozen } from './fork-state.js';
import { Managed } from './managed.js';
import type { Scope } from './scope.js';
import { ForkConflictError, type OnConflict, type UnionConflict } from './union-conflict.js';
import { mergeDocument } from './union-documents.js';
import { fieldValues, fillEntity } from './union-fill.js';
import { hasContainers, type Held } from './union-held.js';
import { mergeOverlays } from './union-overlays.js';

/** Options of `unitOfWork.union()`. */
export interface UnionOptions {
  /** What becomes of what both sides changed. Default: an error that lists every conflict. */
  readonly onConflict?: OnConflict;
}

/**
 * Brings everything of a fork into another unit of work of its tree, and closes the fork. A flush into memory: what
 * the other side changed since both were one is applied to what the receiver shows now. All or nothing.
 *
 * @throws ForkConflictError, ForkClosed, ForeignFork
 */
export function unite(receiver: Scope, other: Scope, { onConflict = 'error' }: UnionOptions = {}): void {
  if (other.ending === 'united') return;
  const [ours, theirs] = nodesOf(receiver, other);
  if (ours === theirs.parent && theirs.isUntouched) {
    closeFork(other, 'united');
    return;
  }
  const ancestors = ours.ancestors(theirs);
  const conflicts: UnionConflict[] = [];
  const steps: (() => void)[] = [];
  placesOf(other, theirs, ancestors).forEach((place) => {
    const step =
      adopt(receiver, other, ancestors, place) ?? merge(receiver, other, ancestors, place, onConflict, conflicts);
    if (step !== undefined) steps.push(step);
  });
  if (conflicts.length > 0) throw new ForkConflictError(conflicts, theirs.name);
  const held = heldOf(other);
  for (const step of steps) step();
  for (const managed of other.entities()) takeOver(receiver, managed, held);
  receiver.held.push(...other.held, ...held);
  for (const callback of other.onCommit) receiver.onCommit.push(callback);
  for (const callback of other.onRollback) receiver.onRollback.push(callback);
  ours.contain(theirs);
  closeFork(other, 'united');
}

type Step = () => void;

/** The step for a document that needs no merge; undefined for one that does. */
function adopt(receiver: Scope, other: Scope, [ancestor, ...more]: readonly Layer[], place: Place): Step | undefined {
  const theirs = other.known(place.store, place.key);
  if (theirs?.base === undefined || more.length > 0) return undefined;
  const original = (ancestor?.entries.get(place) ?? receiver.node?.tree.base(place.store, place.key))?.source;
  const ours = receiver.find(place.store, place.key);
  if (original === undefined || ours === undefined) return undefined;
  const values = mergeOverlays(ours, theirs, original);
  return values && (() => fillEntity(ours, values));
}

function merge(
  receiver: Scope,
  other: Scope,
  ancestors: readonly Layer[],
  place: Place,
  onConflict: OnConflict,
  conflicts: UnionConflict[],
): Step | undefined {
  const [ours, theirs] = [receiver.node!, other.node!];
  ours.catchUp(place.store, place.key);
  const [mine, others] = [ours.state(place.store, place.key), theirs.state(place.store, place.key)];
  const original = originalOf(ours, ancestors, place, others, isReplaced(other, place));
  const merged = mergeDocument({ original, ours: mine, theirs: others }, onConflict, conflicts);
  return merged === mine ? undefined : planStep(receiver, other, place, mine, merged);
}

function nodesOf(receiver: Scope, other: Scope): [ForkNode, ForkNode] {
  for (const scope of [receiver, other]) if (scope.closed) throw scope.closedError();
  const [ours, theirs] = [receiver.node, other.node];
  if (ours === undefined || theirs?.tree !== ours.tree || ours === theirs) {
    throw new CowError('ForeignFork', {
      option: theirs?.name ?? 'The unit of work',
      reason: 'is of another fork tree',
    });
  }
  if (!theirs.isFork) {
    throw new CowError('ForeignFork', { option: theirs.name, reason: 'is the root of its tree, which is flushed' });
  }
  return [ours, theirs];
}

interface Visited<T> {
  forEach(visit: (one: T) => void): void;
}

/** Every document in which the other side can differ from the ancestor. */
function placesOf(other: Scope, node: ForkNode, ancestors: readonly Layer[]): Visited<Place> {
  if (ancestors.length === 1 && ancestors[0] === node.origin) {
    // Most forks have changed what they loaded, and no more.
    return other.ownInstances.size + other.removed.size === 0 ? other.touchedEntities : [...other.candidates()];
  }
  const origins = node.origin === undefined ? [] : [node.origin];
  return new Places<Place>(other.candidates(), ...[...ancestors, ...origins].map(({ entries }) => entries));
}

/** The document as both sides began with it. */
function originalOf(
  node: ForkNode,
  ancestors: readonly Layer[],
  place: Place,
  theirs: Frozen | undefined,
  replaced: boolean,
): Frozen | undefined {
  const entry = ancestorOf(node, ancestors, place);
  const base = node.tree.base(place.store, place.key);
  if (entry !== undefined) return completed(entry, base);
  const isAnother = theirs?.birth !== undefined && theirs.birth !== base?.birth && !replaced;
  return isAnother ? undefined : frozenBase(base);
}

/** The state in the ancestor; several that contain one another not are united first, as their conflicts were before. */
function ancestorOf(node: ForkNode, layers: readonly Layer[], place: Place): Frozen | undefined {
  const [first, ...more] = layers;
  if (first === undefined) return undefined;
  const base = () => frozenBase(node.tree.base(place.store, place.key));
  let state = first.entries.get(place);
  let contains = first.contains;
  for (const layer of more) {
    const theirs = layer.entries.get(place) ?? base();
    const original = ancestorOf(node, node.tree.common(contains, layer.contains), place) ?? base();
    state = mergeDocument({ original, ours: state ?? base(), theirs }, 'original', []);
    contains = joined(contains, layer.contains);
  }
  return state;
}

function joined(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const all = new Map(a);
  for (const [line, version] of b) all.set(line, Math.max(version, all.get(line) ?? 0));
  return all;
}

/** Did the unit of work remove the document and make another of its id? */
function isReplaced(scope: Scope, { store, key }: Place): boolean {
  for (const managed of scope.removed) if (managed.key === key && managed.store.root === store.root) return true;
  return false;
}

/** What makes the receiver show the merged state. All that can fail is done here; the step itself cannot. */
function planStep(
  receiver: Scope,
  other: Scope,
  { store, key }: Place,
  ours: Frozen | undefined,
  merged: Frozen | undefined,
): () => void {
  const managed = receiver.find(store, key);
  if (merged === undefined || merged.isRemoved) {
    return () => {
      if (managed !== undefined && managed.status !== 'removed') receiver.remove(managed);
    };
  }
  if (managed === undefined || managed.status === 'detached' || (managed.status === 'removed' && isInsert(managed))) {
    return planInsert(receiver, other, merged);
  }
  const from = managed.status === 'removed' ? presentSource(managed) : (ours?.source ?? presentSource(managed));
  const values = fieldValues(managed, from, merged.source);
  return () => {
    if (managed.status === 'removed') receiver.revive(managed);
    fillEntity(managed, values);
  };
}

function isInsert(managed: Managed): boolean {
  return managed.base === undefined;
}

/** A document that the receiver lacks: the very instance that the other side made, or a copy of what it shows. */
function planInsert(receiver: Scope, other: Scope, { store, key, source, birth }: Frozen): () => void {
  const made = other.known(store, key);
  const isMoved = made?.status === 'new' && presentSource(made).bytes.equals(source.bytes);
  const instance = isMoved ? made.entity : store.codec.decodeInstance(source.bytes);
  return () => {
    if (!isMoved) bearAgain(instance, birth);
    receiver.take(store, key, instance);
  };
}

/** Old handles whose containers can be changed still. */
function heldOf(scope: Scope): Held[] {
  const held: Held[] = [];
  for (const managed of scope.touchedEntities) {
    if (hasContainers(managed)) held.push({ managed, at: presentSource(managed) });
  }
  return held;
}

/** The receiver's entity takes the place of the fork's: what was only loaded, what must not change, the handle. */
function takeOver(receiver: Scope, managed: Managed, held: Held[]): void {
  const own = receiver.find(managed.store, managed.key);
  if (own === undefined) return;
  if (managed.expectations !== undefined && own.base !== undefined && own.status === 'loaded') {
    own.expectations = new Set([...(own.expectations ?? []), ...managed.expectations]);
    receiver.expecting.add(own);
  }
  if (own.entity === managed.entity) return;
  if (managed instanceof ForkManaged) managed.heir = own;
  else Managed.alias(managed.entity, own);
  // An instance made with new stays itself: what is written to it is compared, as containers are.
  if (managed.isMade) held.push({ managed, at: presentSource(managed) });
}
