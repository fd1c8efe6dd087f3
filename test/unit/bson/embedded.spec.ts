import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Embedded, Id, Prop } from '../../../lib/mapping/index.js';
import { arrayOf, objectOf, storedValue, type StoredElement, type StoredValue } from '../../support/arbitrary-bson.js';
import { OneField, rawOf, sent, stored } from './subjects.js';

@Embedded()
class Address {
  @Prop() city!: string;
  @Prop({ name: 'z' }) zip?: string;
  @Prop(() => String, { nullable: true }) note?: string | null;
  label() {
    return `${this.zip} ${this.city}`;
  }
}

@Embedded()
class Parcel {
  @Prop() city!: string;
  @Prop() weight?: number;
}

@Embedded({ key: 'sku' })
class Line {
  @Prop({ name: 's' }) sku!: string;
  @Prop({ name: 'q' }) qty!: number;
  @Prop(() => [Address]) stops?: Address[];
}

@Embedded()
class Node {
  @Prop() name!: string;
  @Prop(() => [Node]) children?: Node[];
  @Prop(() => Node) next?: Node;
}

const int = storedValue.int32;
const text = storedValue.string;
const at = (name: string, value: StoredValue): StoredElement => ({ name, ...value });
const hidden = (value: number) => at('hidden', int(value));
const BEYOND = storedValue.date(2n ** 63n - 1n);

const line = (sku: string, qty: number, ...more: StoredElement[]) =>
  objectOf([at('s', text(sku)), at('q', int(qty)), ...more]);

