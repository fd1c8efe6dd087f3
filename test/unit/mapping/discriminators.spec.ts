import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import {
  Embedded,
  Entity,
  Id,
  Index,
  Prop,
  Version,
  embeddedMapOf,
  entityMapOf,
  type ClassType,
} from '../../../lib/mapping/index.js';
import { mistake, refused } from './mistake.js';

/** A family made anew for each order of compilation. */
function animals() {
  @Entity({ collection: 'zoo', discriminator: 'kind', concurrency: 'none', shardKey: { cage: 1 }, readonly: true })
  @Index({ cage: 1 })
  class Animal {
    @Id() id!: ObjectId;
    @Version() version!: number;
    @Prop({ name: 'c' }) cage!: number;
  }
  @Entity()
  class Dog extends Animal {
    @Prop() barks!: boolean;
  }
  @Entity({ discriminatorValue: 'feline', concurrency: 'fields' })
  class Cat extends Animal {
    @Prop(() => Number, { index: true }) lives = 9;
  }
  @Entity()
  class Puppy extends Dog {
    @Prop() age!: number;
  }
  return { Animal, Dog, Cat, Puppy };
}

const ORDERS = [
  ['Animal', 'Dog', 'Cat', 'Puppy'],
  ['Puppy', 'Cat', 'Dog', 'Animal'],
  ['Dog', 'Puppy', 'Animal', 'Cat'],
  ['Cat', 'Animal', 'Puppy', 'Dog'],
] as const;

describe('a discriminator of entities', () => {
  it.each(ORDERS)('makes one family, compiled in the order %s, %s, %s, %s', (...order) => {
    const classes = animals();
    for (const name of order) entityMapOf(classes[name]);
    const map = entityMapOf(classes.Animal);
    const family = ['Animal', 'Dog', 'Cat', 'Puppy'].map((name) => entityMapOf(classes[name as 'Dog']));
    expect([...map.discriminator!.variants]).toEqual([
      ['Animal', family[0]],
      ['Dog', family[1]],
      ['feline', family[2]],
      ['Puppy', family[3]],
    ]);
    for (const [index, one] of family.entries()) {
      expect(one.root).toBe(map);
      expect(one.collection).toBe('zoo');
      expect(one.readonly).toBe(true);
      expect(one.shardKey).toEqual([one.byProperty.get('cage')]);
      expect(one.discriminator?.stored).toBe('kind');
      expect(one.discriminator?.value).toBe(['Animal', 'Dog', 'feline', 'Puppy'][index]);
      expect(one.discriminator?.variants).toBe(map.discriminator?.variants);
      expect([...map.discriminator!.variants.values()][index]).toBe(one);
      expect(Object.isFrozen(one)).toBe(true);
    }
    expect(family.map(({ concurrency }) => concurrency)).toEqual(['none', 'none', 'fields', 'none']);
    expect(family[3]!.fields.map(({ property }) => property)).toEqual(['id', 'version', 'cage', 'barks', 'age']);
    expect(family[2]!.indexes.map(({ key }) => key)).toEqual([{ c: 1 }, { lives: 1 }]);
  });

  it('may be declared as a property, by another stored name', () => {
    @Entity({ discriminator: 'type' })
    class Account {
      @Id() id!: ObjectId;
      @Prop({ name: 't' }) type!: string;
    }
    @Entity()
    class Savings extends Account {}
    expect(entityMapOf(Savings).discriminator).toMatchObject({ stored: 't', value: 'Savings' });
    expect(entityMapOf(Account).discriminator).toMatchObject({ stored: 't', value: 'Account' });
  });

  it('may stand on an abstract class', () => {
    @Entity({ discriminator: 'kind' })
    abstract class Shape {
      @Id() id!: ObjectId;
      abstract area(): number;
    }
    @Entity()
    class Square extends Shape {
      @Prop(() => Number) side = 1;
      area() {
        return this.side ** 2;
      }
    }
    expect([...entityMapOf(Square).discriminator!.variants.keys()]).toEqual(['Shape', 'Square']);
    expect(entityMapOf(Square).root).toBe(entityMapOf(Shape));
  });
});

