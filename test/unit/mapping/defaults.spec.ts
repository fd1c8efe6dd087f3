import { describe, expect, it } from '@jest/globals';
import { Binary, Decimal128, ObjectId } from 'mongodb';
import { DocumentCodec } from '../../../lib/bson/document-codec.js';
import { encodeDocument } from '../../../lib/bson/raw-value.js';
import { Embedded, Entity, Id, Prop, embeddedMapOf, entityMapOf } from '../../../lib/mapping/index.js';

@Embedded()
class Address {
  @Prop(() => String) country = 'CH';
  @Prop(() => [String]) lines: string[] = [];
}

const shared = ['shared'];

@Entity()
class Order {
  @Id() id: ObjectId = new ObjectId();
  @Prop({ default: 'open' }) status!: string;
  @Prop({ default: 0 }) total!: number;
  @Prop(() => Boolean, { default: false }) paid = true;
  @Prop({ default: () => 'made' }) made!: string;
  @Prop(() => String) note = '';
  @Prop(() => [String]) tags: string[] = ['new'];
  @Prop(() => [String], { default: shared }) labels!: string[];
  @Prop({ type: Map, of: Number }) stock = new Map<string, number>([['a', 1]]);
  @Prop({ type: Set, of: String }) seen = new Set<string>(['x']);
  @Prop() since: Date = new Date(0);
  @Prop() data: Buffer = Buffer.from('abc');
  @Prop() price: Decimal128 = Decimal128.fromString('1.50');
  @Prop(() => Address) address: Address = new Address();
  @Prop({ type: Object }) meta: unknown = { deep: { list: [1] } };
  @Prop(() => String, { nullable: true }) reason: string | null = null;
  @Prop() optional?: string;
  transient = 'kept out';
}

describe('defaults', () => {
  const map = entityMapOf(Order);
  const codec = DocumentCodec.of(map);
  const defaultOf = (property: string): any => codec.defaultOf(map.byProperty.get(property)!);

  it('are constants and what field initialisers set', () => {
    expect(Object.fromEntries(map.defaults)).toEqual({
      ...{ status: 'open', total: 0, paid: false, note: '', tags: ['new'], labels: ['shared'] },
      ...{ stock: new Map([['a', 1]]), seen: new Set(['x']), since: new Date(0), data: Buffer.from('abc') },
      ...{ price: Decimal128.fromString('1.50'), address: new Address(), meta: { deep: { list: [1] } }, reason: null },
    });
  });

  it('leave out what a function makes, the id, and properties that are not declared', () => {
    for (const name of ['made', 'id', 'transient', 'optional']) expect(map.defaults.has(name)).toBe(false);
    expect(map.byProperty.get('made')?.defaultFactory?.()).toBe('made');
  });

  it('read as copies, each of its own class', () => {
    for (const property of ['tags', 'labels', 'stock', 'seen', 'since', 'data', 'address', 'meta']) {
      const [one, two] = [defaultOf(property), defaultOf(property)];
      expect(one).toEqual(two);
      expect(one).toEqual(map.defaults.get(property));
      expect(one).not.toBe(two);
      expect(one).not.toBe(map.defaults.get(property));
    }
    expect(defaultOf('address')).toBeInstanceOf(Address);
    expect(defaultOf('reason')).toBeNull();
    expect(defaultOf('optional')).toBeUndefined();
  });

  it('are not changed by changing a copy, however deep', () => {
    defaultOf('tags').push('changed');
    defaultOf('meta').deep.list.push(2);
    defaultOf('address').lines.push('changed');
    defaultOf('stock').set('b', 2);
    defaultOf('since').setFullYear(1999);
    defaultOf('data')[0] = 0;
    expect(defaultOf('tags')).toEqual(['new']);
    expect(defaultOf('meta')).toEqual({ deep: { list: [1] } });
    expect(defaultOf('address').lines).toEqual([]);
    expect(defaultOf('stock').size).toBe(1);
    expect(defaultOf('since')).toEqual(new Date(0));
    expect(defaultOf('data').toString()).toBe('abc');
  });

  it('stand for fields that a stored document or object lacks', () => {
    const bytes = encodeDocument({ _id: new ObjectId(), address: { lines: ['a'] }, total: 5, tags: [] });
    expect(codec.decodeInstance(bytes)).toMatchObject({
      ...{ status: 'open', total: 5, tags: [], note: '', paid: false },
      address: { country: 'CH', lines: ['a'] },
    });
    expect(codec.decodeInstance(bytes)).not.toHaveProperty('made');
  });

  it('of one object that two fields share are each of the own type', () => {
    const list = [1n];
    @Entity()
    class Two {
      @Id() id!: ObjectId;
      @Prop({ type: Object, default: list }) free!: unknown[];
      @Prop(() => [BigInt], { default: list }) exact!: bigint[];
    }
    const two = DocumentCodec.of(entityMapOf(Two));
    const [, free, exact] = two.map.fields;
    expect(two.defaultOf(free!)).toEqual([1]);
    expect(two.defaultOf(exact!)).toEqual([1n]);
    expect(two.defaultOf(free!)).toEqual([1]);
  });

  it('are learnt from a factory, which may also insist on data', () => {
    @Embedded({ create: (data) => new Money(data.amount === undefined ? '0' : 'given') })
    class Money {
      @Prop(() => String) currency = 'CHF';
      @Prop() amount: string;
      constructor(amount: string) {
        this.amount = amount;
      }
    }
    @Embedded({
      create: (data) => {
        if (data.value === undefined) throw new Error('no value');
        return new Strict(new Binary());
      },
    })
    class Strict {
      @Prop(() => String) unit = 'kg';
      constructor(readonly value: Binary) {}
    }
    expect(Object.fromEntries(embeddedMapOf(Money).defaults)).toEqual({ currency: 'CHF', amount: '0' });
    expect(embeddedMapOf(Strict).defaults.size).toBe(0);
  });
});
