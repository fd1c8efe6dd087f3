import { describe, expect, it } from '@jest/globals';
import { Binary } from 'mongodb';
import { StateTracker } from '../../../lib/tracking/index.js';
import { handOut, takeBack } from '../../../lib/tracking/handed-out.js';
import { DocumentSource } from '../../../lib/unit-of-work/document-source.js';
import { Managed } from '../../../lib/unit-of-work/managed.js';
import { stateOf } from '../../../lib/unit-of-work/state-of.js';
import { load, loadOrder, Order, orderData, orderDocument, SUBJECTS, type Field, type Item } from './subjects.js';

describe.each(SUBJECTS)('rollback %s restores in place', (_name, make) => {
  /** The order read through its tracker, so that every container was handed out. */
  function handed() {
    const { tracker, object } = make();
    for (const field of Object.keys(orderData()) as Field[]) tracker.get(field);
    return { tracker, order: object };
  }

  /** Does the order have its original content, and are the containers the very ones? */
  function expectRestored(order: Order, ...containers: [(order: Order) => unknown, unknown][]) {
    expect({ ...order }).toEqual(orderData());
    for (const [find, container] of containers) expect(find(order)).toBe(container);
  }

  it('every kind of container', () => {
    const { tracker, order } = handed();
    const { at, data, binary, tags, labels, stock, address, items, meta } = order;
    at.setFullYear(2000);
    data.fill(0);
    binary.buffer[0] = 7;
    tags.length = 0;
    labels.clear();
    stock.clear();
    delete address.street;
    items.reverse();
    for (const key of Object.keys(meta)) delete meta[key];
    meta.other = 1;
    tracker.rollback();
    expect({ ...order }).toEqual(orderData());
    expect(Object.values({ at, data, binary, tags, labels, stock, address, items, meta })).toEqual(
      (['at', 'data', 'binary', 'tags', 'labels', 'stock', 'address', 'items', 'meta'] as const).map(
        (field) => order[field],
      ),
    );
    for (const [field, value] of Object.entries({ at, data, binary, tags, labels, stock, address, items, meta })) {
      expect(order[field as 'meta']).toBe(value);
    }
  });

  it('a field that was assigned, when its container had been handed out', () => {
    const { tracker, order } = handed();
    const { items, address } = order;
    items.pop();
    tracker.set('items', []);
    tracker.set('address', { city: 'Paris' });
    tracker.rollback();
    expectRestored(order, [(o) => o.items, items], [(o) => o.address, address]);
  });

  it('a field that was deleted or made null', () => {
    const { tracker, order } = handed();
    const { items, at } = order;
    tracker.set('items', null as never);
    tracker.set('at', undefined as never);
    tracker.rollback();
    expectRestored(order, [(o) => o.items, items], [(o) => o.at, at]);
  });

  it('elements that were removed', () => {
    const { tracker, order } = handed();
    const [first, second, third] = order.items as [Item, Item, Item];
    order.items.shift();
    first.qty = 99;
    order.items.pop();
    tracker.rollback('items');
    expectRestored(order, [(o) => o.items[0], first], [(o) => o.items[1], second], [(o) => o.items[2], third]);
    expect(first.qty).toBe(1);
  });

  it('elements that were put in another order', () => {
    const { tracker, order } = handed();
    const before = [...order.items];
    order.items.reverse();
    order.items[0]!.qty = 99;
    tracker.rollback('items');
    expectRestored(order);
    expect(order.items.every((item, index) => item === before[index])).toBe(true);
  });

  it('parts at every depth, removed with what they lay in', () => {
    const { tracker, order } = handed();
    const { options } = order.items[0]!;
    const [option] = options!;
    const { size, list } = order.meta;
    const [, deep] = list;
    delete order.items[0]!.options;
    option!.name = 'none';
    order.items.length = 0;
    order.meta.list = [deep];
    deep.deep = false;
    delete order.meta.size;
    size.w = 0;
    tracker.rollback();
    expectRestored(
      order,
      [(o) => o.items[0]!.options, options],
      [(o) => o.items[0]!.options![0], option],
      [(o) => o.meta.size, size],
      [(o) => o.meta.list, list],
      [(o) => o.meta.list[1], deep],
    );
  });

  it('an object that was moved to another place or field, or placed twice', () => {
    const { tracker, order } = handed();
    const { size, list } = order.meta;
    const [first, second] = order.items as [Item, Item];
    order.meta.list = size;
    order.meta.copy = size;
    order.meta.inner = order.meta;
    order.items[1] = first;
    order.address = order.meta.size;
    tracker.set('tags', list);
    size.w = 77;
    tracker.rollback();
    expectRestored(
      order,
      [(o) => o.meta.size, size],
      [(o) => o.meta.list, list],
      [(o) => o.items[0], first],
      [(o) => o.items[1], second],
    );
  });

  it('without touching what the user put there', () => {
    const { tracker, order } = handed();
    const mine = { city: 'Paris', inner: { x: 1 } };
    const item = { sku: 'mine', qty: 1 };
    tracker.set('address', mine);
    order.items[0] = item;
    order.meta.size = mine;
    tracker.rollback();
    expectRestored(order);
    expect([mine, item]).toEqual([
      { city: 'Paris', inner: { x: 1 } },
      { sku: 'mine', qty: 1 },
    ]);
  });

  it('what is frozen, as long as it is itself as it was', () => {
    const { tracker, order } = handed();
    const items = Object.freeze(order.items) as Item[];
    const [first] = items as [Item];
    first.qty = 99;
    tracker.rollback();
    expectRestored(order, [(o) => o.items, items], [(o) => o.items[0], first]);
  });

  it('by another container where the first does not allow it, its parts in place nevertheless', () => {
    const { tracker, order } = handed();
    const { items, tags, meta, address } = order;
    const [first] = items as [Item];
    const { size } = meta;
    items.pop();
    Object.freeze(items);
    tags[0] = 'z';
    Object.freeze(tags);
    delete meta.size;
    Object.preventExtensions(meta);
    delete address.street;
    (address as { zip?: number }).zip = 5;
    Object.defineProperty(address, 'zip', { configurable: false });
    order.binary = new Binary(Buffer.from('longer'));
    tracker.rollback();
    expectRestored(order, [(o) => o.items[0], first], [(o) => o.meta.size, size]);
    for (const [field, was] of Object.entries({ items, tags, meta, address }))
      expect(order[field as 'meta']).not.toBe(was);
    order.items.pop();
    expect(tracker.changedFields()).toContain('items');
    tracker.rollback();
    expectRestored(order);
  });

  it('again and again', () => {
    const { tracker, order } = handed();
    const before = [...order.items];
    for (let round = 0; round < 3; round++) {
      order.items.sort((a, b) => b.qty - a.qty);
      order.items.pop()!.qty = round;
      expect(tracker.changedFields()).toEqual(['items']);
      tracker.rollback(round === 1 ? 'items' : undefined);
      expectRestored(order);
      expect(order.items.every((item, index) => item === before[index])).toBe(true);
    }
  });
});

