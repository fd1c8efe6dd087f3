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
  /** @internal */
  readonly state: TrackedState;
  private readonly plain: PlainSource | undefined;

  /** @param subject the record to track; it is changed in place. */
  constructor(subject: T | TrackedState) {
    if (subject instanceof TrackedState) {
      this.state = subject;
    } else {
      this.plain = new PlainSource(subject as Record<string, unknown>);
      this.state = new TrackedState(this.plain, subject as Record<string, unknown>);
    }
  }

  /** The present value. A container that is handed out is watched from then on. */
  get<K extends keyof T & string>(field: K): T[K] {
    return (this.declares(field) ? this.state.read(field) : this.untracked[field]) as T[K];
  }

  /** Writes a field; `undefined` counts as removed. What an entity does not declare is written untracked. */
  set<K extends keyof T & string>(field: K, value: T[K]): void {
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
    return this.state.changed() as (keyof T & string)[];
  }

  /** The changed fields with their present values; a removed one with undefined. */
  getChanges(): Partial<T> {
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
    if (path === undefined) return this.state.rollback();
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
    if (this.plain === undefined) throw new CowError('NotStandalone', { option: 'reset()' });
    for (const field of this.state.touched()) this.plain.forget(field);
    this.state.rebase(this.plain);
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
