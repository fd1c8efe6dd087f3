import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'mongodb';
import { ObjectId } from 'mongodb';
import { isCowError } from '../../../lib/errors/index.js';
import { encodeDocument } from '../../../lib/bson/raw-value.js';
import { identityKey } from '../../../lib/bson/identity-key.js';
import { dropFork, forkScope } from '../../../lib/unit-of-work/fork.js';
import type { EntityStore } from '../../../lib/unit-of-work/entity-store.js';
import { planScope } from '../../../lib/unit-of-work/flush-conductor.js';
import { flush } from '../../../lib/unit-of-work/lifecycle.js';
import { Scope } from '../../../lib/unit-of-work/scope.js';
import { unite } from '../../../lib/unit-of-work/union.js';
import { ForkConflictError } from '../../../lib/unit-of-work/union-conflict.js';
import {
  copyUnit,
  newDocument,
  shownByEntity,
  shownByModel,
  touch,
  uniteModels,
  write,
  type ModelDocument,
  type ModelUnit,
} from './model.js';
import { Forked, initial } from './subject.js';

/** One step of a case; numbers choose among what there is. */
export interface Action {
  readonly kind: number;
  readonly unit: number;
  readonly other: number;
  readonly document: number;
  readonly pick: number;
}

interface Unit {
  readonly scope: Scope;
  model: ModelUnit;
  /** Documents that the root inserted after this was forked, each with what was done to it until then. */
  readonly late: Map<string, ReadonlySet<number>>;
  /** Whom it was united with; null once it was dropped. */
  into?: Unit | null;
}

/** A container or entity that was handed out, and of whom. */
interface Handle {
  readonly unit: Unit;
  readonly id: string;
  readonly entity: Forked;
  readonly tags: string[];
  readonly stock: Map<string, number>;
}

/** Plays one random tree on the library and on the model, and compares all open units of work after each step. */
export class Player {
  unions = 0;
  conflicts = 0;
  forks = 0;
  flushes = 0;
  skipped = 0;
  foreignWrites = 0;
  foreignConflicts = 0;
  private readonly foreigners = new Map<string, { text: string | undefined; readonly tags: string[]; views: number }>();
  private readonly units: Unit[] = [];
  private readonly handles: Handle[] = [];
  private readonly ids: ObjectId[] = [];
  private readonly stored = new Set<string>();
  /** Instances that were made with `new`: they are their maker's, and stay plain objects after a drop. */
  private readonly made = new Set<Forked>();
  private fresh = 100;
  private isOver = false;

  constructor(
    readonly store: EntityStore,
    private readonly isFlushed: boolean,
  ) {}

  async play(actions: readonly Action[]): Promise<void> {
    const root: Unit = { scope: new Scope({ label: 'root' }), model: new Map(), late: new Map() };
    this.units.push(root);
    for (let count = 0; count < 3; count++) {
      const id = new ObjectId();
      const { num, place, ...fields } = initial();
      const stored = { _id: id, ...fields, n: num, place: { city: place.city, str: place.street } };
      if (this.isFlushed) await this.store.collection.insertOne(stored);
      root.scope.materialise(this.store, encodeDocument(stored));
      this.ids.push(id);
      this.stored.add(String(id));
      root.model.set(String(id), newDocument(initial()));
    }
    // Comparing reads everything, which hands out every container: mostly only at the end.
    const [{ pick } = { pick: 0 }] = actions;
    const every = [5, 17, Infinity][pick % 3]!;
    for (const [index, action] of actions.entries()) {
      await this.step(action);
      if (this.isOver) break;
      if (index % every === 1) this.compare();
    }
    this.compare();
    if (this.isFlushed && this.foreignConflicts === 0) {
      await this.flush();
      if (this.foreignConflicts === 0) await this.compareStored(root);
    }
  }

