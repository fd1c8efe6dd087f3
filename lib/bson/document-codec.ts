import type { EntityMap, FieldMap } from '../mapping/index.js';
import { Place, type ValueCodec } from './codec.js';
import { codecOf, codecOfField } from './codec-of.js';
import { copyDefault, encodeField, knowledgeOf } from './codecs/embedded.js';
import { variantInBytes, variantOfValue } from './codecs/variant.js';
import { documentEnd } from './elements.js';
import { Layout, type Positions } from './layout.js';
import { withoutOrigins } from './origins.js';
import { underName, type RawValue } from './raw-value.js';
import { FieldReader } from './reading/field-reader.js';
import { ObjectReader } from './reading/object-reader.js';
import { SameReader } from './reading/same-reader.js';
import { setOwn } from './set-own.js';
import { writeDocument } from './writing/document-writer.js';

const knowledge = knowledgeOf(codecOf);
const PLAIN: ReadonlySet<string> = new Set(['string', 'number', 'boolean']);

/** Reads and writes the documents of one entity class. Stateless; one for each class. */
export class DocumentCodec {
  readonly layout: Layout;
  private readonly codecs: readonly ValueCodec[];
  private readonly fields: FieldReader;
  private readonly plain: readonly boolean[];

  private constructor(readonly map: EntityMap) {
    this.layout = new Layout(map);
    this.codecs = map.fields.map(codecOfField);
    this.plain = map.fields.map(({ type }) => PLAIN.has(type.kind));
    this.fields = new FieldReader(map, this.layout, knowledge);
  }

  private static readonly cache = new WeakMap<EntityMap, DocumentCodec>();

  static of(map: EntityMap): DocumentCodec {
    let codec = this.cache.get(map);
    if (codec === undefined) {
      codec = new DocumentCodec(map);
      this.cache.set(map, codec);
    }
    return codec;
  }

  /** The codec of the class that a stored document is of. */
  forStored(bytes: Buffer, start = 0): DocumentCodec {
    if (this.map.discriminator === undefined) return this;
    return DocumentCodec.of(variantInBytes(this.map, bytes, start));
  }

  /** The codec of the class that an instance is of. */
  forValue(value: object): DocumentCodec {
    return DocumentCodec.of(variantOfValue(this.map, value));
  }

  /** Is a text, a number or a boolean declared? Such a value is as good when it is read anew. */
  isPlain(field: FieldMap): boolean {
    return this.plain[field.index]!;
  }

  codec(field: FieldMap): ValueCodec {
    return this.codecs[field.index]!;
  }

  decode(field: FieldMap, raw: RawValue): unknown {
    return this.codec(field).decode(raw, `${this.map.name}.${field.property}`);
  }

  /** The value of a field that starts at `start`, as an index of the document says. */
  read(field: FieldMap, bytes: Buffer, start: number): unknown {
    return this.fields.read(field, this.layout.typeOf(bytes, start, field), bytes, start);
  }

  /** Is the value surely what the field holds whose value starts at `start`? If not, `equals` knows. */
  isSurely(field: FieldMap, bytes: Buffer, start: number, value: unknown): boolean {
    return SameReader.of(this.map).sameField(field, bytes, this.layout.typeOf(bytes, start, field), start, value);
  }

  /** Decodes the fields ahead that are stored as declared and cannot be changed in place: see `FieldReader`. */
  fill(values: object, bytes: Buffer, positions: Positions, touched: ReadonlyMap<string, unknown> | undefined): void {
    this.fields.fill(values, bytes, positions, touched);
  }

  /** A fresh copy of what the field reads as where a document lacks it. */
  defaultOf(field: FieldMap): unknown {
    return copyDefault(this.map, field, codecOfField);
  }

  equals(field: FieldMap, a: unknown, b: unknown): boolean {
    if (a === undefined || b === undefined) return a === b;
    return a === b || this.codec(field).equals(a, b);
  }

  /**
   * What the driver is given for the value of a field.
   *
   * @param origin the bytes the field was read from, if any
   * @throws InvalidValue when the value does not fit the declaration
   */
  encode(field: FieldMap, value: unknown, origin?: RawValue): unknown {
    return encodeField(field, value, new Place(this.map.name, field.property), origin, this.codec(field));
  }

  /**
   * The whole document of a new instance: its id first, then what tells its class.
   *
   * @throws InvalidValue when a value does not fit, or a required one is missing
   */
  encodeDocument(instance: object): Record<string, unknown> {
    const document: Record<string, unknown> = {};
    const { id, discriminator, fields } = this.map;
    const values = instance as Record<string, unknown>;
    const set = (field: FieldMap) => {
      const value = values[field.property];
      if (value === undefined && field.required) this.refuseMissing(field);
      if (value !== undefined) setOwn(document, field.stored, underName(field.stored, this.encode(field, value)));
    };
    set(id);
    if (discriminator?.value !== undefined) setOwn(document, discriminator.stored, discriminator.value);
    for (const field of fields) if (field !== id && field.stored !== discriminator?.stored) set(field);
    return document;
  }

  /**
   * The same as bytes.
   *
   * @param valueOf answers the value of a field; undefined to leave it out
   * @param convert makes of a value that is not of the declared type one that is
   * @throws InvalidValue when a value does not fit, or a required one is missing
   */
  encodeBytes(
    valueOf: (field: FieldMap) => unknown,
    convert: (field: FieldMap, value: unknown) => unknown = (_field, value) => value,
  ): Buffer {
    return writeDocument(this.map, valueOf, (field, value) => {
      if (value === undefined && field.required) this.refuseMissing(field);
      return value === undefined ? undefined : this.encode(field, convert(field, value));
    });
  }

  private refuseMissing(field: FieldMap): never {
    return new Place(this.map.name, field.property).refuse(undefined, 'a value', 'it is required and missing');
  }

  /** A plain instance of the class with every field decoded, the unknown ones left out. */
  decodeInstance(bytes: Buffer, start = 0): object {
    const end = documentEnd(bytes, start);
    return ObjectReader.of(variantInBytes(this.map, bytes, start), knowledge).read(bytes, start, end);
  }

  /** The same, for what is only read: it holds on to no bytes. */
  decodePlain(bytes: Buffer, start = 0): object {
    return withoutOrigins(() => this.decodeInstance(bytes, start));
  }

  /** The documented JSON form of an instance: declared fields through their codecs, other properties as they are. */
  toJson(instance: object): Record<string, unknown> {
    const json: Record<string, unknown> = {};
    for (const [property, value] of Object.entries(instance)) {
      const field = this.map.byProperty.get(property);
      if (value === undefined) continue;
      setOwn(json, property, value === null || field === undefined ? value : this.codec(field).toJson(value));
    }
    return json;
  }
}