describe('an embedded value', () => {
  const field = new OneField({ type: Address });

  it('is an instance of its class, by its declared fields', () => {
    const value = field.read(objectOf([at('z', text('3000')), at('city', text('Bern')), hidden(1)])) as Address;
    expect(value).toBeInstanceOf(Address);
    expect({ ...value }).toEqual({ city: 'Bern', zip: '3000' });
    expect(value.label()).toBe('3000 Bern');
  });

  it('is written by its declared fields only, whatever the object brings', () => {
    const dto = { city: 'Bern', zip: '3000', admin: true, label: () => 'x' };
    expect(sent(field.write(dto))).toBe(sent({ city: 'Bern', z: '3000' }));
    expect(field.again(dto)).toBeInstanceOf(Address);
    expect(sent(field.write(Object.assign(new Address(), { city: 'Bern', extra: 1 })))).toBe(sent({ city: 'Bern' }));
    expect(sent(field.write({ city: 'Bern', zip: undefined, note: null }))).toBe(sent({ city: 'Bern', note: null }));
  });

  it('refuses what does not fit, with its path', () => {
    expect(field.refusal({ city: 5 })).toMatch(/^field\.city: Thing\.field\.city: expected a string/);
    expect(field.refusal({ city: null })).toMatch(/^field\.city: .*nullable: true/);
    for (const value of [
      'Bern',
      5,
      [],
      [{ city: 'a' }],
      new Date(),
      new Map(),
      new ObjectId(),
      Buffer.from('a'),
      /a/,
    ]) {
      expect(field.refusal(value)).toMatch(/expected an object of Address/);
    }
    expect(field.refusal(Object('text'))).toMatch(/an object of Address/);
    expect(field.refusal(new Float64Array(2))).toMatch(/an object of Address/);
  });

  it('is equal by its declared fields', () => {
    expect(field.same({ city: 'a' }, Object.assign(new Address(), { city: 'a', other: 1 }))).toBe(true);
    expect(field.same({ city: 'a' }, { city: 'b' })).toBe(false);
    expect(field.same({ city: 'a' }, { city: 'a', zip: '1' })).toBe(false);
    expect(field.same({ city: 'a', note: null }, { city: 'a' })).toBe(false);
    expect(field.same({ city: 'a' }, 'a')).toBe(false);
    expect(field.same({}, null)).toBe(false);
  });

  it('stored as something else reads as that, and survives', () => {
    for (const bytes of [text('Bern'), int(1), arrayOf([text('a')]), BEYOND]) {
      expect(sent(field.write(field.read(bytes), bytes))).toBe(sent(rawOf(bytes)));
    }
  });

  it('may contain its own class, and not itself', () => {
    const nodes = new OneField({ type: Node });
    const tree = { name: 'a', children: [{ name: 'b', children: [] }], next: { name: 'c' } };
    const again = nodes.again(tree) as Node;
    expect(again.children![0]).toBeInstanceOf(Node);
    expect(again.next).toBeInstanceOf(Node);
    expect(again).toEqual(Object.assign(new Node(), tree));
    const ring: { name: string; next?: object } = { name: 'a' };
    ring.next = ring;
    expect(nodes.refusal(ring)).toMatch(/^field\.next: .*contains itself/);
  });

  it('keeps what is stored beside its declared fields when it is written whole', () => {
    const bytes = objectOf([hidden(1), at('city', text('Bern')), at('z', BEYOND), at('\x07', storedValue.symbol('s'))]);
    const value = field.read(bytes) as Address;
    value.city = 'Chur';
    expect(sent(field.write(value, bytes))).toBe(
      sent(
        rawOf(objectOf([hidden(1), at('city', text('Chur')), at('z', BEYOND), at('\x07', storedValue.symbol('s'))])),
      ),
    );
  });

  it('keeps it when another object of its class takes its place, and when the object moves', () => {
    const one = new OneField({ type: Address });
    const bytes = objectOf([at('city', text('Bern')), hidden(1)]);
    expect(sent(field.write({ city: 'Chur' }, bytes))).toBe(
      sent(rawOf(objectOf([at('city', text('Chur')), hidden(1)]))),
    );
    const moved = field.read(bytes);
    expect(sent(one.write(moved, objectOf([at('city', text('Genf')), hidden(2)])))).toBe(sent(rawOf(bytes)));
    expect(sent(one.write(moved))).toBe(sent(rawOf(bytes)));
    moved.city = 'Visp';
    expect(sent(one.write(moved))).toBe(sent(rawOf(objectOf([at('city', text('Visp')), hidden(1)]))));
  });

  it('brings nothing hidden into another class, nor from a free-form value', () => {
    const parcels = new OneField({ type: [Parcel] });
    const bytes = objectOf([at('city', text('Bern')), hidden(1), at('weight', int(5))]);
    const asAddress = field.read(bytes);
    const asAny = new OneField({ type: Object }).read(bytes);
    expect(sent(parcels.write([asAddress]))).toBe(sent([{ city: 'Bern' }]));
    expect(sent(parcels.write([asAny]))).toBe(sent([{ city: 'Bern', weight: 5 }]));
    expect(sent(new OneField({ type: Map, of: Parcel }).write(new Map([['a', asAddress]])))).toBe(
      sent({ a: { city: 'Bern' } }),
    );
    const list = new OneField({ type: [Address] }).read(arrayOf([bytes])) as Address[];
    expect(sent(parcels.write(list))).toBe(sent([{ city: 'Bern' }]));
    expect(sent(new OneField({ type: Object }).write({ list }))).toBe(sent({ list: [{ city: 'Bern' }] }));
  });

  it('does not lose a deprecated undefined that is still undefined', () => {
    const bytes = objectOf([at('city', storedValue.undefined()), at('z', text('1'))]);
    const value = field.read(bytes) as Address;
    expect(value.city).toBeUndefined();
    value.zip = '2';
    expect(sent(field.write(value, bytes))).toBe(
      sent(rawOf(objectOf([at('city', storedValue.undefined()), at('z', text('2'))]))),
    );
  });

  it('may have an id', () => {
    @Embedded()
    class Comment {
      @Id() id!: ObjectId;
      @Prop() text!: string;
    }
    const id = new ObjectId();
    expect(sent(new OneField({ type: Comment }).write({ text: 'a', id }))).toBe(sent({ _id: id, text: 'a' }));
  });

  it('may have required fields, which new values must bring', () => {
    @Embedded()
    class Strict {
      @Prop({ required: true }) name!: string;
      @Prop() other?: number;
    }
    const strict = new OneField({ type: [Strict] });
    expect(strict.refusal([{ other: 1 }])).toMatch(/^field\.0\.name: .*required and missing/);
    const bytes = arrayOf([stored({ other: 1 })]);
    const list = strict.read(bytes) as Strict[];
    list[0]!.other = 2; // what the database holds is not validated
    expect(sent(strict.write(list, bytes))).toBe(sent([{ other: 2 }]));
  });
});

