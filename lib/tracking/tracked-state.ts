import { restoreInside } from './field-path.js';
import type { FieldSource } from './field-source.js';
import { handOut, takeBack, type HandedOut } from './handed-out.js';
import { setOwn } from './plain-values.js';

/** Whoever holds a tracked object: told when it is touched, and asked before it is written. */
export interface TrackingOwner {
  /** A field was assigned, or a mutable value of it handed out, for the first time. */
  touched(state: TrackedState): void;
  /** A field is about to be written; throws where that is not allowed. */
  writing(state: TrackedState, field: string, value: unknown): void;
  /** A property that is no field was set: it stays in memory. */
  undeclared(state: TrackedState, property: string): void;
}

/**
 * The overlay of changes over an immutable original.
 *
 * `values` holds what was read or written so far; the originals stay with the source. A field is *touched* once it was
 * assigned or a mutable value of it was handed out: only touched fields are ever compared.
 */
export class TrackedState {
  /** Touched fields, each with the containers that were handed out for its original. */
  protected touchedFields: Map<string, HandedOut | undefined> | undefined;
  /** What the application holds: the Proxy of a loaded entity, else the values themselves. */
  subject: object;

  constructor(
    /** Where the originals come from. */
    public source: FieldSource,
    /** The object that holds the present values. */
    public values: Record<string, unknown>,
    protected owner?: TrackingOwner,
  ) {
    this.subject = values;
  }

  /** The present value of a field. */
  read(field: string): unknown {
    if (this.isTouched(field)) return this.present(field);
    if (!Object.hasOwn(this.values, field)) {
      const original = this.source.read(field);
      if (original === undefined || !setOwn(this.values, field, original)) return undefined;
    }
    const value = this.values[field];
    if (this.source.isMutable(field, value)) this.touch(field);
    return value;
  }

  write(field: string, value: unknown): void {
    this.owner?.writing(this, field, value);
    this.touch(field);
    this.put(field, value);
  }

  remove(field: string): void {
    this.owner?.writing(this, field, undefined);
    this.touch(field);
    delete this.values[field];
  }

  /** Lets go of a value that was only read: it is decoded again when it is next read. What is frozen stays. */
  unread(field: string): void {
    if (this.isTouched(field)) return;
    if (Object.isExtensible(this.values)) {
      Reflect.deleteProperty(this.values, field);
    } else if (Object.hasOwn(this.values, field)) {
      setOwn(this.values, field, this.source.read(field)); // its keys are fixed
      this.read(field);
    }
  }

  /** What `values` holds of a field: never what it inherits. */
  present(field: string): unknown {
    return Object.hasOwn(this.values, field) ? this.values[field] : undefined;
  }

  /** Does the object presently have the field? */
  holds(field: string): boolean {
    return Object.hasOwn(this.values, field) || (!this.isTouched(field) && this.source.has(field));
  }

  /** Marks a field as one that must be compared: from now on it is what `values` holds. */
  touch(field: string): void {
    if (this.isTouched(field)) return;
    this.source.keep(field);
    const first = !this.isTouchedAtAll; // a rollback may have left none
    this.touchedFields ??= new Map();
    this.touchedFields.set(field, handOut(this.present(field)));
    if (first) this.owner?.touched(this);
  }

  isTouched(field: string): boolean {
    return this.touchedFields?.has(field) ?? false;
  }

  /** Was any field assigned, or is anything of it in the hands of others? */
  get isTouchedAtAll(): boolean {
    return this.touchedFields !== undefined && this.touchedFields.size > 0;
  }

  /** The fields to compare: all that can have changed. */
  touched(): Iterable<string> {
    return this.touchedFields?.keys() ?? [];
  }

  hasChanged(field: string): boolean {
    return this.isTouched(field) && !this.source.same(field, this.present(field));
  }

  /** The fields that differ from their originals. */
  changed(): string[] {
    return [...this.touched()].filter((field) => this.hasChanged(field));
  }

  isModified(): boolean {
    for (const field of this.touched()) if (this.hasChanged(field)) return true;
    return false;
  }

  /** Restores one field, or all: containers in place, so that references to them stay alive. */
  rollback(field?: string): void {
    for (const each of field === undefined ? [...this.touched()] : [field]) {
      if (this.isTouched(each)) this.restore(each);
    }
  }

  /** Restores what lies inside a field, and leaves the rest of the field as it is. */
  rollbackInside(field: string, inside: readonly string[]): void {
    if (!this.hasChanged(field)) return;
    const handed = this.touchedFields?.get(field);
    if (!restoreInside(this.present(field), this.source.read(field), handed, inside)) this.restore(field);
  }

  /**
   * Takes a new original, which the present values are compared with from now on. Containers handed out stay touched.
   */
  rebase(source: FieldSource): void {
    const touched = [...this.touched()];
    this.touchedFields = undefined;
    this.source = source;
    for (const field of touched) {
      const value = this.present(field);
      if (this.source.isMutable(field, value) || !this.source.same(field, value)) this.touch(field);
    }
  }

  private restore(field: string): void {
    const value = takeBack(this.touchedFields?.get(field), this.source.read(field));
    if (this.source.has(field)) this.put(field, value);
    else delete this.values[field];
    if (this.source.isMutable(field, value)) {
      this.touchedFields?.set(field, handOut(value)); // stays touched: it is in the hands of others
    } else {
      this.touchedFields?.delete(field);
      this.source.forget(field);
    }
  }

  private put(field: string, value: unknown): void {
    if (!setOwn(this.values, field, value)) throw new TypeError(`Cannot write '${field}': the object is frozen`);
  }
}
