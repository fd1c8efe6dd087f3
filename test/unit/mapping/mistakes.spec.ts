import { describe, expect, it } from '@jest/globals';
import { MinKey, ObjectId } from 'mongodb';
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
  type ClassType,
  type PropOptions,
} from '../../../lib/mapping/index.js';
import { mistake, refused } from './mistake.js';

const NO_REFLECTION = Symbol('no reflection');

/** An entity named `Bad` whose property `field` has these options and this type by reflection. */
function withField(options: PropOptions, designType: unknown = Object): ClassType {
  class Bad {
    id!: ObjectId;
    field: unknown;
  }
  Reflect.defineMetadata('design:type', ObjectId, Bad.prototype, 'id');
  if (designType !== NO_REFLECTION) Reflect.defineMetadata('design:type', designType, Bad.prototype, 'field');
  Id()(Bad.prototype, 'id');
  Prop(options)(Bad.prototype, 'field');
  Entity()(Bad);
  return Bad;
}

class NotEmbedded {}

@Entity()
class Customer {
  @Id() id!: ObjectId;
}

const late = (): never => {
  throw new ReferenceError("Cannot access 'Late' before initialization");
};

describe('a type that cannot be known', () => {
  it.each<[string, PropOptions, unknown, RegExp, RegExp]>([
    ['a union', {}, Object, /type cannot be known/, /Write the type out, or @Prop\(\(\) => Type\)/],
    ['no reflection at all', {}, NO_REFLECTION, /type cannot be known/, /emitDecoratorMetadata/],
    ['an array', {}, Array, /element type of an array/, /@Prop\(\(\) => \[Type\]\)/],
    ['an empty array type', { type: [] }, Array, /exactly one element type/, /\[Type\]/],
    ['two element types', { type: [String, Number] }, Array, /exactly one element type/, /\[Type\]/],
    ['an element type that is undefined yet', { type: [undefined as never] }, Array, /cannot be known/, /=> Type/],
    ['a Map', {}, Map, /what the Map contains/, /{ type: Map, of: Number }/],
    ['a Set', { type: Set }, Object, /what the Set contains/, /{ type: Set, of: Number }/],
    ['a Map of Maps', { type: Map, of: Map }, Map, /what the Map contains/, /@Embedded\(\) class/],
    ['a Set of Maps', { type: () => Set, of: () => [Map] }, Set, /what the Map contains/, /@Embedded\(\) class/],
    ['a function', {}, Function, /Function is neither a stored type/, /@Embedded\(\)/],
    ['a symbol', {}, Symbol, /Symbol is neither a stored type/, /@Embedded\(\)/],
    ['a plain class', {}, NotEmbedded, /NotEmbedded is neither a stored type/, /@Embedded\(\) above NotEmbedded/],
    ['a plain class in a thunk', { type: () => [NotEmbedded] }, Array, /NotEmbedded is neither/, /{ type: Object }/],
    ['an unnamed class', { type: () => class {} }, Object, /neither a stored type/, /{ type: Object }/],
    ['a deprecated class', { type: () => MinKey as never }, Object, /MinKey is neither/, /{ type: Object }/],
    ['an entity', {}, Customer, /Customer is an entity/, /Store its id/],
    ['a thunk of nothing', { type: () => undefined as never }, Object, /type cannot be known/, /circular imports/],
    ['a thunk that is too early', { type: late }, Object, /could not be learnt \(ReferenceError/, /loaded by then/],
    ['text', { type: 'String' as never }, Object, /type cannot be known/, /@Prop/],
    ['an enum without values', { enum: [] }, String, /enum has no values/, /circular imports/],
    ['an enum that is undefined', { enum: undefined }, Object, /enum has no values/, /circular imports/],
  ])('%s', (_case, options, designType, reason, remedy) => {
    expect(mistake(() => entityMapOf(withField(options, designType)))).toEqual(refused('Bad', 'field', reason, remedy));
  });
});

describe('a stored name that MongoDB could not address', () => {
  it.each(['', '$total', 'a.b', '.', 'a\0b', '\ud800'])('%j', (name) => {
    expect(mistake(() => entityMapOf(withField({ name }, String)))).toEqual(
      refused('Bad', 'field', /stored name ".*" is empty, starts with "\$"/s, /another name/),
    );
  });

  it('is given to the property itself', () => {
    @Embedded()
    class Odd {
      @Prop() 'a.b': string;
    }
    expect(mistake(() => embeddedMapOf(Odd))).toEqual(refused('Odd', 'a.b', /stored name/, /another name/));
  });

  it.each(['étage', 'a b', 'a$', '-', '0', 'toString', '\x07'])('is not %j', (name) => {
    expect(entityMapOf(withField({ name }, String)).byStored.get(name)?.property).toBe('field');
  });
});

describe('names and roles that clash', () => {
  it('are two fields of one stored name', () => {
    @Entity()
    class Order {
      @Id() id!: ObjectId;
      @Prop({ name: 'x' }) a!: string;
      @Prop({ name: 'x' }) b!: string;
    }
    expect(mistake(() => entityMapOf(Order))).toEqual(refused('Order', 'b', /stored name "x" of a/, /another name/));
  });

  it('are a field named as another property, or as the id', () => {
    @Embedded()
    class Line {
      @Prop() sku!: string;
      @Prop({ name: 'sku' }) code!: string;
    }
    expect(mistake(() => embeddedMapOf(Line))).toEqual(refused('Line', 'code', /"sku" of sku/, /another name/));
    @Entity()
    class Order {
      @Prop({ name: '_id' }) number!: string;
      @Id() id!: ObjectId;
    }
    expect(mistake(() => entityMapOf(Order))).toEqual(refused('Order', 'id', /"_id" of number/, /another name/));
  });

  it('are no id, and two ids', () => {
    @Entity()
    class None {
      @Prop({ name: '_id' }) id!: string;
    }
    expect(mistake(() => entityMapOf(None))).toEqual(refused('None', undefined, /it has no id/, /@Id\(\) id!/));
    @Entity()
    class Two {
      @Id() one!: ObjectId;
      @Id() two!: ObjectId;
    }
    expect(mistake(() => entityMapOf(Two))).toEqual(refused('Two', 'two', /one has the role "id"/, /Keep one/));
  });

  it('are two versions, and two roles of one property', () => {
    @Entity()
    class Two extends Customer {
      @Version() v1!: number;
      @Version() v2!: number;
    }
    expect(mistake(() => entityMapOf(Two))).toEqual(refused('Two', 'v2', /v1 has the role "version"/, /Keep one/));
    const declare = () => {
      class Both {
        @CreatedAt() @UpdatedAt() at!: Date;
      }
      return Both;
    };
    expect(mistake(declare)).toEqual(refused('Both', 'at', /two roles, "updatedAt" and "createdAt"/, /Keep one/));
  });

  it.each(['above', 'below'])('are another name for the id, with @Prop() %s', (order) => {
    class Order {
      id!: string;
    }
    Reflect.defineMetadata('design:type', String, Order.prototype, 'id');
    const decorators = [Prop({ name: 'number' }), Id()];
    for (const decorate of order === 'above' ? decorators.reverse() : decorators) decorate(Order.prototype, 'id');
    Entity()(Order);
    expect(mistake(() => entityMapOf(Order))).toEqual(refused('Order', 'id', /"number" is given to the id/, /as _id/));
  });
});

describe('a role that its property cannot have', () => {
  it('is an id of a type that identifies nothing', () => {
    for (const type of [Date, Boolean, Object, [String], RegExp]) {
      class Bad {
        id: unknown;
      }
      Id({ type: type as typeof Date })(Bad.prototype, 'id');
      Entity()(Bad);
      expect(mistake(() => entityMapOf(Bad))).toEqual(refused('Bad', 'id', /cannot have this type/, /ObjectId, UUID/));
    }
  });

  it('is a version that is no number, or a time that is no Date', () => {
    @Entity()
    class A extends Customer {
      @Version() version!: string;
    }
    @Entity()
    class B extends Customer {
      @UpdatedAt() at!: number;
    }
    expect(mistake(() => entityMapOf(A))).toEqual(refused('A', 'version', /type number/, /as number/));
    expect(mistake(() => entityMapOf(B))).toEqual(refused('B', 'at', /type Date/, /as Date/));
  });

  it('is one of an embedded class, which is no document', () => {
    @Embedded()
    class Line {
      @Prop() sku!: string;
      @Version() version!: number;
    }
    @Embedded()
    class Note {
      @CreatedAt() at!: Date;
    }
    expect(mistake(() => embeddedMapOf(Line))).toEqual(refused('Line', 'version', /no version of its own/, /entity/));
    expect(mistake(() => embeddedMapOf(Note))).toEqual(refused('Note', 'at', /no createdAt of its own/, /plain @Prop/));
  });

  it('is a merge policy that does not fit, or that is none', () => {
    const remedies: [PropOptions, unknown, RegExp][] = [
      [{ merge: 'sum' }, String, /number, bigint, long, decimal128/],
      [{ merge: 'sum' }, Date, /number, bigint, long, decimal128/],
      [{ merge: 'max' }, Boolean, /decimal128, date/],
      [{ merge: 'set', type: Map, of: String }, Map, /array, set/],
      [{ merge: 'total' as never }, Number, /sum, max, min or set/],
      [{ merge: 'toString' as never }, Number, /sum, max, min or set/],
    ];
    for (const [options, designType, remedy] of remedies) {
      expect(mistake(() => entityMapOf(withField(options, designType)))).toEqual(
        refused('Bad', 'field', /does not fit its type/, remedy),
      );
    }
    @Entity()
    class Counted extends Customer {
      @Version() @Prop({ merge: 'sum' }) version!: number;
    }
    expect(mistake(() => entityMapOf(Counted))).toEqual(
      refused('Counted', 'version', /itself keeps its version/, /out/),
    );
  });

  it('is a key that is not declared, or that is a container', () => {
    @Embedded({ key: 'sku' })
    class Line {
      @Prop() code!: string;
    }
    expect(mistake(() => embeddedMapOf(Line))).toEqual(refused('Line', 'sku', /key names it/, /has @Prop\(\)/));
    @Embedded({ key: 'tags' })
    class Tagged {
      @Prop(() => [String]) tags!: string[];
    }
    expect(mistake(() => embeddedMapOf(Tagged))).toEqual(refused('Tagged', 'tags', /identifies an element/, /string/));
  });

  it('is a shard key that is not declared', () => {
    @Entity({ shardKey: { tenant: 1 } })
    class Order extends Customer {}
    expect(mistake(() => entityMapOf(Order))).toEqual(refused('Order', 'tenant', /shardKey names it/, /has @Prop\(\)/));
  });
});

describe('a default that does not fit', () => {
  enum Colour {
    Red = 'red',
  }
  it.each<[PropOptions, unknown, RegExp]>([
    [{ default: '5' }, Number, /default is not a number/],
    [{ default: 5 }, BigInt, /default is not a bigint/],
    [{ default: '2020-01-01' }, Date, /default is not a valid Date/],
    [{ type: [String], default: 'a' }, Array, /default is not an array of a string/],
    [{ type: Set, of: String, default: [] }, Set, /default is not a Set/],
    [{ type: Map, of: String, default: {} }, Map, /default is not a Map/],
    [{ default: '507f1f77bcf86cd799439011' }, ObjectId, /default is not an ObjectId/],
    [{ enum: Colour, default: 'green' }, String, /default is not a string of its enum/],
    [{ enum: Colour, type: [String], default: ['red', 'green'] }, Array, /of its enum/],
    [{ default: null }, String, /default is null/],
  ])('%j', (options, designType, reason) => {
    expect(mistake(() => entityMapOf(withField(options, designType)))).toEqual(
      refused('Bad', 'field', reason, /Give|nullable: true/),
    );
  });

  it('is set by a field initialiser', () => {
    @Entity()
    class Order extends Customer {
      @Prop(() => Date) shippedAt: Date | null = null;
    }
    expect(mistake(() => entityMapOf(Order))).toEqual(
      refused('Order', 'shippedAt', /default is null/, /nullable: true/),
    );
  });
});

describe('a class that cannot be an entity', () => {
  it.each<[unknown, string]>([
    [NotEmbedded, 'NotEmbedded is no entity'],
    [class {}, 'An unnamed class is no entity'],
    [String, 'String is no entity'],
    [() => Customer, 'An unnamed class is no entity'],
    [undefined, 'undefined is no entity. Files that import each other'],
    [null, 'A value of the type object is no entity'],
    ['Order', 'A value of the type string is no entity'],
    [Object.create(null), 'A value of the type object is no entity'],
  ])('%p', (target, message) => {
    expect(mistake(() => entityMapOf(target as ClassType))).toMatchObject({
      code: 'NotAnEntity',
      message: expect.stringContaining(message),
    });
  });

  it('is an embedded class, and a subclass of an entity that is not decorated', () => {
    @Embedded()
    class Line {}
    class Special extends Customer {}
    expect(mistake(() => entityMapOf(Line)).message).toMatch(/^Line is no entity\. Put @Entity\(\)/);
    expect(mistake(() => entityMapOf(Special)).message).toMatch(/^Special is no entity/);
  });

  it('names a collection that cannot be', () => {
    for (const collection of ['', 'a$b', 'a\0']) {
      @Entity({ collection })
      class Order extends Customer {}
      expect(mistake(() => entityMapOf(Order))).toEqual(refused('Order', undefined, /collection name/, /another name/));
    }
  });
});

describe('a decorator at the wrong place', () => {
  it('stands above a static member', () => {
    const declare = () => {
      class Order {
        @Prop() static count: number;
      }
      return Order;
    };
    expect(mistake(declare)).toEqual(refused('Order', 'count', /static member/, /property of the instance/));
  });

  it('stands above a symbol', () => {
    const key = Symbol('secret');
    const declare = () => {
      class Order {
        @Prop() [key]!: string;
      }
      return Order;
    };
    expect(mistake(declare)).toEqual(refused('Order', 'Symbol(secret)', /symbol cannot/, /string/));
  });

  it('stands above a getter, a setter or a method, in the class or above one of a base', () => {
    @Entity()
    class Getter extends Customer {
      @Prop() get total(): number {
        return 1;
      }
    }
    class Base extends Customer {
      set total(_: number) {}
    }
    @Entity()
    class Setter extends Base {}
    Reflect.defineMetadata('design:type', Number, Setter.prototype, 'total');
    Prop()(Setter.prototype, 'total');
    @Entity()
    class Method extends Customer {
      @Prop() total(): void {}
    }
    expect(mistake(() => entityMapOf(Getter))).toEqual(
      refused('Getter', 'total', /getter or setter/, /plain property/),
    );
    expect(mistake(() => entityMapOf(Setter))).toEqual(
      refused('Setter', 'total', /getter or setter/, /plain property/),
    );
    expect(mistake(() => entityMapOf(Method))).toEqual(refused('Method', 'total', /Function is neither/, /@Embedded/));
  });

  it('is called in the way of the new standard', () => {
    const decorate = Prop() as unknown as (value: undefined, context: object) => void;
    expect(mistake(() => decorate(undefined, { kind: 'field', name: 'total' }))).toMatchObject({
      code: 'InvalidMapping',
      field: 'total',
      remedy: expect.stringMatching(/experimentalDecorators/),
    });
  });
});