describe('a discriminator of embedded classes', () => {
  function payments() {
    @Embedded({ discriminator: 'method' })
    class Payment {
      @Prop() amount!: number;
      @Prop(() => [Payment]) parts?: Payment[];
    }
    @Embedded()
    class Card extends Payment {
      @Prop() last4!: string;
    }
    @Embedded({ discriminatorValue: 'iban' })
    class Transfer extends Payment {
      @Prop() iban!: string;
      @Prop(() => Card) fallback?: Card;
    }
    return { Payment, Card, Transfer };
  }

  it.each([
    ['Payment', 'Card', 'Transfer'],
    ['Transfer', 'Card', 'Payment'],
    ['Card', 'Payment', 'Transfer'],
  ] as const)('makes one union, compiled in the order %s, %s, %s', (...order) => {
    const classes = payments();
    for (const name of order) embeddedMapOf(classes[name]);
    const map = embeddedMapOf(classes.Payment);
    expect([...map.discriminator!.variants.keys()]).toEqual(['Payment', 'Card', 'iban']);
    for (const name of order) {
      const one = embeddedMapOf(classes[name]);
      expect([...map.discriminator!.variants.values()]).toContain(one);
      expect(one.discriminator?.variants).toBe(map.discriminator?.variants);
      expect(Object.isFrozen(one)).toBe(true);
    }
  });
});

describe('a mistake in a discriminator', () => {
  it.each(['Bird', 'Eagle', 'Owl'])('is two classes with one value, found from %s', (first) => {
    @Entity({ discriminator: 'kind' })
    class Bird {
      @Id() id!: ObjectId;
    }
    @Entity({ discriminatorValue: 'raptor' })
    class Eagle extends Bird {}
    @Entity({ discriminatorValue: 'raptor' })
    class Owl extends Bird {}
    const classes: Record<string, ClassType> = { Bird, Eagle, Owl };
    const wanted = refused('Owl', undefined, /"raptor" of Eagle/, /another discriminatorValue/);
    expect(mistake(() => entityMapOf(classes[first]!))).toEqual(wanted);
    for (const type of Object.values(classes)) expect(mistake(() => entityMapOf(type))).toEqual(wanted);
  });

  it('is a value of the root itself', () => {
    @Embedded({ discriminator: 'kind' })
    class Node {}
    @Embedded({ discriminatorValue: 'Node' })
    class Leaf extends Node {}
    expect(mistake(() => embeddedMapOf(Leaf))).toEqual(refused('Leaf', undefined, /"Node" of Node/, /another/));
  });

  it('is a value without a discriminator', () => {
    @Entity({ discriminatorValue: 'x' })
    class Alone {
      @Id() id!: ObjectId;
    }
    expect(mistake(() => entityMapOf(Alone))).toEqual(
      refused('Alone', undefined, /neither it nor a base/, /base class/),
    );
  });

  it('is another discriminator, or another collection, below the first', () => {
    @Entity({ discriminator: 'kind' })
    class Base {
      @Id() id!: ObjectId;
    }
    @Entity({ discriminator: 'type' })
    class Other extends Base {}
    expect(mistake(() => entityMapOf(Other))).toEqual(refused('Other', 'kind', /not by "type"/, /base class only/));

    @Entity({ discriminator: 'kind' })
    class Root {
      @Id() id!: ObjectId;
    }
    @Entity('elsewhere')
    class Away extends Root {}
    expect(mistake(() => entityMapOf(Away))).toEqual(refused('Away', undefined, /"roots", that of Root/, /base class/));
  });

  it('is a property that is no string, the stored name of another, or no name', () => {
    @Entity({ discriminator: 'kind' })
    class Numbered {
      @Id() id!: ObjectId;
      @Prop() kind!: number;
    }
    expect(mistake(() => entityMapOf(Numbered))).toEqual(refused('Numbered', 'kind', /is a string/, /as string/));

    @Entity({ discriminator: 'k' })
    class Renamed {
      @Id() id!: ObjectId;
      @Prop({ name: 'k' }) kind!: string;
    }
    expect(mistake(() => entityMapOf(Renamed))).toEqual(refused('Renamed', 'k', /stored name of kind/, /"kind"/));

    for (const discriminator of ['', 'a.b', '$kind', 'a\0']) {
      @Embedded({ discriminator })
      class Unnamed {}
      expect(mistake(() => embeddedMapOf(Unnamed))).toEqual(refused('Unnamed', discriminator, /empty, starts/, /name/));
    }
  });

  it('in one class leaves no class of the family half-made', () => {
    let shardKey: Record<string, 1> = { nowhere: 1 };
    @Entity({ discriminator: 'kind' })
    class Root {
      @Id() id!: ObjectId;
    }
    @Entity({
      get shardKey() {
        return shardKey;
      },
    })
    class Broken extends Root {}
    for (const type of [Broken, Root, Broken]) {
      expect(mistake(() => entityMapOf(type))).toEqual(refused('Broken', 'nowhere', /shardKey names it/, /@Prop/));
    }
    shardKey = { id: 1 };
    expect(entityMapOf(Root).discriminator?.variants.get('Broken')).toBe(entityMapOf(Broken));
  });
});
