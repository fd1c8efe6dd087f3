import { CowError } from '../errors/index.js';
import { differences, type Change } from './change-set.js';
import { partsOf, valueInside, type FieldPath, type PathParts, type PathValue } from './field-path.js';
import { PlainSource } from './plain-source.js';
import { copyValue, sameValue } from './plain-values.js';
import { TrackedState } from './tracked-state.js';

/**
 * Tracks the changes of an object and keeps the originals of what changed.
 *
 * Alone it tracks a plain record: `new StateTracker(record)`; read and write through it. For an entity of a unit of
 * work `stateOf(entity)` answers its tracker, and the entity itself is read and written. It sees own enumerable
 * properties, elements, entries, times and bytes, of whatever class; no `#private` members.
 *
 * @example
 * const tracker = new StateTracker({ name: 'Ada', tags: ['x'] });
 * tracker.set('name', 'Grace');
 * (tracker.get('tags') as string[]).push('y');
 * tracker.changedFields();            // ['name', 'tags']
 * tracker.getOriginalValue('tags');   // ['x']
 * tracker.rollback();
 */
export class StateTracker<T extends object = Record<string, unknown>> {
  /** The plain record; undefined for an entity. */
  readonly #record: Record<string, unknown> | undefined;
  // Until more is asked of it a tracker of a plain record is these: names of fields that were set, and what they were,
  // all without parts. Most have no more than two, which then need no list.
  #first: string | undefined;
  #wasFirst: unknown;
  #second: string | undefined;
  #wasSecond: unknown;
  /** Those beyond two, a name and what it was each; or all that there is to know, once more was asked. */
  #more: unknown[] | TrackedState | undefined;

  /** @param subject the record to track; it is changed in place. */
  constructor(subject: T | TrackedState) {
    if (subject instanceof TrackedState) this.#more = subject;
    else this.#record = subject as Record<string, unknown>;
  }

  /** @internal */
  get state(): TrackedState {
    const { known } = this;
    if (known !== undefined) return known;
    const record = this.#record!;
    const source = new PlainSource(record);
    const state = new TrackedState(source, record);
    this.each((field, original) => {
      source.keepKnown(field, original);
      state.touch(field);
    });
    this.forgetAll();
    this.#more = state;
    return state;
  }

  /** The same, where it was made. */
  private get known(): TrackedState | undefined {
    const more = this.#more;
    return more === undefined || Array.isArray(more) ? undefined : more;
  }

