import { describe, expect, it } from '@jest/globals';
import { Binary, Decimal128, Long, ObjectId, UUID } from 'mongodb';
import { Embedded, Entity, Id, Prop, embeddedMapOf, entityMapOf, type ValueType } from '../../../lib/mapping/index.js';
import { Author } from './circular/author.js';
import { Book } from './circular/book.js';

enum Colour {
  Red = 'red',
  Blue = 'blue',
}
enum Level {
  Low,
  High,
  Odd = -1.5,
}
enum Mixed {
  None = 0,
  Some = 'some',
}

@Embedded()
class Address {
  @Prop() city!: string;
}

@Embedded()
class Comment {
  @Prop() text!: string;
  @Prop(() => [Comment]) replies!: Comment[];
  @Prop(() => Comment) parent?: Comment;
}

@Entity()
class Reflected {
  @Id() id!: ObjectId;
  @Prop() string!: string;
  @Prop() number!: number;
  @Prop() boolean!: boolean;
  @Prop() date!: Date;
  @Prop() decimal128!: Decimal128;
  @Prop() bigint!: bigint;
  @Prop() long!: Long;
  @Prop() binary!: Binary;
  @Prop() buffer!: Buffer;
  @Prop() bytes!: Uint8Array;
  @Prop() uuid!: UUID;
  @Prop() regexp!: RegExp;
  @Prop() embedded!: Address;
  @Prop() optional?: string;
  @Prop() union!: 'a' | 'b';
  @Prop({ enum: Colour }) colour!: Colour;
  @Prop({ enum: Level }) level!: Level;
  @Prop({ enum: Mixed }) mixed!: Mixed;
  @Prop({ enum: ['a', 'b'] }) list!: string;
  @Prop({ enum: [1, 2] }) numbers!: 1 | 2;
}

@Entity()
class Declared {
  @Id({ type: UUID }) id: unknown;
  @Prop(() => String) string: unknown;
  @Prop(() => Date, { nullable: true }) orNull!: Date | null;
  @Prop({ type: String }) sameString: unknown;
  @Prop(() => Number) number: unknown;
  @Prop(() => Boolean) boolean: unknown;
  @Prop(() => Date) date: unknown;
  @Prop(() => ObjectId) objectId: unknown;
  @Prop(() => Decimal128) decimal128: unknown;
  @Prop(() => BigInt) bigint: unknown;
  @Prop(() => Long) long: unknown;
  @Prop(() => Binary) binary: unknown;
  @Prop(() => Buffer) buffer: unknown;
  @Prop(() => Uint8Array) bytes: unknown;
  @Prop(() => UUID) uuid: unknown;
  @Prop(() => RegExp) regexp: unknown;
  @Prop(() => Address) embedded: unknown;
  @Prop(() => Object) thing: unknown;
  @Prop({ type: Object }) free!: Record<string, unknown>;
  @Prop(() => [String]) strings!: string[];
  @Prop({ type: [Number] }) numbers!: number[];
  @Prop(() => [[Number]]) matrix!: number[][];
  @Prop(() => [[[Address]]]) deep!: Address[][][];
  @Prop(() => [Address]) addresses!: Address[];
  @Prop(() => [Object]) things!: unknown[];
  @Prop({ type: Map, of: Number }) stock!: Map<string, number>;
  @Prop({ type: Map, of: () => Address }) homes!: Map<string, Address>;
  @Prop({ type: Map, of: [Number] }) series!: Map<string, number[]>;
  @Prop({ type: Map, of: () => [Address] }) streets!: Map<string, Address[]>;
  @Prop({ of: String }) labels!: Map<string, string>;
  @Prop({ type: Set, of: String }) tags!: Set<string>;
  @Prop({ of: ObjectId }) friends!: Set<ObjectId>;
  @Prop(() => [Map], { of: Number }) maps!: Map<string, number>[];
  @Prop({ type: () => [Set], of: () => Date }) sets!: Set<Date>[];
  @Prop({ type: [String], enum: Colour }) colours!: Colour[];
}

