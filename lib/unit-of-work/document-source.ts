import { codecOfField } from '../bson/codec-of.js';
import { isUnchanged } from '../bson/codecs/rebuild.js';
import type { DocumentCodec } from '../bson/document-codec.js';
import { documentEnd } from '../bson/elements.js';
import type { JsonBuffer } from '../bson/json/json-buffer.js';
import { JsonWriter, type Overlay } from '../bson/json/json-writer.js';
import type { Positions } from '../bson/layout.js';
import type { PageIndex } from '../bson/page-index.js';
import { RawValue, encodeDocument } from '../bson/raw-value.js';
import { Long, ObjectId } from '../bson/values.js';
import { CowError } from '../errors/index.js';
import type { FieldMap } from '../mapping/index.js';
import type { FieldSource } from '../tracking/field-source.js';
import { eachPart, isContainer } from '../tracking/plain-values.js';
import { moveOrigin } from '../bson/origins.js';

/** After so many single reads the rest is decoded ahead. */
const AHEAD = 3;

/** A raw document as the source of an entity's fields. The bytes are the snapshot: nothing is copied on load. */
export class DocumentSource implements FieldSource {
  private positions: Positions | undefined;

  /**
   * @param start where the document lies in `page`, which may hold others: those that it was read with
   * @param reads how many fields of it were read before
   * @param shared the index of the page, which serves all documents of the class in it
   */
  constructor(
    readonly codec: DocumentCodec,
    readonly page: Buffer,
    /** Properties that a projection loaded; undefined for all. */
    readonly loaded?: ReadonlySet<string>,
    readonly start = 0,
    private reads = 0,
    private readonly shared?: PageIndex,
  ) {}

  /** How long the document is, in bytes. */
  get size(): number {
    return documentEnd(this.page, this.start) - this.start;
  }

  /** The document. */
  get bytes(): Buffer {
    const end = documentEnd(this.page, this.start);
    return end - this.start === this.page.length ? this.page : this.page.subarray(this.start, end);
  }

  /**
   * The same with bytes of its own, so that it keeps no others alive.
   *
   * @param held what was handed out of it, which refers to its bytes
   */
  alone(held: Iterable<unknown> = []): DocumentSource {
    const bytes = Buffer.from(this.bytes);
    for (const value of held) {
      eachContainer(value, (container) => moveOrigin(container, this.page, this.start, bytes));
    }
    return new DocumentSource(this.codec, bytes, this.loaded);
  }

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
    return this.index[this.field(field).index] !== 0 || this.codec.map.defaults.has(field);
  }

  read(property: string): unknown {
    if (!this.isLoaded(property)) {
      throw new CowError('FieldNotLoaded', { entity: this.codec.map.name, field: property });
    }
    const field = this.field(property);
    const start = this.index[field.index]!;
    this.reads++;
    return start === 0 ? this.codec.defaultOf(field) : this.codec.read(field, this.page, start);
  }

  /**
   * Decodes what else can be decoded ahead, once several fields were read one by one: who reads three reads more.
   *
   * @param values is given the fields that it lacks and that cannot be changed in place
   * @param touched fields that are left alone
   */
  readAhead(values: Record<string, unknown>, touched: ReadonlyMap<string, unknown> | undefined): void {
    if (this.reads !== AHEAD || this.loaded !== undefined) return;
    this.reads++;
    if (Object.isExtensible(values)) this.codec.fill(values, this.page, this.index, touched);
  }

  isMutable(_field: string, value: unknown): boolean {
    return typeof value === 'object' && value !== null && !(value instanceof ObjectId) && !(value instanceof Long);
  }

  same(property: string, value: unknown): boolean {
    if (!this.isLoaded(property)) return false; // unknown until the flush has read it
    if (this.isSurely(property, value)) return true;
    const field = this.field(property);
    const raw = this.raw(field);
    if (raw === undefined) return this.codec.equals(field, this.codec.defaultOf(field), value);
    return isUnchanged(codecOfField(field), value, raw, this.codec.map.name);
  }

  /** Is the value the original beyond doubt? Tells most of what is unchanged apart, at little cost. */
  isSurely(property: string, value: unknown): boolean {
    if (!this.isLoaded(property)) return false;
    const field = this.field(property);
    const start = this.index[field.index]!;
    return start !== 0 && this.codec.isSurely(field, this.page, start, value);
  }

  keep(): void {
    // the bytes are kept anyway
  }

  forget(): void {
    // the bytes are kept anyway
  }

  /** The stored value of a field; undefined where the document lacks it. */
  raw(field: FieldMap): RawValue | undefined {
    return this.codec.layout.rawValue(this.page, this.index, field);
  }

  /** Writes the JSON form of the document under an overlay of changes, and with the properties that are no fields. */
  writeJson(out: JsonBuffer, overlay: Overlay & { others(): readonly (readonly [string, unknown])[] }): void {
    const index = this.shared === undefined ? this.index : [...this.index]; // values may ask for other documents
    JsonWriter.of(this.codec.map).write(out, this.page, index, overlay, () => {
      for (const [name, value] of overlay.others()) {
        const text = JSON.stringify(value) as string | undefined;
        if (text !== undefined) out.json(`,${JSON.stringify(name)}:${text}`);
      }
    });
  }

  private get index(): Positions {
    if (this.shared !== undefined) return this.shared.of(this.start);
    return (this.positions ??= this.codec.layout.index(this.page, this.start));
  }

  /** What this one has loaded and what the other has, the other's where both have. */
  with(other: DocumentSource): DocumentSource {
    const fields = [this, other].flatMap(({ bytes }) => [...RawValue.ofDocument(bytes).fields()]);
    const loaded = new Set([...this.fields()].filter((field) => this.isLoaded(field) || other.isLoaded(field)));
    return new DocumentSource(this.codec, encodeDocument(Object.fromEntries(fields)), loaded);
  }

  protected field(property: string): FieldMap {
    return this.codec.map.byProperty.get(property)!;
  }
}

/** Visits a container and those in it, each once. */
function eachContainer(value: unknown, visit: (container: object) => void, seen = new Set<object>()): void {
  if (!isContainer(value) || seen.has(value)) return;
  seen.add(value);
  visit(value);
  eachPart(value, (part) => eachContainer(part, visit, seen));
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