describe('arrays of embedded values', () => {
  const lines = new OneField({ type: [Line] });
  const bytes = arrayOf([
    line('a', 1, hidden(1)),
    line('b', 2, at('stops', arrayOf([objectOf([hidden(9)])])), hidden(2)),
    line('c', 3),
  ]);
  const read = () => lines.read(bytes) as Line[];

  it('keep undeclared fields when they are rewritten: changed, moved, removed, at every depth', () => {
    const [a, b, c] = read();
    b!.stops![0]!.city = 'Bern';
    c!.qty = 4;
    expect(sent(lines.write([c, b], bytes))).toBe(
      sent(
        rawOf(
          arrayOf([
            line('c', 4),
            line('b', 2, at('stops', arrayOf([objectOf([hidden(9), at('city', text('Bern'))])])), hidden(2)),
          ]),
        ),
      ),
    );
    expect(sent(lines.write([a, a], bytes))).toBe(
      sent(rawOf(arrayOf([line('a', 1, hidden(1)), line('a', 1, hidden(1))]))),
    );
  });

  it('find elements by key where other objects took their place', () => {
    const dtos = [
      { sku: 'b', qty: 9 },
      { sku: 'new', qty: 1 },
      { sku: 'a', qty: 1 },
    ];
    expect(sent(lines.write(dtos, bytes))).toBe(
      sent(
        rawOf(
          arrayOf([
            objectOf([at('s', text('b')), at('q', int(9)), hidden(2)]), // its stops are declared, and were not brought
            line('new', 1),
            line('a', 1, hidden(1)),
          ]),
        ),
      ),
    );
  });

  it('guess nothing where a key is missing, null, or not unique', () => {
    const twice = arrayOf([line('a', 1, hidden(1)), line('a', 2, hidden(2)), objectOf([at('q', int(3)), hidden(3)])]);
    expect(sent(lines.write([{ sku: 'a', qty: 3 }, { qty: 3 }], twice))).toBe(sent([{ s: 'a', q: 3 }, { q: 3 }]));
    const objects = lines.read(twice) as Line[];
    objects.reverse();
    expect(sent(lines.write(objects, twice))).toBe(
      sent(rawOf(arrayOf([objectOf([at('q', int(3)), hidden(3)]), line('a', 2, hidden(2)), line('a', 1, hidden(1))]))),
    );
  });

  it('take elements without a key for new ones, unless they are the objects handed out', () => {
    const homes = new OneField({ type: [Address] });
    const stops = arrayOf([objectOf([at('city', text('Bern')), hidden(1)])]);
    const [home] = homes.read(stops) as [Address];
    expect(sent(homes.write([{ city: 'Chur' }, home], stops))).toBe(
      sent(rawOf(arrayOf([stored({ city: 'Chur' }), objectOf([at('city', text('Bern')), hidden(1)])]))),
    );
  });

  it('keep elements that are no objects, and refuse new ones', () => {
    const odd = arrayOf([text('legacy'), arrayOf([hidden(1)]), storedValue.null(), BEYOND, line('a', 1, hidden(1))]);
    const list = lines.read(odd) as unknown[];
    expect(list.slice(0, 3)).toEqual(['legacy', [1], null]);
    list.splice(2, 1);
    list.reverse();
    expect(sent(lines.write(list, odd))).toBe(
      sent(rawOf(arrayOf([line('a', 1, hidden(1)), BEYOND, arrayOf([hidden(1)]), text('legacy')]))),
    );
    list.push('new');
    expect(lines.refusal(list, odd)).toMatch(/^field\.4: .*an object of Line, got a string/);
  });
});

describe('defaults of an embedded class', () => {
  @Embedded()
  class Item {
    @Prop() sku!: string;
    @Prop({ default: 1 }) qty!: number;
    @Prop(() => [String]) tags: string[] = [];
  }
  const items = new OneField({ type: [Item] });

  it('make no difference between a pushed value and what it reads as', () => {
    const pushed = [{ sku: 'a' }];
    const again = items.again(pushed) as Item[];
    expect(again).toEqual([Object.assign(new Item(), { sku: 'a', qty: 1, tags: [] })]);
    expect(items.same(pushed, again)).toBe(true);
    expect(items.same([{ sku: 'a', qty: 2 }], again)).toBe(false);
    expect(items.same([{ sku: 'a', qty: null }], again)).toBe(false);
    again[0]!.tags.push('x');
    expect(items.same(pushed, again)).toBe(false);
  });

  it('are not written by reading', () => {
    const bytes = arrayOf([stored({ sku: 'a' })]);
    expect(sent(items.write(items.read(bytes), bytes))).toBe(sent([{ sku: 'a' }]));
  });
});