/** A type in short: `[number]` for an array, `Map<number>`, the class's name for an embedded one. */
function inShort(type: ValueType): string {
  switch (type.kind) {
    case 'array':
      return `[${inShort(type.of)}]`;
    case 'set':
      return `Set<${inShort(type.of)}>`;
    case 'map':
      return `Map<${inShort(type.of)}>`;
    case 'embedded':
      return type.map.name;
    default:
      return type.kind;
  }
}

function typesOf(target: typeof Reflected | typeof Declared): Record<string, string> {
  return Object.fromEntries(entityMapOf(target).fields.map(({ property, type }) => [property, inShort(type)]));
}

describe('the type of a field', () => {
  it('is inferred where reflection can tell it', () => {
    expect(typesOf(Reflected)).toEqual({
      id: 'objectId',
      string: 'string',
      number: 'number',
      boolean: 'boolean',
      date: 'date',
      decimal128: 'decimal128',
      bigint: 'bigint',
      long: 'long',
      binary: 'binary',
      buffer: 'buffer',
      bytes: 'buffer',
      uuid: 'uuid',
      regexp: 'regexp',
      embedded: 'Address',
      optional: 'string',
      union: 'string',
      colour: 'string',
      level: 'number',
      mixed: 'any',
      list: 'string',
      numbers: 'number',
    });
  });

  it('is what a thunk or an option says', () => {
    expect(typesOf(Declared)).toEqual({
      id: 'uuid',
      string: 'string',
      orNull: 'date',
      sameString: 'string',
      number: 'number',
      boolean: 'boolean',
      date: 'date',
      objectId: 'objectId',
      decimal128: 'decimal128',
      bigint: 'bigint',
      long: 'long',
      binary: 'binary',
      buffer: 'buffer',
      bytes: 'buffer',
      uuid: 'uuid',
      regexp: 'regexp',
      embedded: 'Address',
      thing: 'any',
      free: 'any',
      strings: '[string]',
      numbers: '[number]',
      matrix: '[[number]]',
      deep: '[[[Address]]]',
      addresses: '[Address]',
      things: '[any]',
      stock: 'Map<number>',
      homes: 'Map<Address>',
      series: 'Map<[number]>',
      streets: 'Map<[Address]>',
      labels: 'Map<string>',
      tags: 'Set<string>',
      friends: 'Set<objectId>',
      maps: '[Map<number>]',
      sets: '[Set<date>]',
      colours: '[string]',
    });
  });

  it('may be a class that contains itself', () => {
    const map = embeddedMapOf(Comment);
    const [, replies, parent] = map.fields;
    expect(replies?.type).toEqual({ kind: 'array', of: { kind: 'embedded', map } });
    expect(parent?.type).toEqual({ kind: 'embedded', map });
    expect((parent?.type as { map: unknown }).map).toBe(map);
  });

  it('may be a class whose file imports this one', () => {
    expect(inShort(entityMapOf(Author).byProperty.get('books')!.type)).toBe('[Book]');
    expect(inShort(embeddedMapOf(Book).byProperty.get('sequel')!.type)).toBe('Book');
    expect(inShort(embeddedMapOf(Book).byProperty.get('note')!.type)).toBe('Note');
  });
});

describe('an enum', () => {
  const allowed = (property: string) => [...(entityMapOf(Reflected).byProperty.get(property)!.enum ?? [])];

  it('allows the values of a TypeScript enum, and not its names', () => {
    expect(allowed('colour')).toEqual(['red', 'blue']);
    expect(allowed('level')).toEqual([0, 1, -1.5]);
    expect(allowed('mixed')).toEqual([0, 'some']);
  });

  it('allows the values of a list', () => {
    expect(allowed('list')).toEqual(['a', 'b']);
    expect(allowed('numbers')).toEqual([1, 2]);
  });

  it('allows the values of an object whose names look like numbers', () => {
    @Entity()
    class Race {
      @Id() id!: ObjectId;
      @Prop({ enum: { '1st': 'first', 2: 'second' } }) place!: string;
    }
    expect([...entityMapOf(Race).byProperty.get('place')!.enum!]).toEqual(['second', 'first']);
  });
});
