import 'reflect-metadata';
import { BSON, Binary, Decimal128, ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop, entityMapOf } from '../../../lib/mapping/index.js';
import { StateTracker } from '../../../lib/tracking/state-tracker.js';
import type { Connection } from '../../../lib/unit-of-work/connection.js';
import { EntityStore } from '../../../lib/unit-of-work/entity-store.js';
import { entitiesOf } from '../../../lib/unit-of-work/found.js';
import { Scope } from '../../../lib/unit-of-work/scope.js';
import { stateOf } from '../../../lib/unit-of-work/state-of.js';

@Embedded()
export class Option {
  @Prop() name!: string;
}

@Embedded({ key: 'sku' })
export class Item {
  @Prop() sku!: string;
  @Prop() qty!: number;
  @Prop(() => [Option]) options?: Option[];
}

@Embedded()
export class Address {
  @Prop() city!: string;
  @Prop() street?: string;
}

/** What both kinds of subject are: a loaded entity and a plain record. */
@Entity({ collection: 'orders' })
export class Order {
  @Id() id!: ObjectId;
  @Prop() customer!: string;
  @Prop() note?: string;
  @Prop() count!: number;
  @Prop() total!: Decimal128;
  @Prop() big!: bigint;
  @Prop() at!: Date;
  @Prop() data!: Buffer;
  @Prop() binary!: Binary;
  @Prop(() => [String]) tags!: string[];
  @Prop({ type: Set, of: String }) labels!: Set<string>;
  @Prop({ type: Map, of: Number }) stock!: Map<string, number>;
  @Prop() address!: Address;
  @Prop(() => [Item]) items!: Item[];
  @Prop({ type: Object }) meta!: Record<string, any>;

  /** Computed of a field. */
  get lines(): number {
    return this.items.length;
  }

  /** Writes a field. */
  get buyer(): string {
    return this.customer;
  }
  set buyer(name: string) {
    this.customer = name;
  }

  quantity(): number {
    return this.items.reduce((sum, { qty }) => sum + qty, 0);
  }
}

export const ORDER_ID = new ObjectId('6b015e530aefd284d2ac00e2');

/** Names of its stored fields. */
export type Field = Exclude<keyof Order, 'lines' | 'buyer' | 'quantity'>;

/** The fields of an order that has everything but a note. */
export function orderData(): Omit<Pick<Order, Field>, 'note'> {
  return {
    id: ORDER_ID,
    customer: 'Ada',
    count: 3,
    total: Decimal128.fromString('1.50'),
    big: 9007199254740993n,
    at: new Date(1000),
    data: Buffer.from([1, 2, 3]),
    binary: new Binary(Buffer.from([4, 5])),
    tags: ['x', 'y'],
    labels: new Set(['red', 'blue']),
    stock: new Map([
      ['a', 1],
      ['b', 2],
    ]),
    address: { city: 'London', street: 'Strand' },
    items: [
      { sku: 'p', qty: 1, options: [{ name: 'gift' }] },
      { sku: 'q', qty: 2 },
      { sku: 'r', qty: 3 },
    ],
    meta: { size: { w: 1, h: 2 }, list: [1, { deep: true }], nothing: null },
  };
}

/** A plain instance of the class with these properties and no other: not even undefined class fields. */
export function instanceOf<T extends object>(target: abstract new () => T, properties: object): T {
  return Object.assign(Object.create(target.prototype as object) as T, properties);
}

/** `orderData()` as instances of the classes. */
export function plainOrder(): Order {
  const { address, items, meta, ...rest } = orderData();
  const itemOf = ({ options, ...item }: Item) =>
    instanceOf(Item, {
      ...item,
      ...(options === undefined ? {} : { options: options.map((option) => instanceOf(Option, option)) }),
    });
  return instanceOf(Order, { ...rest, address: instanceOf(Address, address), items: items.map(itemOf), meta });
}

/** The document of `orderData()`. */
export function orderDocument(): Record<string, unknown> {
  const { id, labels, stock, ...rest } = orderData();
  return { _id: id, ...rest, labels: [...labels], stock: Object.fromEntries(stock), hidden: 1 };
}

function emptyScope(target: abstract new () => object): { scope: Scope; store: EntityStore } {
  const stores = new Map<object, EntityStore>();
  const connection = {
    store: (map: object) => stores.get(map),
  } as unknown as Connection;
  const map = entityMapOf(target);
  const store = new EntityStore(connection, map);
  stores.set(map, store);
  return { scope: new Scope(), store };
}

/** An entity as a repository loads it, without a server: a unit of work that holds one raw document. */
export function load<T extends object>(
  target: abstract new () => T,
  document: Record<string, unknown>,
  loaded?: string[],
) {
  const { scope, store } = emptyScope(target);
  const bytes = BSON.serialize(document);
  const managed = scope.materialise(store, Buffer.from(bytes), loaded === undefined ? {} : { loaded: new Set(loaded) });
  return { entity: managed.entity as T, managed, scope, store };
}

/** The same of a list that was found: nothing is made of each document but its handle. */
export function loadList<T extends object>(
  target: abstract new () => T,
  documents: readonly Record<string, unknown>[],
  loaded?: string[],
) {
  const { scope, store } = emptyScope(target);
  const batch = batchOf(documents);
  const entities = entitiesOf(scope, store, [batch], loaded === undefined ? {} : { loaded: new Set(loaded) }) as T[];
  return { entities, scope, store, batch };
}

/** Documents in one piece of memory. */
export function batchOf(documents: readonly Record<string, unknown>[]): { bytes: Buffer; starts: number[] } {
  const parts = documents.map((document) => BSON.serialize(document));
  const starts = parts.map((_, index) => parts.slice(0, index).reduce((sum, { length }) => sum + length, 0));
  return { bytes: Buffer.concat(parts), starts };
}

export function loadOrder(document = orderDocument()): Order {
  return load(Order, document).entity;
}

/** Something to be tracked, by its two faces: the object that is changed in place, and its tracker. */
export interface Subject {
  readonly object: Order;
  readonly tracker: StateTracker<Order>;
}

/** Each clause holds for both: `describe.each(SUBJECTS)('%s', (_, make) => …)`. */
export const SUBJECTS: [string, () => Subject][] = [
  [
    'on bytes',
    () => {
      const object = loadOrder();
      return { object, tracker: stateOf(object) };
    },
  ],
  [
    'on a plain record',
    () => {
      const object = orderData() as Order;
      return { object, tracker: new StateTracker<Order>(object) };
    },
  ],
];