describe('a union of embedded classes', () => {
  @Embedded({ discriminator: 'kind' })
  class Payment {
    @Prop({ name: 'a' }) amount!: number;
  }
  @Embedded({ discriminatorValue: 'card' })
  class Card extends Payment {
    @Prop({ name: 'l' }) last4!: string;
  }
  @Embedded()
  class Transfer extends Payment {
    @Prop() iban!: string;
  }
  class GoldCard extends Card {
    gold = true;
  }
  const field = new OneField({ type: Payment });
  const card = objectOf([at('kind', text('card')), at('a', int(5)), at('l', text('4242')), hidden(1)]);

  it('reads each as its class', () => {
    expect(field.read(card)).toBeInstanceOf(Card);
    expect({ ...field.read(card) }).toEqual({ amount: 5, last4: '4242' });
    expect(field.read(stored({ kind: 'Transfer', iban: 'CH' }))).toBeInstanceOf(Transfer);
    expect(Object.getPrototypeOf(field.read(stored({ kind: 'Payment', a: 1 })))).toBe(Payment.prototype);
  });

  it('writes each with its class’s value: by its prototype, else by the property', () => {
    expect(sent(field.write(Object.assign(new Card(), { amount: 1, last4: 'x' })))).toBe(
      sent({ kind: 'card', a: 1, l: 'x' }),
    );
    expect(sent(field.write({ kind: 'Transfer', amount: 1, iban: 'CH' }))).toBe(
      sent({ kind: 'Transfer', a: 1, iban: 'CH' }),
    );
    expect(sent(field.write({ amount: 1, iban: 'CH' }))).toBe(sent({ kind: 'Payment', a: 1 }));
    expect(sent(field.write(Object.assign(new GoldCard(), { amount: 1, last4: 'x' })))).toBe(
      sent({ kind: 'card', a: 1, l: 'x' }),
    );
    expect(sent(field.write(JSON.parse('{"amount":1,"constructor":"Card","kind":"__proto__"}')))).toBe(
      sent({ kind: 'Payment', a: 1 }),
    );
  });

  it('keeps undeclared fields of the same class, not when the class changes', () => {
    const value = field.read(card) as Card;
    value.last4 = '1111';
    expect(sent(field.write(value, card))).toBe(
      sent(rawOf(objectOf([at('kind', text('card')), at('a', int(5)), at('l', text('1111')), hidden(1)]))),
    );
    expect(sent(field.write({ kind: 'card', amount: 6, last4: 'y' }, card))).toBe(
      sent(rawOf(objectOf([at('kind', text('card')), at('a', int(6)), at('l', text('y')), hidden(1)]))),
    );
    expect(sent(field.write(Object.assign(new Transfer(), { amount: 5, iban: 'CH' }), card))).toBe(
      sent({ kind: 'Transfer', a: 5, iban: 'CH' }),
    );
    expect(field.same(value, Object.assign(new Transfer(), { amount: 5 }))).toBe(false);
  });

  it('keeps a class that is not known, by its name', () => {
    const later = objectOf([at('kind', text('Crypto')), at('a', int(1)), at('wallet', text('x'))]);
    const list = new OneField({ type: [Payment] });
    const bytes = arrayOf([card, later, objectOf([at('a', int(2)), hidden(3)])]);
    const values = list.read(bytes) as Payment[];
    expect(values[1]).toBeInstanceOf(Payment);
    values[1]!.amount = 2;
    values.shift();
    expect(sent(list.write(values, bytes))).toBe(
      sent(
        rawOf(
          arrayOf([
            objectOf([at('kind', text('Crypto')), at('a', int(2)), at('wallet', text('x'))]),
            objectOf([at('a', int(2)), hidden(3)]),
          ]),
        ),
      ),
    );
  });

  it('is not changed by the property that shows the class', () => {
    @Embedded({ discriminator: 'type' })
    class Shape {
      @Prop({ name: 't' }) type!: string;
      @Prop() size!: number;
    }
    @Embedded()
    class Circle extends Shape {}
    const shapes = new OneField({ type: [Shape] });
    const made = [Object.assign(new Circle(), { size: 1 })];
    const again = shapes.again(made) as Shape[];
    expect(again[0]).toBeInstanceOf(Circle);
    expect(again[0]!.type).toBe('Circle');
    expect(shapes.same(made, again)).toBe(true);
    expect(sent(shapes.write([{ type: 'Circle', size: 2 }]))).toBe(sent([{ t: 'Circle', size: 2 }]));
    again[0]!.type = 'Square';
    expect(sent(shapes.write(again))).toBe(sent([{ t: 'Circle', size: 1 }]));
  });

  it('may be declared by a class of it', () => {
    const cards = new OneField({ type: Card });
    expect(cards.read(card)).toBeInstanceOf(Card);
    expect(sent(cards.write({ amount: 1, last4: 'x' }))).toBe(sent({ kind: 'card', a: 1, l: 'x' }));
    const moved = field.read(card) as Card;
    moved.amount = 6;
    expect(sent(cards.write(moved))).toBe(
      sent(rawOf(objectOf([at('kind', text('card')), at('a', int(6)), at('l', text('4242')), hidden(1)]))),
    );
  });
});
