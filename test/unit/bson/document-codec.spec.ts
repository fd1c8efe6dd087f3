import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { DocumentCodec } from '../../../lib/bson/document-codec.js';
import { RawValue, encodeDocument } from '../../../lib/bson/raw-value.js';
import { Embedded, Entity, Id, Prop, Version, entityMapOf } from '../../../lib/mapping/index.js';
import { documentOf, objectOf, storedValue } from '../../support/arbitrary-bson.js';
import { mistake } from '../mapping/mistake.js';

@Embedded({ key: 'sku' })
class Line {
  @Prop() sku!: string;
}

@Entity({ discriminator: 'kind' })
class Order {
  @Prop({ name: 'customer_id', required: true }) customer!: string;
  @Prop(() => [Line]) lines!: Line[];
  @Prop({ name: 'a\x07' }) odd?: Date;
  @Id() id!: ObjectId;
  @Version() version!: number;
  @Prop(() => String, { nullable: true }) note?: string | null;
  get count() {
    return this.lines.length;
  }
}

@Entity()
class Refund extends Order {
  @Prop({ type: Map, of: Number }) amounts!: Map<string, number>;
}

const codec = DocumentCodec.of(entityMapOf(Order));
const id = new ObjectId();

function made<T extends object>(type: new () => T, values: Partial<T>): T {
  return Object.assign(new type(), values);
}

describe('the document of an entity', () => {
  it('is made of its declared fields by stored names, the id and the class first', () => {
    const order = made(Order, { customer: 'c', id, lines: [made(Line, { sku: 'a' })], note: null });
    const document = codec.encodeDocument(Object.assign(order, { extra: 1 }));
    expect(Object.keys(document)).toEqual(['_id', 'kind', 'customer_id', 'lines', 'note']);
    expect(document).toEqual({ _id: id, kind: 'Order', customer_id: 'c', lines: [{ sku: 'a' }], note: null });
  });

  it('names its class without an id too', () => {
    expect(codec.encodeDocument(made(Order, { customer: 'c' }))).toEqual({ kind: 'Order', customer_id: 'c' });
  });

  it('is refused where a required value is missing, or one does not fit', () => {
    const error = mistake(() => codec.encodeDocument(made(Order, { id })));
    expect(error).toMatchObject({ code: 'InvalidValue', entity: 'Order', field: 'customer' });
    expect(error.message).toMatch(/required and missing/);
    const lines = [made(Line, { sku: 'a' }), made(Line, { sku: 5 as never })];
    expect(mistake(() => codec.encodeDocument(made(Order, { id, customer: 'c', lines }))).field).toBe('lines.1.sku');
  });

  it('is read as a plain instance, unknown fields left out', () => {
    const bytes = encodeDocument({ _id: id, unknown: 1, lines: [{ sku: 'a', x: 1 }], customer_id: 'c' });
    const order = codec.decodeInstance(bytes) as Order;
    expect(order).toBeInstanceOf(Order);
    expect({ ...order }).toEqual({ customer: 'c', lines: [made(Line, { sku: 'a' })], id });
    expect(order.count).toBe(1);
    const batch = Buffer.concat([Buffer.alloc(3), bytes, bytes]);
    expect(codec.decodeInstance(batch, 3)).toEqual(order);
  });

  it('survives names and values that JavaScript could not carry', () => {
    const bytes = documentOf([
      { name: '_id', ...storedValue.objectId(id.id) },
      { name: 'a\x07', ...storedValue.date(2n ** 63n - 1n) },
    ]);
    const order = codec.decodeInstance(bytes) as Order;
    expect(order.odd?.getTime()).toBeNaN();
    const field = codec.map.byProperty.get('odd')!;
    const raw = codec.layout.rawValue(bytes, codec.layout.index(bytes, 0), field)!;
    expect(codec.encode(field, order.odd, raw)).toBe(raw);
  });
});

describe('a family of entities', () => {
  it('is read as its classes', () => {
    const bytes = encodeDocument({ kind: 'Refund', _id: id, amounts: { a: 1 } });
    expect(codec.forStored(bytes).map).toBe(entityMapOf(Refund));
    expect(codec.decodeInstance(bytes)).toBeInstanceOf(Refund);
    expect((codec.decodeInstance(bytes) as Refund).amounts).toEqual(new Map([['a', 1]]));
    expect(codec.forStored(encodeDocument({ kind: 'Unknown' })).map).toBe(entityMapOf(Order));
    expect(codec.forStored(encodeDocument({ kind: 5 })).map).toBe(entityMapOf(Order));
    expect(codec.forStored(encodeDocument({})).map).toBe(entityMapOf(Order));
  });

  it('is written as its classes', () => {
    const refund = made(Refund, { id, customer: 'c', amounts: new Map([['a', 1]]) });
    const own = codec.forValue(refund);
    expect(own).toBe(DocumentCodec.of(entityMapOf(Refund)));
    expect(own.encodeDocument(refund)).toEqual({ _id: id, kind: 'Refund', customer_id: 'c', amounts: { a: 1 } });
    expect(codec.forValue(Object.create(refund) as object)).toBe(own);
    expect(codec.forValue({ kind: 'Refund' })).toBe(own);
    expect(codec.forValue({})).toBe(codec);
  });
});

describe('the fields of a document', () => {
  const note = codec.map.byProperty.get('note')!;

  it('are equal when absent in both, and not when in one', () => {
    expect(codec.equals(note, undefined, undefined)).toBe(true);
    expect(codec.equals(note, undefined, null)).toBe(false);
    expect(codec.equals(note, 'a', 'a')).toBe(true);
    expect(codec.equals(note, null, null)).toBe(true);
  });

  it('name themselves in errors, once', () => {
    expect(mistake(() => codec.encode(note, 5))).toMatchObject({
      message: expect.stringMatching(/^Order\.note: expected a string, got a number\. Give a string/),
    });
  });

  it('of an embedded class name that class when they cannot be read', () => {
    @Embedded()
    class Stock {
      @Prop({ name: 'n' }) amount!: number;
    }
    @Entity()
    class Product {
      @Id() id!: ObjectId;
      @Prop() stock!: Stock;
    }
    const products = DocumentCodec.of(entityMapOf(Product));
    const bytes = documentOf([{ name: 'stock', ...objectOf([{ name: 'n', ...storedValue.int64(2n ** 60n) }]) }]);
    const error = mistake(() => products.decodeInstance(bytes));
    expect(error).toMatchObject({ code: 'UnsafeInteger', entity: 'Stock', field: 'amount' });
  });

  it('are read from one index, by position', () => {
    const bytes = encodeDocument({ note: 'n', customer_id: 'c' });
    const positions = codec.layout.index(bytes, 0);
    const raw = codec.layout.rawValue(bytes, positions, note)!;
    expect(raw).toBeInstanceOf(RawValue);
    expect(codec.decode(note, raw)).toBe('n');
  });
});