  private async step(action: Action): Promise<void> {
    const open = this.units.filter(({ into }) => into === undefined);
    const unit = open[action.unit % open.length]!;
    const others = open.filter((each) => each !== unit && each !== this.units[0]);
    const other = others[action.other % Math.max(others.length, 1)];
    const { kind } = action;
    if (kind < 55) this.mutate(unit, action);
    else if (kind < 65) this.byOldHandle(action);
    else if (kind < 80) this.fork(unit);
    else if (kind < 93) this.unite(unit, other, action);
    else if (kind < 96) this.drop(unit);
    else if (this.isFlushed) await (kind < 98 ? this.flush() : this.foreign(action));
  }

  /** Another client writes to a stored document: a field that only one may change, and what commutes. */
  private async foreign({ document, pick }: Action): Promise<void> {
    const id = this.ids[(document + pick) % this.ids.length]!;
    if (!this.stored.has(String(id))) return;
    const foreign = this.foreigners.get(String(id)) ?? { text: undefined, tags: [], views: 0 };
    const fresh = this.fresh++;
    if (pick % 3 === 0) foreign.text = `foreign ${fresh}`;
    else if (pick % 3 === 1) foreign.tags.push(`foreign ${fresh}`);
    else foreign.views++;
    const update = [{ $set: { text: foreign.text } }, { $push: { tags: `foreign ${fresh}` } }, { $inc: { views: 1 } }][
      pick % 3
    ];
    const { matchedCount } = await this.store.collection.updateOne({ _id: id }, update as Document);
    if (matchedCount === 0) return; // the root deleted it
    this.foreigners.set(String(id), foreign);
    this.foreignWrites++;
  }

  /** Who is older than a document that the root inserted finds it in the database: to them it is a loaded one. */
  private async flush(): Promise<void> {
    const [root, ...others] = this.units as [Unit, ...Unit[]];
    if (await this.isRefused(root)) {
      this.isOver = true;
      return;
    }
    await flush(root.scope);
    this.flushes++;
    for (const [id, document] of root.model) {
      if (!document.isAlive) this.foreigners.delete(id); // what another client wrote went with its document
      if (this.stored.has(id) || !document.isAlive) continue;
      this.stored.add(id);
      const single = copyUnit(new Map([[id, document]]));
      for (const { model, late, into } of others) {
        if (into !== undefined || model.has(id)) continue;
        for (const one of copyUnit(single)) model.set(...one);
        late.set(id, new Set(document.seen));
      }
    }
  }

  /**
   * Does the root write what another client has written since? Then its flush is a conflict, and writes nothing of what
   * it would have.
   */
  private async isRefused(root: Unit): Promise<boolean> {
    const writes = planScope(root.scope).map(({ write }) => write);
    const meets = writes.some(
      (write) =>
        write.kind === 'update' &&
        this.foreigners.get(write.id)?.text !== undefined &&
        write.changes.some(({ path }) => path === 'text'),
    );
    if (!meets) return false;
    const before = await this.storedBytes();
    const error: unknown = await flush(root.scope).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    if (!isCowError(error, 'ConcurrentModification')) throw new Error(`a conflict was expected, got ${String(error)}`);
    if (!isDeepStrictEqual(await this.storedBytes(), before)) throw new Error('a refused flush wrote something');
    this.foreignConflicts++;
    return true;
  }

  private async storedBytes(): Promise<unknown[]> {
    return this.store.collection.find({ _id: { $in: this.ids } } as Document, { sort: { _id: 1 } }).toArray();
  }

  private fork(parent: Unit): void {
    if (this.units.length > 30) return;
    this.units.push({ scope: forkScope(parent.scope), model: copyUnit(parent.model), late: new Map(parent.late) });
    this.forks++;
  }

  private drop(unit: Unit): void {
    if (unit === this.units[0]) return;
    dropFork(unit.scope);
    unit.into = null;
  }

