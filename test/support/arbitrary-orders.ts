import fc from 'fast-check';
import { ObjectId } from 'mongodb';
import { DocumentCodec } from '../../lib/bson/document-codec.js';
import { Embedded, Entity, Id, Prop, entityMapOf } from '../../lib/mapping/index.js';
import { anyStored, arrayOf, documentOf, objectOf, storedValue, type StoredElement } from './arbitrary-bson.js';

@Embedded({ key: 'sku' })
export class Line {
  @Prop() sku!: string;
  @Prop({ type: Number }) qty = 1;
  @Prop({ name: 'p' }) price!: number;
}

@Embedded()
export class Address {
  @Prop() street!: string;
  @Prop() since!: Date;
  @Prop(() => Address) former!: Address;
}

@Entity()
export class Order {
  @Id() id!: ObjectId;
  @Prop() customer!: string;
  @Prop({ name: 'état' }) status!: string;
  @Prop() total!: number;
  @Prop() paid!: boolean;
  @Prop() placedAt!: Date;
  @Prop() other!: ObjectId;
  @Prop() address!: Address;
  @Prop(() => [Line]) lines!: Line[];
  @Prop(() => [[Number]]) grid!: number[][];
  @Prop({ type: Map, of: Number }) stock!: Map<string, number>;
  @Prop({ type: Object }) meta: unknown;
  @Prop({ name: '__proto__' }) proto!: string;
  @Prop({ default: 'none' }) note!: string;
}

export const orderCodec = DocumentCodec.of(entityMapOf(Order));
const { fields } = orderCodec.map;

/** A document of the class: each field perhaps, as declared or as anything, in any order, with others among them. */
export const anyOrder = fc
  .record({
    present: fc.array(fc.boolean(), { minLength: fields.length, maxLength: fields.length }),
    foreign: fc.dictionary(fc.constantFrom(...fields.map((field) => String(field.index))), anyStored, { maxKeys: 3 }),
    doubled: fc.boolean(),
    unknown: fc.array(fc.tuple(fc.constantFrom('x', 'custome', 'customers', '', 'total\u0301', '_ID'), anyStored), {
      maxLength: 3,
    }),
    text: fc.string({ unit: 'binary', maxLength: 60 }),
    number: fc.oneof(fc.integer(), fc.double()),
    shuffle: fc.array(fc.nat(), { maxLength: 4 }),
  })
  .map(({ present, foreign, doubled, unknown, text, number, shuffle }) => {
    const line = (sku: string) => [
      { name: 'sku', ...storedValue.string(sku) },
      { name: 'p', ...storedValue.double(number) },
    ];
    const home: StoredElement[] = [
      { name: 'street', ...storedValue.string(text) },
      { name: 'since', ...storedValue.date(5n) },
    ];
    const declared = [
      storedValue.objectId(Buffer.alloc(12, 7)),
      storedValue.string(text),
      storedValue.string('open'),
      Number.isInteger(number) ? storedValue.int32(number) : storedValue.double(number),
      storedValue.bool(true),
      storedValue.date(1_700_000_000_000n),
      storedValue.objectId(Buffer.alloc(12, 9)),
      objectOf([...home, { name: 'former', ...objectOf(home) }]),
      arrayOf([objectOf(line('a')), objectOf(line(text)), storedValue.null()]),
      arrayOf([arrayOf([storedValue.int32(1), storedValue.double(number)]), arrayOf([])]),
      objectOf([{ name: 'k', ...storedValue.int32(1) }]),
      objectOf([{ name: 'any', ...storedValue.string(text) }]),
      storedValue.string('p'),
      storedValue.string('n'),
    ];
    const elements: StoredElement[] = fields.flatMap((field, index) =>
      present[index] === true ? [{ name: field.stored, ...(foreign[index] ?? declared[index]!) }] : [],
    );
    if (doubled && elements.length > 0) elements.push(elements[0]!);
    for (const [name, one] of unknown) elements.push({ name, ...one });
    for (const from of shuffle) {
      if (elements.length > 0) elements.push(...elements.splice(from % elements.length, 1));
    }
    return documentOf(elements);
  });