describe('rollback on bytes', () => {
  it('after a new base restores what was handed out and written by then', () => {
    const { managed, entity: order, store } = load(Order, orderDocument());
    const { items } = order;
    const [first] = items;
    items.pop();
    first!.qty = 5;
    const stored = {
      ...orderDocument(),
      items: [
        { sku: 'p', qty: 5, options: [{ name: 'gift' }] },
        { sku: 'q', qty: 2 },
      ],
    };
    managed.rebase(new DocumentSource(store.codec, load(Order, stored).managed.base!.bytes));
    expect(managed.isModified()).toBe(false);
    items.shift();
    first!.qty = 7;
    expect(managed.changed()).toEqual(['items']);
    managed.rollback();
    expect(order.items).toBe(items);
    expect(order.items[0]).toBe(first);
    expect(items).toEqual(stored.items);
  });

  it('after a new base compares with that, whatever was changed meanwhile', () => {
    const { managed, entity: order, store } = load(Order, orderDocument());
    order.customer = 'Grace';
    order.count = 9;
    order.note = 'late';
    managed.rebase(
      new DocumentSource(
        store.codec,
        load(Order, { ...orderDocument(), customer: 'Grace', count: 4 }).managed.base!.bytes,
      ),
    );
    expect(managed.changed()).toEqual(['count', 'note']);
    managed.rollback();
    expect([order.customer, order.count, 'note' in order]).toEqual(['Grace', 4, false]);
  });

  it('of a field that was assigned before it was read gives a fresh value', () => {
    const order = loadOrder();
    const mine = { city: 'Paris' };
    order.address = mine;
    stateOf(order).rollback('address');
    expect(order.address).toEqual({ city: 'London', street: 'Strand' });
    expect(mine).toEqual({ city: 'Paris' });
    order.address.city = 'Rome';
    expect(stateOf(order).changedFields()).toEqual(['address']);
  });

  it('of an instance made with new restores its fields', () => {
    const { scope, store } = load(Order, orderDocument());
    const made = Object.assign(new Order(), orderData(), { id: load(Order, orderDocument()).managed.id });
    scope.forget(scope.find(store, [...scope.entities()][0]!.key)!);
    const managed = scope.add(store, made, made.id);
    expect(managed).toBe(Managed.of(made));
    managed.committed(load(Order, orderDocument()).managed.base!, []);
    made.tags.push('z');
    made.customer = 'Grace';
    expect(stateOf(made).changedFields()).toEqual(['customer', 'tags']);
    managed.rollback();
    expect([made.customer, made.tags]).toEqual(['Ada', ['x', 'y']]);
  });
});