  private unite(receiver: Unit, other: Unit | undefined, { pick }: Action): void {
    if (other === undefined) return;
    const side = pick % 2 === 0 ? 'ours' : 'theirs';
    const expected = uniteModels(receiver.model, other.model, side);
    if (expected === undefined || isAhead(receiver, other) || isAhead(other, receiver)) {
      this.skipped++;
      return;
    }
    this.unions++;
    const found = conflictsOf(() => unite(receiver.scope, other.scope));
    const text = (paths: readonly string[]) => [...paths].sort().join('; ');
    if (text(found) !== text(expected.conflicts.map(withoutKeys))) {
      throw new Error(`conflicts ${text(found)}, expected ${text(expected.conflicts.map(withoutKeys))}`);
    }
    if (found.length > 0) {
      this.conflicts++;
      this.compare(); // neither side was changed
      unite(receiver.scope, other.scope, { onConflict: side });
    }
    receiver.model = expected.unit;
    other.into = receiver;
    if (found.length === 0) return;
    this.isOver = true; // a value that was chosen is not new: the model would not know what is unchanged
  }

  private entity(unit: Unit, id: ObjectId): Forked | undefined {
    const managed = unit.scope.find(this.store, identityKey(id));
    return managed === undefined || managed.status === 'removed' ? undefined : (managed.entity as Forked);
  }

  private mutate(unit: Unit, { kind, document, pick }: Action): void {
    const id = this.ids[(document + pick) % this.ids.length]!;
    const entity = this.entity(unit, id);
    const model = unit.model.get(String(id));
    const fresh = this.fresh++;
    if (kind === 0) {
      const made = Object.assign(new Forked(), initial(), { id: new ObjectId(), text: `made ${fresh}` });
      unit.scope.add(this.store, made, made.id);
      this.ids.push(made.id);
      this.made.add(made);
      unit.model.set(String(made.id), newDocument(made));
      return;
    }
    if (entity === undefined || model === undefined) return;
    if (kind === 1) {
      unit.scope.remove(unit.scope.find(this.store, identityKey(id))!);
      model.isAlive = false;
      touch(model);
      return;
    }
    if (pick % 3 === 0) this.keep(unit, String(id), entity);
    change(kind % 11, entity, model, fresh, pick);
  }

  private keep(unit: Unit, id: string, entity: Forked): void {
    this.handles.push({ unit, id, entity, tags: entity.tags, stock: entity.stock });
  }

  private byOldHandle({ pick, document }: Action): void {
    const handle = this.handles[pick % Math.max(this.handles.length, 1)];
    if (handle === undefined) return;
    let owner: Unit | null | undefined = handle.unit;
    while (owner?.into !== undefined) owner = owner.into;
    const fresh = this.fresh++;
    const model = owner?.model.get(handle.id);
    const isLive = model?.isAlive === true;
    switch (document) {
      case 0:
        handle.tags.push(`old ${fresh}`);
        if (isLive) push(model, `old ${fresh}`);
        break;
      case 1:
        handle.stock.set(`old ${fresh}`, fresh);
        if (isLive) write(model, `stock.old ${fresh}`, fresh);
        break;
      default:
        if (owner === null && this.made.has(handle.entity)) {
          handle.entity.num = fresh;
        } else if (owner === null) {
          expectThrow(() => (handle.entity.num = fresh));
        } else if (isLive) {
          handle.entity.num = fresh;
          write(model, 'num', fresh);
        }
    }
    if (owner !== null && owner !== undefined) planScope(owner.scope); // takes in what was changed by old handles
  }

  private compare(): void {
    for (const [index, unit] of this.units.entries()) {
      if (unit.into !== undefined) continue;
      for (const id of this.ids) {
        const model = unit.model.get(String(id));
        const entity = this.entity(unit, id);
        const expected = model?.isAlive === true ? shownByModel(model) : undefined;
        const shown = entity && shownByEntity(entity);
        if (!isDeepStrictEqual(shown, expected)) {
          throw new Error(`unit ${index}: ${JSON.stringify(shown)}, expected ${JSON.stringify(expected)}`);
        }
      }
    }
  }

