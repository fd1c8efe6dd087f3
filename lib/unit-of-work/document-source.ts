import type { DocumentCodec } from '../bson/document-codec.js';
import { RawValue, encodeDocument } from '../bson/raw-value.js';
import { Long, ObjectId } from '../bson/values.js';
import { CowError } from '../errors/index.js';
import type { FieldMap } from '../mapping/index.js';
import type { FieldSource } from '../tracking/field-source.js';

/** A raw document as the source of an entity's fields. The bytes are the snapshot: nothing is copied on load. */
export class DocumentSource implements FieldSource {
  private positions: Uint32Array | undefined;

  constructor(
    readonly codec: DocumentCodec,
    readonly bytes: Buffer,
    /** Properties that a projection loaded; undefined for all. */
    readonly loaded?: ReadonlySet<string>,
  ) {}

  fields(): Iterable<string> {
    return this.codec.map.byProperty.keys();
  }

  declares(field: string): boolean {
    return this.codec.map.byProperty.has(field);
  }

  isLoaded(field: string): boolean {
    return this.loaded?.has(field) ?? true;
  }

  has(field: string): boolean {
    if (!this.isLoaded(field)) return false;
    return this.raw(this.field(field)) !== undefined || this.codec.map.defaults.has(field);
  }

  read(property: string): unknown {
    if (!this.isLoaded(property)) {
      throw new CowError('FieldNotLoaded', { entity: this.codec.map.name, field: property });
    }
    const field = this.field(property);
    const raw = this.raw(field);
    return raw === undefined ? this.codec.defaultOf(field) : this.codec.decode(field, raw);
  }

  isMutable(_field: string, value: unknown): boolean {
    return typeof value === 'object' && value !== null && !(value instanceof ObjectId) && !(value instanceof Long);
  }

  same(property: string, value: unknown): boolean {
    if (!this.isLoaded(property)) return false; // unknown until the flush has read it
    return this.codec.equals(this.field(property), this.read(property), value);
  }

  keep(): void {
    // the bytes are kept anyway
  }

  forget(): void {
    // the bytes are kept anyway
  }

  /** The stored value of a field; undefined where the document lacks it. */
  raw(field: FieldMap): RawValue | undefined {
    this.positions ??= this.codec.layout.index(this.bytes, 0);
    return this.codec.layout.rawValue(this.bytes, this.positions, field);
  }

  /** What this one has loaded and what the other has, the other's where both have. */
  with(other: DocumentSource): DocumentSource {
    const fields = [this, other].flatMap(({ bytes }) => [...RawValue.ofDocument(bytes).fields()]);
    const loaded = new Set([...this.fields()].filter((field) => this.isLoaded(field) || other.isLoaded(field)));
    return new DocumentSource(this.codec, encodeDocument(Object.fromEntries(fields)), loaded);
  }

  private field(property: string): FieldMap {
    return this.codec.map.byProperty.get(property)!;
  }
}

/** The source of an entity that is not stored yet: it has no original. */
export class NewSource implements FieldSource {
  constructor(private readonly codec: DocumentCodec) {}

  fields(): Iterable<string> {
    return this.codec.map.byProperty.keys();
  }

  declares(field: string): boolean {
    return this.codec.map.byProperty.has(field);
  }

  has(): boolean {
    return false;
  }

  read(): unknown {
    return undefined;
  }

  isMutable(): boolean {
    return true;
  }

  same(_field: string, value: unknown): boolean {
    return value === undefined;
  }

  keep(): void {
    // there is no original
  }

  forget(): void {
    // there is no original
  }
}
