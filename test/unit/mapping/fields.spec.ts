import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import {
  CreatedAt,
  Embedded,
  Entity,
  Id,
  Prop,
  UpdatedAt,
  Version,
  embeddedMapOf,
  entityMapOf,
} from '../../../lib/mapping/index.js';

describe('a field', () => {
  it('has the name of its property, or another, in the document', () => {
    @Entity()
    class Order {
      @Id() id!: ObjectId;
      @Prop() total!: number;
      @Prop({ name: 'customer_id' }) customer!: string;
      @Prop(() => [String], { name: 'étiquettes' }) tags!: string[];
      @Version({ name: '__v' }) version!: number;
      @CreatedAt({ name: 'created_at' }) createdAt!: Date;
      @UpdatedAt() updatedAt!: Date;
    }
    const map = entityMapOf(Order);
    expect(map.fields.map(({ property, stored }) => [property, stored])).toEqual([
      ['id', '_id'],
      ['total', 'total'],
      ['customer', 'customer_id'],
      ['tags', 'étiquettes'],
      ['version', '__v'],
      ['createdAt', 'created_at'],
      ['updatedAt', 'updatedAt'],
    ]);
    expect(map.fields.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(map.byStored.get('customer_id')).toBe(map.byProperty.get('customer'));
    expect([map.id, map.version, map.createdAt, map.updatedAt].map((field) => field?.property)).toEqual([
      'id',
      'version',
      'createdAt',
      'updatedAt',
    ]);
  });

  it('is neither nullable nor required unless it says so; free-form values may be null', () => {
    @Entity()
    class Order {
      @Id() id!: ObjectId;
      @Prop() plain!: string;
      @Prop(() => String, { nullable: true, required: true }) both!: string | null;
      @Prop({ type: Object }) free: unknown;
      @Prop({ type: Object, nullable: false }) notNull: unknown;
      @Prop({ enum: ['a', 1] }) mixed!: 'a' | 1;
    }
    const flags = entityMapOf(Order).fields.map(({ property, nullable, required }) => [property, nullable, required]);
    expect(flags).toEqual([
      ['id', false, false],
      ['plain', false, false],
      ['both', true, true],
      ['free', true, false],
      ['notNull', false, false],
      ['mixed', false, false],
    ]);
  });

  it('is the id with @Prop() beside @Id(), in either order', () => {
    @Entity()
    class Above {
      @Id() @Prop({ default: () => 'a', required: true }) key!: string;
    }
    @Entity()
    class Below {
      @Prop({ default: () => 'b', required: true }) @Id() key!: string;
    }
    for (const map of [entityMapOf(Above), entityMapOf(Below)]) {
      expect(map.id).toMatchObject({ property: 'key', stored: '_id', required: true, type: { kind: 'string' } });
      expect(map.id.defaultFactory).toEqual(expect.any(Function));
    }
  });

  it('takes options from @Prop() beside @Version() and @CreatedAt(), in either order', () => {
    @Entity()
    class Order {
      @Id() id!: ObjectId;
      @Version({ name: 'v' }) @Prop({ index: true }) version!: number;
      @Prop({ index: true }) @CreatedAt() createdAt!: Date;
    }
    const map = entityMapOf(Order);
    expect(map.version?.stored).toBe('v');
    expect(map.indexes.map(({ key }) => key)).toEqual([{ v: 1 }, { createdAt: 1 }]);
  });

  it('can be merged by the policies that fit its type', () => {
    @Entity()
    class Product {
      @Id() id!: ObjectId;
      @Prop({ merge: 'sum' }) views!: number;
      @Prop({ merge: 'max' }) lastSeen!: Date;
      @Prop({ merge: 'min' }) lowest!: bigint;
      @Prop(() => [String], { merge: 'set' }) tags!: string[];
      @Prop({ type: Set, of: String, merge: 'set' }) labels!: Set<string>;
    }
    expect(entityMapOf(Product).fields.map(({ merge }) => merge)).toEqual([
      undefined,
      'sum',
      'max',
      'min',
      'set',
      'set',
    ]);
  });
});

describe('inheritance', () => {
  abstract class Base {
    @Id() id!: ObjectId;
    @CreatedAt() createdAt!: Date;
    @Prop({ name: 'n', required: true }) name!: string;
    describe() {
      return this.name;
    }
  }

  it('takes the fields of plain base classes, theirs first', () => {
    class Middle extends Base {
      @Prop() middle!: number;
    }
    @Entity()
    class Leaf extends Middle {
      @Prop() leaf!: boolean;
    }
    const map = entityMapOf(Leaf);
    expect(map.fields.map(({ property }) => property)).toEqual(['id', 'createdAt', 'name', 'middle', 'leaf']);
    expect(map.collection).toBe('leafs');
    expect(map.id.stored).toBe('_id');
    expect(map.root).toBe(map);
  });

  it('lets a subclass declare a field again, at its place and in its role', () => {
    @Entity()
    class Narrow extends Base {
      @Prop(() => String) declare id: any;
      @Prop({ default: 'none' }) declare name: string;
    }
    const map = entityMapOf(Narrow);
    expect(map.fields.map(({ property, stored, required }) => [property, stored, required])).toEqual([
      ['id', '_id', false],
      ['createdAt', 'createdAt', false],
      ['name', 'name', false],
    ]);
    expect(map.id.type.kind).toBe('string');
    expect(map.defaults.get('name')).toBe('none');
  });

  it('leaves the base class and its other subclasses alone', () => {
    @Entity()
    class One extends Base {
      @Prop() one!: string;
    }
    @Entity()
    class Two extends Base {
      @Prop() two!: string;
    }
    expect(entityMapOf(One).byProperty.has('two')).toBe(false);
    expect(entityMapOf(Two).byProperty.has('one')).toBe(false);
  });

  it('works through a mixin', () => {
    const Stamped = <T extends new (...args: any[]) => object>(From: T) => {
      class Mixed extends From {
        @UpdatedAt() updatedAt!: Date;
      }
      return Mixed;
    };
    class Root {
      @Id() id!: ObjectId;
    }
    @Entity()
    class Order extends Stamped(Root) {
      @Prop() total!: number;
    }
    expect(entityMapOf(Order).fields.map(({ property }) => property)).toEqual(['id', 'updatedAt', 'total']);
  });

  it('holds for embedded classes, their key included', () => {
    @Embedded({ key: 'sku' })
    class Line {
      @Prop() sku!: string;
    }
    @Embedded()
    class DiscountedLine extends Line {
      @Prop() discount!: number;
    }
    class Undecorated extends Line {
      @Prop() extra!: number;
    }
    expect(embeddedMapOf(DiscountedLine).key?.property).toBe('sku');
    expect(embeddedMapOf(Undecorated).fields.map(({ property }) => property)).toEqual(['sku', 'extra']);
    expect(embeddedMapOf(Undecorated).key?.property).toBe('sku');
  });

  it('gives an entity that extends another a collection of its own, unless they have a discriminator', () => {
    @Entity({ collection: 'people', readonly: true, concurrency: 'none' })
    class Person extends Base {}
    @Entity()
    class Employee extends Person {}
    expect(entityMapOf(Employee)).toMatchObject({ collection: 'employees', readonly: false, concurrency: 'fields' });
    expect(entityMapOf(Person)).toMatchObject({ collection: 'people', readonly: true, concurrency: 'none' });
  });
});

describe('an entity', () => {
  it('is stored in the collection that it names, else in one named after the class', () => {
    @Entity('in-string')
    class A extends WithId {}
    @Entity({ collection: 'in.options' })
    class B extends WithId {}
    @Entity()
    class LineItem extends WithId {}
    expect([A, B, LineItem].map((type) => entityMapOf(type).collection)).toEqual([
      'in-string',
      'in.options',
      'lineItems',
    ]);
  });

  it('knows its shard key by its fields, in order', () => {
    @Entity({ shardKey: { tenant: 1, id: 1 } })
    class Sharded extends WithId {
      @Prop({ name: 't' }) tenant!: string;
    }
    expect(entityMapOf(Sharded).shardKey.map(({ stored }) => stored)).toEqual(['t', '_id']);
  });

  it('is compiled once, into maps that cannot be changed', () => {
    @Embedded({ discriminator: 'kind' })
    class Part {
      @Prop() name!: string;
    }
    @Entity({ shardKey: { id: 1 } })
    class Whole extends WithId {
      @Prop(() => [Part], { index: true }) parts!: Part[];
    }
    const map = entityMapOf(Whole);
    expect(entityMapOf(Whole)).toBe(map);
    const parts = map.byProperty.get('parts')!;
    const embedded = embeddedMapOf(Part);
    expect(parts.type).toEqual({ kind: 'array', of: { kind: 'embedded', map: embedded } });
    const things = [
      ...[map, map.fields, map.shardKey, map.indexes, map.indexes[0], map.indexes[0]!.key, map.indexes[0]!.options],
      ...[parts, parts.type, (parts.type as { of: unknown }).of, embedded, embedded.fields, embedded.discriminator],
      ...map.fields,
    ];
    for (const thing of things) expect(Object.isFrozen(thing)).toBe(true);
  });
});

class WithId {
  @Id() id!: ObjectId;
}