  private async compareStored(root: Unit): Promise<void> {
    for (const id of this.ids) {
      const bytes = (await this.store.collection.findOne({ _id: id } as Document, { raw: true })) as unknown as Buffer;
      const model = root.model.get(String(id));
      const stored = bytes === null ? undefined : shownByEntity(this.store.codec.decodeInstance(bytes) as Forked);
      const expected = model?.isAlive === true ? this.withForeign(String(id), shownByModel(model)) : undefined;
      if (!isDeepStrictEqual(this.sorted(stored), this.sorted(expected))) {
        throw new Error(`stored ${JSON.stringify(stored)}, expected ${JSON.stringify(expected)}`);
      }
    }
  }

  /** What the root shows, with what others wrote to the document. */
  private withForeign(id: string, shown: object): object {
    const foreign = this.foreigners.get(id);
    if (foreign === undefined) return shown;
    const { tags, views, text, ...rest } = shown as { tags: string[]; views: number; text: unknown };
    return { ...rest, text: foreign.text ?? text, views: views + foreign.views, tags: [...tags, ...foreign.tags] };
  }

  /** Where two clients appended, the order is that of their writes. */
  private sorted(shown: object | undefined): object | undefined {
    if (shown === undefined || this.foreigners.size === 0) return shown;
    return { ...shown, tags: [...(shown as { tags: string[] }).tags].sort() };
  }
}

function change(kind: number, entity: Forked, model: ModelDocument, fresh: number, pick: number): void {
  const value = `v${fresh}`;
  switch (kind) {
    case 0:
      entity.text = value;
      return write(model, 'text', value);
    case 1:
      entity.num = fresh;
      return write(model, 'num', fresh);
    case 2:
      entity.place.city = value;
      return write(model, 'place.city', value);
    case 3:
      entity.place = { ...entity.place, street: value };
      return write(model, 'place.street', value);
    case 4:
      entity.tags.push(value);
      return push(model, value);
    case 5: {
      const key = pick % 2 === 0 && entity.stock.has('k') ? 'k' : value;
      entity.stock.set(key, fresh);
      return write(model, `stock.${key}`, fresh);
    }
    case 6:
      if (entity.stock.delete('l')) write(model, 'stock.l', undefined);
      return;
    case 7:
      entity.views += 1 + (pick % 5);
      model.sums.set(touch(model), 1 + (pick % 5));
      return;
    case 8: {
      const line = entity.lines[pick % Math.max(entity.lines.length, 1)];
      if (line === undefined) return;
      line.qty = fresh;
      return write(model, `lines.${line.sku}`, fresh);
    }
    case 9: {
      const [line] = entity.lines.length === 0 ? [] : entity.lines.splice(pick % entity.lines.length, 1);
      if (line !== undefined) write(model, `lines.${line.sku}`, undefined);
      return;
    }
    default:
      entity.lines.push({ sku: value, qty: 1 });
      write(model, `lines.${value}`, 1);
      entity.labels.push(value);
      model.labels.add(value);
  }
}

/** A line is found by its key in the model, and by its place in a conflict. */
function withoutKeys(path: string): string {
  return path.replace(/ lines\..*/, ' lines');
}

function conflictsOf(fn: () => void): string[] {
  try {
    fn();
    return [];
  } catch (error) {
    if (!(error instanceof ForkConflictError)) throw error;
    return error.conflicts.map(({ id, path }) => withoutKeys(`${id} ${path}`));
  }
}

function expectThrow(fn: () => void): void {
  try {
    fn();
  } catch {
    return;
  }
  throw new Error('the handle of a dropped fork was written');
}

function push(model: ModelDocument, tag: string): void {
  model.tags.push(tag);
  touch(model);
}

/**
 * Has one found a document in the database that the other was forked with before the root went on with it? Then the
 * unit of work has seen what its own was forked without, though nobody has changed or united anything.
 */
function isAhead({ late }: Unit, other: Unit): boolean {
  for (const [id, seen] of late) {
    const own = other.model.get(id);
    if (own !== undefined && !other.late.has(id) && [...seen].some((each) => !own.seen.has(each))) return true;
  }
  return false;
}
