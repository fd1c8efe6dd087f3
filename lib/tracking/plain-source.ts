import type { FieldSource } from './field-source.js';
import { copyValue, isContainer, sameValue } from './plain-values.js';

/** The value of a field that is there, were it undefined. */
interface Held {
  readonly value: unknown;
}

/** A plain record as the source: keeps copies of the originals of touched fields, and nothing else. */
export class PlainSource implements FieldSource {
  /** Originals of touched fields; undefined for a field that was absent. */
  private readonly originals = new Map<string, Held | undefined>();

  constructor(private readonly record: Record<string, unknown>) {}

  fields(): Iterable<string> {
    return new Set([...Object.keys(this.record), ...this.originals.keys()]);
  }

  declares(): boolean {
    return true;
  }

  has(field: string): boolean {
    return this.original(field) !== undefined;
  }

  read(field: string): unknown {
    return copyValue(this.original(field)?.value);
  }

  isMutable(_field: string, value: unknown): boolean {
    return isContainer(value);
  }

  same(field: string, value: unknown): boolean {
    return sameValue(this.original(field)?.value, value);
  }

  keep(field: string): void {
    if (!this.originals.has(field)) this.originals.set(field, copyOf(this.original(field)));
  }

  /** Keeps an original that the caller knows, unless one is kept already; undefined for a field that was absent. */
  keepKnown(field: string, original: unknown): void {
    if (!this.originals.has(field)) {
      this.originals.set(field, original === undefined ? undefined : copyOf({ value: original }));
    }
  }

  forget(field: string): void {
    this.originals.delete(field);
  }

  /** What an untouched field holds is its original. Own properties only: a record inherits `constructor`. */
  private original(field: string): Held | undefined {
    if (this.originals.has(field)) return this.originals.get(field);
    return Object.hasOwn(this.record, field) ? { value: this.record[field] } : undefined;
  }
}

function copyOf(held: Held | undefined): Held | undefined {
  return held && { value: copyValue(held.value) };
}