  /** The present value. A container that is handed out is watched from then on. */
  get<K extends keyof T & string>(field: K): T[K] {
    if (this.known === undefined) {
      const value = this.#record![field];
      if (isPart(value) && Object.hasOwn(this.#record!, field)) return value as T[K];
    }
    return (this.declares(field) ? this.state.read(field) : this.untracked[field]) as T[K];
  }

  /** Writes a field; `undefined` counts as removed. What an entity does not declare is written untracked. */
  set<K extends keyof T & string>(field: K, value: T[K]): void {
    if (this.known === undefined && isPart(value) && this.replace(field, value)) return;
    if (this.declares(field)) this.state.write(field, value);
    else this.untracked[field] = value;
  }

  /**
   * Tells of a change made behind the tracker's back.
   *
   * @param original the value before the change, undefined for a field that was absent; the first call's is kept.
   *   Ignored for an entity that was loaded, whose originals are known.
   */
  trackChange<K extends keyof T & string>(field: K, original: T[K]): void {
    if (!this.declares(field)) return;
    this.plain?.keepKnown(field, original);
    this.state.read(field);
    this.state.touch(field);
  }

  /** Does anything differ from the original? Costs nothing when nothing was touched. */
  isModified(): boolean {
    if (this.known === undefined) {
      return this.#first !== undefined && this.changed().length > 0;
    }
    return this.state.isModified();
  }

  /**
   * Does this field, or part of a field, differ from its original?
   *
   * @param path a field, or a way into one: `'address.city'`, `'items.0.qty'`, `'stock.sku-1'` for an entry of a Map
   */
  hasChanged(path: FieldPath<T>): boolean {
    const { field, inside } = this.parts(path);
    if (inside.length === 0 || !this.state.hasChanged(field)) return this.state.hasChanged(field);
    return !sameValue(this.originalAt(path), valueInside(this.state.present(field), inside));
  }

  /** Names of the fields that differ from their originals. */
  changedFields(): (keyof T & string)[] {
    if (this.known === undefined) return this.changed() as (keyof T & string)[];
    return this.state.changed() as (keyof T & string)[];
  }

  /** The changed fields with their present values; a removed one with undefined. */
  getChanges(): Partial<T> {
    if (this.known === undefined) {
      return Object.fromEntries(this.changed().map((field) => [field, this.present(field)])) as Partial<T>;
    }
    return Object.fromEntries(this.state.changed().map((field) => [field, this.state.present(field)])) as Partial<T>;
  }

  /** Does the value (default: the present one) differ from the original of this field, or part of one? */
  compareField<P extends FieldPath<T>>(path: P, ...value: [PathValue<T, P>?]): boolean {
    if (value.length === 0) return this.hasChanged(path);
    const { field, inside } = this.parts(path);
    if (inside.length > 0 || !this.declares(field)) return !sameValue(this.originalAt(path), value[0]);
    return !this.state.source.same(field, value[0]);
  }

  /** A copy of the original value of a field, or part of one; changing it alters nothing. */
  getOriginalValue<P extends FieldPath<T>>(path: P): PathValue<T, P> {
    return this.originalAt(path) as PathValue<T, P>;
  }

  /** A copy of the whole original. */
  getAllOriginalData(): T {
    const { source } = this.state;
    const fields = [...source.fields()].filter((field) => source.has(field));
    return Object.fromEntries(fields.map((field) => [field, source.read(field)])) as T;
  }

  /**
   * Restores all, one field, or part of one; what was absent is removed, containers are restored in place.
   *
   * @param path a field, or a way into one; where that way is gone, the least that is around it is restored
   */
  rollback(path?: FieldPath<T>): void {
    if (path === undefined) {
      if (this.known !== undefined || !this.restore()) this.state.rollback();
      return;
    }
    const { field, inside } = this.parts(path);
    if (inside.length === 0) this.state.rollback(field);
    else this.state.rollbackInside(field, inside);
  }

  /**
   * Makes the present the original.
   *
   * @throws NotStandalone for an entity of a unit of work: there only a flush does
   */
  reset(): void {
    const plain = this.plain;
    if (plain === undefined) throw new CowError('NotStandalone', { option: 'reset()' });
    for (const field of this.state.touched()) plain.forget(field);
    this.state.rebase(plain);
  }

  /**
   * The differences as a list, ordered by path, that is safe to keep: its values are copies, and JSON.stringify gives
   * them their documented form.
   */
  changeSet(): Change[] {
    const { source } = this.state;
    return this.state
      .changed()
      .sort()
      .flatMap((field) => differences(field, source.read(field), this.state.present(field)));
  }

  private get plain(): PlainSource | undefined {
    return this.#record === undefined ? undefined : (this.state.source as PlainSource);
  }

  /** Sets a field that has, and had, a value without parts; false, and nothing is changed, for another. */
  private replace(field: string, value: unknown): boolean {
    const record = this.#record!;
    const before = record[field];
    if (!isPart(before) || !Object.hasOwn(record, field) || isInherited(record, field)) return false;
    const more = this.#more as unknown[] | undefined;
    if (more !== undefined && more.length > MANY) return false;
    try {
      record[field] = value;
    } catch {
      return false; // frozen: who is told so, is told what
    }
    if (this.#first === undefined) {
      this.#first = field;
      this.#wasFirst = before;
    } else if (this.#first !== field) {
      if (this.#second === undefined) {
        this.#second = field;
        this.#wasSecond = before;
      } else if (this.#second !== field && !this.isAmongMore(field)) {
        if (more === undefined) this.#more = [field, before];
        else more.push(field, before);
      }
    }
    return true;
  }

  private isAmongMore(field: string): boolean {
    const more = this.#more as unknown[] | undefined;
    if (more !== undefined) for (let i = 0; i < more.length; i += 2) if (more[i] === field) return true;
    return false;
  }

  /** Restores all; false, and it is still to be done, where a field can no longer be written. */
  private restore(): boolean {
    const record = this.#record!;
    const more = this.#more as unknown[] | undefined;
    try {
      if (this.#first !== undefined) record[this.#first] = this.#wasFirst;
      if (this.#second !== undefined) record[this.#second] = this.#wasSecond;
      if (more !== undefined) for (let i = 0; i < more.length; i += 2) record[more[i] as string] = more[i + 1];
    } catch {
      return false;
    }
    this.forgetAll();
    return true;
  }

  private each(visit: (field: string, original: unknown) => void): void {
    if (this.#first !== undefined) visit(this.#first, this.#wasFirst);
    if (this.#second !== undefined) visit(this.#second, this.#wasSecond);
    const more = this.#more as unknown[] | undefined;
    if (more !== undefined) for (let i = 0; i < more.length; i += 2) visit(more[i] as string, more[i + 1]);
  }

  private forgetAll(): void {
    this.#first = this.#wasFirst = this.#second = this.#wasSecond = this.#more = undefined;
  }

  private changed(): string[] {
    const changed: string[] = [];
    this.each((field, original) => {
      if (!sameValue(original, this.present(field))) changed.push(field);
    });
    return changed;
  }

  private present(field: string): unknown {
    return Object.hasOwn(this.#record!, field) ? this.#record![field] : undefined;
  }

  /** Only fields are tracked: an entity may have other properties, and getters. */
  private declares(field: string): boolean {
    return this.state.source.declares(field);
  }

  private parts(path: string): PathParts {
    return partsOf(path, (name) => [...this.state.source.fields()].includes(name));
  }

  private originalAt(path: string): unknown {
    const { field, inside } = this.parts(path);
    const { source } = this.state;
    return valueInside(source.declares(field) ? source.read(field) : copyValue(this.untracked[field]), inside);
  }

  private get untracked(): Record<string, unknown> {
    return this.state.subject as Record<string, unknown>;
  }
}

/** Has the value no parts that could change? Undefined counts as absent, which is not so simple. */
function isPart(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function' && value !== undefined);
}

/** Has its class a property of this name, too? Then an assignment might do more than to set the record's own. */
function isInherited(record: object, field: string): boolean {
  const prototype = Object.getPrototypeOf(record) as object | null;
  if (prototype === Object.prototype || prototype === null) return field === '__proto__';
  return field in prototype;
}

/** Beyond so many a list is no longer gone through. */
const MANY = 12;
