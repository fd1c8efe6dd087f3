import type { EntityMap, FieldMap } from '../mapping/index.js';
import { Place, type ValueCodec } from './codec.js';
import { codecOfField } from './codec-of.js';
import { copyDefault, encodeField, variantOfStored, variantOfValue } from './codecs/embedded.js';
import { Layout } from './layout.js';
import { RawValue, underName } from './raw-value.js';
import { setOwn } from './set-own.js';

/** Reads and writes the documents of one entity class. Stateless; one for each class. */
export class DocumentCodec {
  readonly layout: Layout;
  private readonly codecs: readonly ValueCodec[];

  private constructor(readonly map: EntityMap) {
    this.layout = new Layout(map);
    this.codecs = map.fields.map(codecOfField);
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
    return DocumentCodec.of(variantOfStored(this.map, RawValue.ofDocument(bytes, start).fields()));
  }

  /** The codec of the class that an instance is of. */
  forValue(value: object): DocumentCodec {
    return DocumentCodec.of(variantOfValue(this.map, value));
  }

  codec(field: FieldMap): ValueCodec {
    return this.codecs[field.index]!;
  }

  decode(field: FieldMap, raw: RawValue): unknown {
    return this.codec(field).decode(raw, `${this.map.name}.${field.property}`);
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
      if (value === undefined && field.required) {
        new Place(this.map.name, field.property).refuse(value, 'a value', 'it is required and missing');
      }
      if (value !== undefined) setOwn(document, field.stored, underName(field.stored, this.encode(field, value)));
    };
    set(id);
    if (discriminator?.value !== undefined) setOwn(document, discriminator.stored, discriminator.value);
    for (const field of fields) if (field !== id && field.stored !== discriminator?.stored) set(field);
    return document;
  }

  /** A plain instance of the class with every field decoded, the unknown ones left out. */
  decodeInstance(bytes: Buffer, start = 0): object {
    const codec = this.forStored(bytes, start);
    const instance = Object.create(codec.map.target.prototype as object) as object;
    const positions = codec.layout.index(bytes, start);
    for (const field of codec.map.fields) {
      const raw = codec.layout.rawValue(bytes, positions, field);
      const value = raw === undefined ? codec.defaultOf(field) : codec.decode(field, raw);
      if (value !== undefined) setOwn(instance, field.property, value);
    }
    return instance;
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
