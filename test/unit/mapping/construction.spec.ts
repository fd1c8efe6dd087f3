import { describe, expect, it } from '@jest/globals';
import { runInThisContext } from 'node:vm';
import { ObjectId } from 'mongodb';
import ts from 'typescript';
import { hiddenMember } from '../../../lib/mapping/class-checks.js';
import { membersOf, withoutText } from '../../../lib/mapping/class-source.js';
import { Embedded, Entity, Id, Prop, embeddedMapOf, entityMapOf, type ClassType } from '../../../lib/mapping/index.js';
import { mistake, refused } from './mistake.js';

class WithId {
  @Id() id!: ObjectId;
}

/** The map of the class as an embedded one. */
function compile(type: ClassType): unknown {
  Embedded()(type);
  return embeddedMapOf(type);
}

/** A class as TypeScript writes it for a target. */
function compiledFor(target: ts.ScriptTarget, source: string): ClassType {
  const { outputText } = ts.transpileModule(`const made = ${source};`, { compilerOptions: { target } });
  return runInThisContext(`(() => { ${outputText}; return made; })()`) as ClassType;
}

describe('members that only a constructor could make', () => {
  const privates = [
    'class Order { #secret = 1; read() { return this.#secret; } }',
    'class Order { #secret; constructor() { this.#secret = 2; } }',
    'class Order { total = 0; #hidden() { return this.total; } read() { return this.#hidden(); } }',
    'class Order { get #hidden() { return 1; } read() { return this.#hidden; } }',
    'class Order { async #hidden() {} async read() { await this.#hidden(); } }',
    'class Order { static count = 0; static { Order.count = 1; } #secret = 1; read() { return this.#secret; } }',
    'class Order { #é = 1; read() { return #é in this; } }',
  ];
  const targets = [ts.ScriptTarget.ES2015, ts.ScriptTarget.ES2021, ts.ScriptTarget.ES2022, ts.ScriptTarget.ESNext];

  it.each(targets.flatMap((target) => privates.map((source) => [ts.ScriptTarget[target], source, target] as const)))(
    '#private in %s: %s',
    (_name, source, target) => {
      expect(mistake(() => compile(compiledFor(target, source)))).toEqual(
        refused('Order', undefined, /Order has #private members/, /TypeScript’s `private`/),
      );
    },
  );

  it.each(targets.map((target) => [ts.ScriptTarget[target], target] as const))('accessor in %s', (_name, target) => {
    const source = 'class Order { accessor total = 1; }';
    if (target === ts.ScriptTarget.ESNext)
      expect(hiddenMember(source, 'Order')).toBe('accessor'); // no Node parses it yet
    else {
      expect(mistake(() => compile(compiledFor(target, source)))).toEqual(
        refused('Order', undefined, /Order has `accessor` members/, /plain property, or a getter/),
      );
    }
  });

  it('are found in base classes, decorated or not', () => {
    class Base {
      #secret = 1;
      read() {
        return this.#secret;
      }
    }
    @Entity()
    class Order extends Base {
      @Id() id!: ObjectId;
    }
    expect(mistake(() => entityMapOf(Order))).toEqual(refused('Order', undefined, /Base has #private/, /private/));
  });

  it.each([
    // As esbuild, SWC and Babel write `#secret = 1` for older targets.
    'class Order { constructor() { __privateAdd(this, _secret, 1); } }',
    'class Order { constructor() { _class_private_field_init(this, _secret, { writable: true, value: 1 }); } }',
    'class Order { constructor() { (0, _class_private_field_init._)(this, _secret, { value: 1 }); } }',
    'class Order { constructor() { _class_private_method_init(this, _read); } }',
    'class Order { constructor() { _classPrivateFieldInitSpec(this, _secret, 1); } }',
    'class Order { constructor() { _classPrivateMethodInitSpec(this, _read); } }',
  ])('are found as other compilers write them: %s', (source) => {
    expect(hiddenMember(source, 'Order')).toBe('private');
  });

  it.each([
    'class Order { constructor(a) { this.a = a } static #count = 0; static next() { return ++Order.#count; } }',
    'class Order { static async #load() {} static *#all() {} static get #n() { return 1; } static set #n(v) {} }',
    'class Order { static { this.x = 1; } static #y; z = Order.#y; }',
    'class Order { static accessor count = 0; }',
    'class Order { accessor; other = 1; }',
    'class Order { accessor = 1; get accessor2() { return this.accessor; } }',
    'class Order { accessor() { return 1; } }',
    'class Order { text = "#a"; other = \'#b\'; }',
    'class Order { text = "\\"#a"; other = \'it\\\'s #b\'; "#quoted" = 1; \'#too\'() {} }',
    'class Order { /* #a */ // #b\n x = 1; /** it’s #c */ }',
    'class Order { pattern = /#a/; other = /[/#]\\/#/g; }',
    'class Order { test() { return /#a/.test("x"); } }',
    'class Order { if(x) { if (x) /["#{]/.test(x); } }',
    'class Order { half = (a) / 2; text = "#"; third = a / 3; }',
    'class Order { n = i++ / 2; m = "/ #x"; }',
    'class Order { text = `#a ${1 + 1} #b`; }',
    'class Order { text = `${x ? `#a ${`#b`} }` : "}"} #c`; }',
    'class Order { text = `\\`#a\\${`; other = 1; }',
    'class Order { helper() { return class { #own = 1; read() { return this.#own; } }; } }',
    'class Order { static Helper = class { #own = 1; }; list = [class { #own; }]; }',
    'class Order extends mixin({ a: { b: 1 } }) { x = 1; }',
    'class Order extends class { } { x = 1; }',
    'class Order { check() { _cache.set(this, 1); _Other_x.set(this, 1); } }',
    'class Order { colour = "#fff" }',
    'function Order() { this.text = "#a"; }',
    'class Order {}',
  ])('are not: %s', (source) => {
    expect(hiddenMember(source, 'Order')).toBeUndefined();
  });

  it('are not static ones, whatever the target', () => {
    const source = `class Order {
      static #count = 0;
      static #next() { return ++Order.#count; }
      static next() { return Order.#next(); }
    }`;
    for (const target of targets) expect(compile(compiledFor(target, source))).toMatchObject({ name: 'Order' });
  });
});

describe('the source of a class', () => {
  it('keeps its length when its text is blanked', () => {
    const source = 'class A { a = "x{"; /* { */ b = `${"}"}{`; c = /[{/]/g.test(`}`) / 2; }';
    const code = withoutText(source);
    expect(code).toHaveLength(source.length);
    expect(code.replace(/ +/g, ' ')).toBe('class A { a = ; b = ; c = .test( ) / 2; }');
  });

  it('has members, without what nests in them', () => {
    expect(
      membersOf('class A extends B({}) { a = f({ x: [1] }); b() { c(); } static { d(); } }').replace(/ +/g, ' '),
    ).toBe(' a = f(); b() {} static {} ');
    expect(membersOf('class A {}')).toBe('');
  });

  it('survives what is not closed', () => {
    for (const source of ['class A { a = `', 'class A { a = "', 'class A { /*', 'class A { `${', '}', '', 'class']) {
      expect(() => membersOf(withoutText(source))).not.toThrow();
    }
  });
});

describe('a constructor', () => {
  it('with parameters needs a factory', () => {
    @Entity()
    class Order extends WithId {
      constructor(readonly customer: string) {
        super();
      }
    }
    expect(mistake(() => entityMapOf(Order))).toEqual(
      refused('Order', undefined, /constructor has parameters/, /@Entity\({ create: \(data\) => new/),
    );
    @Entity({ create: (data) => new Made(String(data.customer)) })
    class Made extends WithId {
      @Prop() customer: string;
      constructor(customer: string) {
        super();
        this.customer = customer;
      }
    }
    expect(entityMapOf(Made).create?.({ customer: 'Ada' })).toEqual(expect.objectContaining({ customer: 'Ada' }));
  });

  it('with parameters is found where it is inherited', () => {
    class Base {
      @Id() id!: ObjectId;
      name: string;
      constructor(name: string) {
        this.name = name;
      }
    }
    @Entity()
    class Inherited extends Base {
      @Prop() total!: number;
    }
    @Entity()
    class Own extends Base {
      constructor() {
        super('fixed');
      }
    }
    expect(mistake(() => entityMapOf(Inherited))).toEqual(refused('Inherited', undefined, /has parameters/, /factory/));
    expect(entityMapOf(Own).name).toBe('Own');
  });

  it('with optional parameters only is none', () => {
    @Entity()
    class Order extends WithId {
      @Prop() customer: string;
      constructor(customer = 'nobody', ...more: string[]) {
        super();
        this.customer = customer + more.join('');
      }
    }
    expect(entityMapOf(Order).defaults.get('customer')).toBe('nobody');
  });

  it('that throws is named, its error kept', () => {
    @Entity()
    class Order extends WithId {
      constructor() {
        super();
        throw new Error('no database');
      }
    }
    const error = mistake(() => entityMapOf(Order));
    expect(error).toEqual(refused('Order', undefined, /threw.*no database/, /without parameters, or give the option/));
    expect(error.cause).toEqual(new Error('no database'));
  });

  it('cannot give functions to its instances', () => {
    @Entity()
    class Order extends WithId {
      @Prop() total!: number;
      twice = () => this.total * 2;
    }
    @Embedded()
    class Line {
      bound = this.plain.bind(this);
      plain() {}
    }
    expect(mistake(() => entityMapOf(Order))).toEqual(refused('Order', 'twice', /function set by the/, /as a method/));
    expect(mistake(() => embeddedMapOf(Line))).toEqual(refused('Line', 'bound', /function set by the/, /as a method/));
  });

  it('is replaced by a factory that makes an instance, and nothing else', () => {
    for (const create of [() => ({}), () => null as never, () => new WithId()]) {
      @Entity({ create })
      class Order extends WithId {}
      expect(mistake(() => entityMapOf(Order))).toEqual(refused('Order', undefined, /factory `create`/, /new Order/));
    }
  });

  it('is not called for loaded entities', () => {
    let calls = 0;
    @Entity()
    class Order extends WithId {
      constructor() {
        super();
        calls++;
      }
    }
    entityMapOf(Order);
    entityMapOf(Order);
    expect(calls).toBe(1);
  });
});
