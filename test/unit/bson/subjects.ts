import { expect } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { DocumentCodec } from '../../../lib/bson/document-codec.js';
import { RawValue, encodeValue } from '../../../lib/bson/raw-value.js';
import { Entity, Id, Prop, entityMapOf, type PropOptions } from '../../../lib/mapping/index.js';
import { stored, type StoredValue } from '../../support/arbitrary-bson.js';
import { mistake } from '../mapping/mistake.js';

/** A stored value on its own. */
export function rawOf({ type, bytes }: StoredValue): RawValue {
  return new RawValue(type, bytes, 0, bytes.length);
}

/** Type and bytes of what is sent, to compare. */
export function sent(encoded: unknown): string {
  const { type, bytes, start, end } = encodeValue(encoded);
  return `${type}:${bytes.toString('hex', start, end)}`;
}

/** One field of an entity `Thing`, by the name `field`, stored as `f`. */
export class OneField {
  private readonly codec: DocumentCodec;

  constructor(options: PropOptions) {
    class Thing {
      id!: ObjectId;
      field: unknown;
    }
    Reflect.defineMetadata('design:type', ObjectId, Thing.prototype, 'id');
    Reflect.defineMetadata('design:type', Object, Thing.prototype, 'field');
    Id()(Thing.prototype, 'id');
    Prop({ name: 'f', ...options })(Thing.prototype, 'field');
    Entity()(Thing);
    this.codec = DocumentCodec.of(entityMapOf(Thing));
  }

  private get field() {
    return this.codec.map.byProperty.get('field')!;
  }

  read(value: StoredValue): any {
    return this.codec.decode(this.field, rawOf(value));
  }

  write(value: unknown, origin?: StoredValue): unknown {
    return this.codec.encode(this.field, value, origin && rawOf(origin));
  }

  same(a: unknown, b: unknown): boolean {
    const same = this.codec.equals(this.field, a, b);
    expect(this.codec.equals(this.field, b, a)).toBe(same);
    return same;
  }

  json(value: unknown): unknown {
    return JSON.parse(JSON.stringify(this.codec.toJson({ field: value }))).field;
  }

  get type() {
    return this.field.type;
  }

  /** What is read after the value was written. */
  again(value: unknown): any {
    const { type, bytes, start, end } = encodeValue(this.write(value));
    return this.read({ type, bytes: Buffer.from(bytes.subarray(start, end)) });
  }

  /** The error of writing a value, which must name the field. */
  refusal(value: unknown, origin?: StoredValue): string {
    const error = mistake(() => this.write(value, origin));
    expect(error.code).toBe('InvalidValue');
    expect(error.entity).toBe('Thing');
    expect(error.field).toMatch(/^field/);
    return `${error.field}: ${error.message}`;
  }
}

export { stored };
