import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { isCowError } from '../../../lib/errors/index.js';
import {
  Embedded,
  Entity,
  Id,
  Index,
  Prop,
  embeddedMapOf,
  entityMapOf,
  storedPath,
} from '../../../lib/mapping/index.js';
import { mistake, refused } from './mistake.js';

@Embedded()
class Place {
  @Prop({ name: 'c' }) city!: string;
  @Prop({ type: Object }) geo: unknown;
}

@Embedded({ discriminator: 'kind' })
class Item {
  @Prop({ name: 's' }) sku!: string;
  @Prop(() => [Place], { name: 'from' }) origins!: Place[];
}
@Embedded()
class Service extends Item {
  @Prop({ name: 'h' }) hours!: number;
}

@Index({ placedAt: -1 })
class Base {
  @Id() id!: ObjectId;
  @Prop({ name: 'at' }) placedAt!: Date;
}

@Entity()
@Index({ 'items.sku': 1, placedAt: -1 }, { unique: true, name: 'by_sku' })
@Index({ 'home.geo': '2dsphere' })
@Index({ note: 'text' })
class Order extends Base {
  @Prop({ name: 'i', type: () => [Item] }) items!: Item[];
  @Prop({ index: true, name: 'h' }) home!: Place;
  @Prop({ unique: true, name: 'm' }) email!: string;
  @Prop({ index: true, unique: true }) code!: string;
  @Prop() note!: string;
  @Prop({ type: Map, of: Place, name: 'p' }) places!: Map<string, Place>;
  @Prop(() => [[Item]]) matrix!: Item[][];
  @Prop({ type: Set, of: String }) tags!: Set<string>;
}

describe('indexes', () => {
  it('are declared by property names and compiled to stored ones, dotted into embedded values', () => {
    expect(entityMapOf(Order).indexes).toEqual([
      { key: { at: -1 }, options: {} },
      { key: { note: 'text' }, options: {} },
      { key: { 'h.geo': '2dsphere' }, options: {} },
      { key: { 'i.s': 1, at: -1 }, options: { unique: true, name: 'by_sku' } },
      { key: { h: 1 }, options: {} },
      { key: { m: 1 }, options: { unique: true } },
      { key: { code: 1 }, options: { unique: true } },
    ]);
    expect(Object.keys(entityMapOf(Order).indexes[3]!.key)).toEqual(['i.s', 'at']);
  });

  it('name declared fields only', () => {
    @Entity()
    @Index({ custmer: 1 })
    class Typo {
      @Id() id!: ObjectId;
      @Prop() customer!: string;
    }
    expect(mistake(() => entityMapOf(Typo))).toEqual(refused('Typo', 'custmer', /index names it/, /customer/));

    @Entity()
    @Index({ 'home.street': 1 })
    class Deep {
      @Id() id!: ObjectId;
      @Prop() home!: Place;
    }
    expect(mistake(() => entityMapOf(Deep))).toEqual(refused('Deep', 'home.street', /index names it/, /city, geo/));
  });

  it('are no matter of embedded classes, which have no collection', () => {
    @Embedded()
    class Short {
      @Prop({ index: true }) sku!: string;
    }
    @Embedded()
    @Index({ sku: 1 })
    class Long {
      @Prop() sku!: string;
    }
    for (const type of [Short, Long]) {
      expect(mistake(() => embeddedMapOf(type))).toEqual(
        refused(type.name, 'sku', /embedded class cannot declare an index/, /@Index\({ 'items\.sku': 1 }\)/),
      );
    }
  });
});

describe('a path', () => {
  const stored = (path: string) => storedPath(entityMapOf(Order), path).stored;

  it('leads to what the database knows', () => {
    expect(stored('id')).toBe('_id');
    expect(stored('items')).toBe('i');
    expect(stored('items.sku')).toBe('i.s');
    expect(stored('items.0.sku')).toBe('i.0.s');
    expect(stored('items.origins.city')).toBe('i.from.c');
    expect(stored('items.2.origins.10.city')).toBe('i.2.from.10.c');
    expect(stored('matrix.0.1.sku')).toBe('matrix.0.1.s');
    expect(stored('matrix.sku')).toBe('matrix.s');
    expect(stored('places.home.city')).toBe('p.home.c');
    expect(stored('home.geo.type.whatever')).toBe('h.geo.type.whatever');
    expect(stored('tags.3')).toBe('tags.3');
  });

  it('reaches the fields of every class of a union', () => {
    expect(stored('items.hours')).toBe('i.h');
    expect(embeddedMapOf(Service).discriminator?.value).toBe('Service');
  });

  it('says the type at its end and the field that it starts from', () => {
    const { type, root } = storedPath(entityMapOf(Order), 'items.origins.city');
    expect(type).toEqual({ kind: 'string' });
    expect(root).toBe(entityMapOf(Order).byProperty.get('items'));
  });

  it.each([
    '',
    '.',
    'i',
    '_id',
    'nothing',
    'items.',
    'items..sku',
    'items.s',
    'note.length',
    'note.0',
    '$where',
    'places.$gt',
    'home.geo.$gt',
    'constructor',
    '__proto__',
  ])('to nowhere (%j) is refused', (path) => {
    const error = mistake(() => stored(path));
    expect(isCowError(error, 'InvalidQuery')).toBe(true);
    expect(error.field).toBe(path);
  });
});