describe('rollback on a plain record', () => {
  it('keeps cycles, and objects that lay in two places', () => {
    const shared = { n: 1 };
    const root: any = { shared, again: shared, list: [shared], set: new Set([shared]) };
    root.self = root;
    const record = { root };
    const tracker = new StateTracker<any>(record);
    tracker.get('root').shared = { n: 5 };
    shared.n = 2;
    root.list.push(root);
    root.set.clear();
    delete root.self;
    expect(tracker.changedFields()).toEqual(['root']);
    tracker.rollback();
    expect(record.root).toBe(root);
    expect([root.self, root.shared, root.again, root.list[0]]).toEqual([root, shared, shared, shared]);
    expect(root.self).toBe(root);
    expect(root.shared).toBe(shared);
    expect(root.again).toBe(shared);
    expect([...root.set][0]).toBe(shared);
    expect(shared).toEqual({ n: 1 });
    expect(root.list).toHaveLength(1);
    expect(tracker.isModified()).toBe(false);
  });

  it('restores bytes that cannot hold the original by others', () => {
    const binary = new Binary(Buffer.from('abc'));
    const record = { binary };
    const tracker = new StateTracker(record);
    const { buffer } = tracker.get('binary');
    binary.buffer = Buffer.from('longer');
    tracker.rollback();
    expect(record.binary).toBe(binary);
    expect(binary.buffer).toBe(buffer);
    expect(binary.toString()).toBe('abc');
  });
});

describe('takeBack', () => {
  it('uses a container for an original of its own kind and class alone', () => {
    class Point {
      x = 1;
    }
    for (const [handed, original] of [
      [[1], { a: 1 }],
      [new Map(), {}],
      [new Date(1), new Map()],
      [new Point(), { x: 1 }],
      [{ x: 1 }, new Point()],
      [Buffer.from('a'), Buffer.from('ab')],
      [/a/, /b/],
    ]) {
      expect(takeBack(handOut(handed), original)).toBe(original);
    }
    const point = new Point();
    point.x = 5;
    expect(takeBack(handOut(point), new Point())).toBe(point);
    expect(point.x).toBe(1);
    const regexp = /a/g;
    expect(takeBack(handOut(regexp), /a/g)).toBe(regexp);
  });

  it('answers an original that is no container as it is', () => {
    for (const original of [1, 'x', null, undefined]) expect(takeBack(handOut([1]), original)).toBe(original);
    expect([handOut(1), handOut(null), handOut(undefined)]).toEqual([undefined, undefined, undefined]);
  });
});
