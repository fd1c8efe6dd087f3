import { describe, expect, it } from '@jest/globals';
import { Decimal128 } from 'mongodb';
import { isCowError } from '../../../lib/errors/index.js';
import { StateTracker } from '../../../lib/tracking/index.js';
import { stateOf } from '../../../lib/unit-of-work/state-of.js';
import {
  Address,
  SUBJECTS,
  load,
  loadOrder,
  Order,
  orderData,
  orderDocument,
  type Field,
  type Subject,
} from './subjects.js';

describe.each(SUBJECTS)('a StateTracker %s', (_name, make) => {
  /** Every field that can be changed in place, and a change of it. */
  const IN_PLACE: [Field, (order: Order) => void][] = [
    ['at', ({ at }) => at.setTime(at.getTime() + 1)],
    ['data', ({ data }) => (data[0] = 9)],
    ['binary', ({ binary }) => (binary.buffer[1] = 9)],
    ['total', ({ total }) => (total.bytes[0]! ^= 1)],
    ['tags', ({ tags }) => tags.push('z')],
    ['tags', ({ tags }) => (tags.length = 0)],
    ['tags', ({ tags }) => tags.reverse()],
    ['tags', ({ tags }) => (tags[5] = 'far')],
    ['tags', ({ tags }) => Reflect.deleteProperty(tags, 0)],
    ['labels', ({ labels }) => labels.add('green')],
    ['labels', ({ labels }) => labels.delete('red')],
    ['stock', ({ stock }) => stock.set('a', 7)],
    ['stock', ({ stock }) => stock.delete('a')],
    ['address', ({ address }) => (address.city = 'Paris')],
    ['address', ({ address }) => delete address.street],
    ['items', ({ items }) => items[1]!.qty++],
    ['items', ({ items }) => (items[0]!.options![0]!.name = 'none')],
    ['items', ({ items }) => items.splice(1, 1)],
    ['items', ({ items }) => items.sort((a, b) => b.qty - a.qty)],
    ['meta', ({ meta }) => (meta.size.w = 5)],
    ['meta', ({ meta }) => (meta.list[1].deep = false)],
    ['meta', ({ meta }) => delete meta.nothing],
    ['meta', ({ meta }) => (meta.added = { x: 1 })],
  ];

  /** The object as it is read through the tracker. */
  const through = ({ tracker }: Subject) =>
    new Proxy({} as Order, { get: (_target, field) => tracker.get(field as Field) });

  describe('when nothing was changed', () => {
    it('answers false, false and []', () => {
      const { tracker } = make();
      expect(tracker.isModified()).toBe(false);
      expect(tracker.hasChanged('customer')).toBe(false);
      expect(tracker.hasChanged('items')).toBe(false);
      expect(tracker.changedFields()).toEqual([]);
      expect(tracker.getChanges()).toEqual({});
      expect(tracker.changeSet()).toEqual([]);
    });

    it('answers the same after everything was read', () => {
      const { tracker } = make();
      for (const field of Object.keys(orderData()) as Field[]) tracker.get(field);
      expect(tracker.get('note')).toBeUndefined();
      expect([tracker.isModified(), tracker.changedFields(), tracker.changeSet()]).toEqual([false, [], []]);
    });
  });

  describe('get and set', () => {
    it('read and write the object', () => {
      const { tracker, object } = make();
      expect(tracker.get('customer')).toBe('Ada');
      tracker.set('customer', 'Grace');
      expect(tracker.get('customer')).toBe('Grace');
      expect(object.customer).toBe('Grace');
    });

    it('hand out one container, the object’s own', () => {
      const { tracker, object } = make();
      expect(tracker.get('items')).toBe(tracker.get('items'));
      expect(tracker.get('items')).toBe(object.items);
    });

    it('track an assignment', () => {
      const { tracker } = make();
      tracker.set('customer', 'Grace');
      expect(tracker.isModified()).toBe(true);
      expect(tracker.hasChanged('customer')).toBe(true);
      expect(tracker.changedFields()).toEqual(['customer']);
    });

    it('track the assignment of a field that was absent, and a removal', () => {
      const { tracker } = make();
      tracker.set('note', 'hi');
      tracker.set('count', undefined as never);
      expect(tracker.changedFields()).toEqual(['note', 'count']);
    });

    it.each(IN_PLACE)('track a change in place of %s: %s', (field, change) => {
      const subject = make();
      change(through(subject));
      expect(subject.tracker.isModified()).toBe(true);
      expect(subject.tracker.hasChanged(field)).toBe(true);
      expect(subject.tracker.changedFields()).toEqual([field]);
    });
  });

  describe('isModified, hasChanged and changedFields mean the net difference:', () => {
    it('an assignment of the same value is none', () => {
      const { tracker } = make();
      tracker.set('customer', 'Ada');
      tracker.set('tags', ['x', 'y']);
      tracker.set('at', new Date(1000));
      tracker.set('total', Decimal128.fromString('1.50'));
      tracker.set('note', undefined);
      expect(tracker.isModified()).toBe(false);
      expect(tracker.changedFields()).toEqual([]);
    });

    it('an equal document with its keys in another order is none', () => {
      const { tracker } = make();
      tracker.set('meta', { nothing: null, list: [1, { deep: true }], size: { h: 2, w: 1 }, absent: undefined });
      expect(tracker.hasChanged('meta')).toBe(false);
    });

    it('what was changed back is none', () => {
      const { tracker } = make();
      tracker.set('customer', 'Grace');
      tracker.get('tags').push('z');
      tracker.get('address').city = 'Paris';
      tracker.set('customer', 'Ada');
      tracker.get('tags').pop();
      tracker.get('address').city = 'London';
      expect(tracker.isModified()).toBe(false);
      expect(tracker.changedFields()).toEqual([]);
    });

    it('one of several fields is enough', () => {
      const { tracker } = make();
      tracker.set('customer', 'Ada');
      tracker.get('tags');
      tracker.set('count', 4);
      expect(tracker.isModified()).toBe(true);
      expect(tracker.hasChanged('customer')).toBe(false);
      expect(tracker.changedFields()).toEqual(['count']);
    });
  });

  describe('getChanges', () => {
    it('is a record of the fields that changed with their present values, undefined for a removed one', () => {
      const { tracker } = make();
      tracker.set('customer', 'Grace');
      tracker.set('note', undefined);
      tracker.set('count', undefined as never);
      tracker.get('tags').push('z');
      tracker.get('address');
      const changes = tracker.getChanges();
      expect(Object.keys(changes)).toEqual(['customer', 'count', 'tags']);
      expect(changes).toEqual({ customer: 'Grace', count: undefined, tags: ['x', 'y', 'z'] });
    });
  });

  describe('compareField', () => {
    it('compares the present value when none is given', () => {
      const { tracker } = make();
      expect(tracker.compareField('customer')).toBe(false);
      tracker.set('customer', 'Grace');
      expect(tracker.compareField('customer')).toBe(true);
      tracker.set('customer', 'Ada');
      expect(tracker.compareField('customer')).toBe(false);
    });

    it('compares a value with the original, touched or not', () => {
      const { tracker } = make();
      expect(tracker.compareField('customer', 'Ada')).toBe(false);
      expect(tracker.compareField('customer', 'Grace')).toBe(true);
      expect(tracker.compareField('tags', ['x', 'y'])).toBe(false);
      expect(tracker.compareField('tags', ['y', 'x'])).toBe(true);
      expect(tracker.compareField('note', undefined)).toBe(false);
      expect(tracker.compareField('note', 'hi')).toBe(true);
      expect(tracker.compareField('customer', undefined)).toBe(true);
      tracker.set('customer', 'Grace');
      expect(tracker.compareField('customer', 'Ada')).toBe(false);
      expect(tracker.compareField('customer', 'Grace')).toBe(true);
    });

    it('changes nothing', () => {
      const { tracker } = make();
      tracker.compareField('tags', ['z']);
      expect(tracker.isModified()).toBe(false);
      expect(tracker.get('tags')).toEqual(['x', 'y']);
    });
  });

  describe('getOriginalValue', () => {
    it('of an unchanged field is its present value', () => {
      const { tracker } = make();
      expect(tracker.getOriginalValue('customer')).toBe('Ada');
      expect(tracker.getOriginalValue('items')).toEqual(tracker.get('items'));
      expect(tracker.getOriginalValue('note')).toBeUndefined();
    });

    it('of a changed field is what it was, however it was changed', () => {
      const { tracker } = make();
      tracker.set('customer', 'Grace');
      tracker.set('note', 'hi');
      tracker.set('tags', ['other']);
      tracker.get('items')[0]!.options!.length = 0;
      tracker.set('count', undefined as never);
      expect(tracker.getOriginalValue('customer')).toBe('Ada');
      expect(tracker.getOriginalValue('note')).toBeUndefined();
      expect(tracker.getOriginalValue('tags')).toEqual(['x', 'y']);
      expect(tracker.getOriginalValue('items')[0]).toMatchObject({ sku: 'p', options: [{ name: 'gift' }] });
      expect(tracker.getOriginalValue('count')).toBe(3);
    });

    it.each(IN_PLACE)('changing what it returned alters nothing: %s', (field, change) => {
      const { tracker } = make();
      change({ [field]: tracker.getOriginalValue(field) } as never);
      expect(tracker.isModified()).toBe(false);
      expect(tracker.get(field)).toEqual(orderData()[field as 'tags']);
      change({ [field]: tracker.getOriginalValue(field) } as never);
      expect(tracker.hasChanged(field)).toBe(false);
      expect(tracker.getOriginalValue(field)).toEqual(orderData()[field as 'tags']);
    });
  });

  describe('getAllOriginalData', () => {
    it('is the whole original document', () => {
      const { tracker } = make();
      tracker.set('customer', 'Grace');
      tracker.set('note', 'hi');
      tracker.set('count', undefined as never);
      tracker.get('meta').size.w = 9;
      expect(tracker.getAllOriginalData()).toEqual(orderData());
      expect(Object.keys(tracker.getAllOriginalData()).sort()).toEqual(Object.keys(orderData()).sort());
    });

    it('alters nothing when it is changed', () => {
      const { tracker } = make();
      tracker.getAllOriginalData().tags.push('z');
      expect(tracker.isModified()).toBe(false);
      expect(tracker.getAllOriginalData()).toEqual(orderData());
    });
  });

  describe('trackChange', () => {
    it('keeps the first call’s original only', () => {
      const { tracker, object } = make();
      tracker.set('customer', 'Grace');
      tracker.trackChange('customer', 'first');
      tracker.trackChange('customer', 'second');
      expect(tracker.getOriginalValue('customer')).toBe('Ada');
      expect(object.customer).toBe('Grace');
    });

    it('leaves the present value as it is, and unread fields readable', () => {
      const { tracker, object } = make();
      for (const field of ['customer', 'items', 'note'] as const)
        tracker.trackChange(field, tracker.getOriginalValue(field));
      expect(object).toMatchObject({ customer: 'Ada', items: [{ sku: 'p' }, { sku: 'q' }, { sku: 'r' }] });
      expect('note' in object).toBe(false);
      expect(tracker.changedFields()).toEqual([]);
    });
  });

  describe('rollback', () => {
    it('restores everything, and removes fields that were absent', () => {
      const subject = make();
      const { tracker, object } = subject;
      for (const [, change] of IN_PLACE) change(through(subject));
      tracker.set('customer', 'Grace');
      tracker.set('note', 'hi');
      tracker.set('count', undefined as never);
      tracker.rollback();
      expect({ ...object }).toEqual(orderData());
      expect(Object.keys(object).sort()).toEqual(Object.keys(orderData()).sort());
      expect('note' in object).toBe(false);
      expect(tracker.isModified()).toBe(false);
      expect(tracker.changedFields()).toEqual([]);
    });

    it('of one field restores that field alone', () => {
      const { tracker, object } = make();
      tracker.set('customer', 'Grace');
      tracker.set('note', 'hi');
      tracker.get('tags').push('z');
      tracker.rollback('note');
      expect('note' in object).toBe(false);
      expect(tracker.changedFields()).toEqual(['customer', 'tags']);
      tracker.rollback('tags');
      expect(object.tags).toEqual(['x', 'y']);
      expect(tracker.changedFields()).toEqual(['customer']);
      tracker.rollback('customer');
      expect(tracker.isModified()).toBe(false);
    });

    it('of a field that was not touched does nothing', () => {
      const { tracker, object } = make();
      tracker.rollback('customer');
      tracker.rollback('note');
      tracker.rollback();
      expect({ ...object }).toEqual(orderData());
    });

    it('can be followed by other changes', () => {
      const { tracker } = make();
      tracker.set('customer', 'Grace');
      tracker.get('tags').push('z');
      tracker.rollback();
      tracker.set('customer', 'Jane');
      tracker.get('tags').shift();
      expect(tracker.changedFields().sort()).toEqual(['customer', 'tags']);
      tracker.rollback();
      expect(tracker.get('customer')).toBe('Ada');
      expect(tracker.get('tags')).toEqual(['x', 'y']);
    });
  });

  describe('changeSet', () => {
    it('lists path, kind, original and value at the deepest path that names them', () => {
      const { tracker } = make();
      tracker.set('note', 'hi');
      tracker.set('count', undefined as never);
      tracker.set('customer', 'Grace');
      tracker.get('address').city = 'Paris';
      delete tracker.get('address').street;
      tracker.get('meta').size.h = 5;
      tracker.get('meta').more = [1];
      tracker.get('stock').set('c', 3).delete('a');
      tracker.get('tags').push('z');
      tracker.get('total').bytes.set(Decimal128.fromString('2').bytes);
      expect(tracker.changeSet()).toEqual([
        { path: 'address.city', kind: 'changed', original: 'London', value: 'Paris' },
        { path: 'address.street', kind: 'removed', original: 'Strand' },
        { path: 'count', kind: 'removed', original: 3 },
        { path: 'customer', kind: 'changed', original: 'Ada', value: 'Grace' },
        { path: 'meta.more', kind: 'added', value: [1] },
        { path: 'meta.size.h', kind: 'changed', original: 2, value: 5 },
        { path: 'note', kind: 'added', value: 'hi' },
        { path: 'stock.a', kind: 'removed', original: 1 },
        { path: 'stock.c', kind: 'added', value: 3 },
        { path: 'tags', kind: 'changed', original: ['x', 'y'], value: ['x', 'y', 'z'] },
        {
          path: 'total',
          kind: 'changed',
          original: Decimal128.fromString('1.50'),
          value: Decimal128.fromString('2'),
        },
      ]);
    });

    it('is the same whatever the order of the changes', () => {
      const [a, b] = [make().tracker, make().tracker];
      a.set('customer', 'Grace');
      a.get('meta').size = { h: 9, w: 8 };
      b.get('meta').size = { w: 8, h: 9 };
      b.set('customer', 'Grace');
      expect(JSON.stringify(a.changeSet())).toBe(JSON.stringify(b.changeSet()));
    });

    it('keeps what it says when the object is changed further', () => {
      const { tracker } = make();
      tracker.get('tags').push('z');
      const list = tracker.changeSet();
      tracker.get('tags').push('w');
      tracker.rollback();
      expect(list).toEqual([{ path: 'tags', kind: 'changed', original: ['x', 'y'], value: ['x', 'y', 'z'] }]);
    });

    it('can be serialised, whatever the values', () => {
      const { tracker } = make();
      tracker.set('big', 5n);
      tracker.set('at', new Date(2000));
      tracker.set('stock', undefined as never);
      tracker.set('total', Decimal128.fromString('2'));
      tracker.set('data', Buffer.from('abc'));
      expect(JSON.parse(JSON.stringify(tracker.changeSet()))).toEqual([
        { path: 'at', kind: 'changed', original: '1970-01-01T00:00:01.000Z', value: '1970-01-01T00:00:02.000Z' },
        { path: 'big', kind: 'changed', original: '9007199254740993', value: '5' },
        { path: 'data', kind: 'changed', original: 'AQID', value: 'YWJj' },
        { path: 'stock', kind: 'removed', original: { a: 1, b: 2 } },
        { path: 'total', kind: 'changed', original: '1.50', value: '2' },
      ]);
      expect(structuredClone(tracker.changeSet())).toHaveLength(5);
    });
  });
});

describe('reset', () => {
  it('of a standalone tracker makes the present the original', () => {
    const record = orderData() as Order;
    const tracker = new StateTracker<Order>(record);
    tracker.set('customer', 'Grace');
    tracker.set('note', 'hi');
    tracker.set('count', undefined as never);
    tracker.get('tags').push('z');
    tracker.get('address');
    tracker.reset();
    expect([tracker.isModified(), tracker.changedFields(), tracker.changeSet()]).toEqual([false, [], []]);
    expect(tracker.getOriginalValue('tags')).toEqual(['x', 'y', 'z']);
    expect(tracker.getAllOriginalData()).toEqual({
      ...orderData(),
      customer: 'Grace',
      note: 'hi',
      count: undefined,
      tags: ['x', 'y', 'z'],
    });

    record.tags.pop();
    record.address.city = 'Paris';
    tracker.set('customer', 'Ada');
    expect(tracker.changedFields().sort()).toEqual(['address', 'customer', 'tags']);
    tracker.rollback();
    expect(record).toMatchObject({ customer: 'Grace', note: 'hi', tags: ['x', 'y', 'z'], address: { city: 'London' } });
  });

  it('lets go of the originals of what is no longer watched', () => {
    const record = { name: 'Ada' };
    const tracker = new StateTracker(record);
    tracker.set('name', 'Grace');
    tracker.reset();
    record.name = 'Jane'; // behind its back, and nothing was told: this is what is known
    expect(tracker.getOriginalValue('name')).toBe('Jane');
    expect(tracker.isModified()).toBe(false);
  });

  it('is refused on an entity of a unit of work', () => {
    const order = loadOrder();
    order.customer = 'Grace';
    let thrown: unknown;
    try {
      stateOf(order).reset();
    } catch (error) {
      thrown = error;
    }
    expect(isCowError(thrown, 'NotStandalone')).toBe(true);
    expect(stateOf(order).changedFields()).toEqual(['customer']);
  });
});

describe('a StateTracker on a plain record', () => {
  it('learns by trackChange what was changed behind its back, and can undo it', () => {
    const record: { name?: string; tags: string[]; age?: number } = { name: 'Ada', tags: ['x'] };
    const tracker = new StateTracker(record);
    record.name = 'Grace';
    record.tags.push('y');
    record.age = 5;
    expect(tracker.isModified()).toBe(false);
    tracker.trackChange('name', 'Ada');
    tracker.trackChange('name', 'Jane');
    tracker.trackChange('tags', ['x']);
    tracker.trackChange('age', undefined);
    expect(tracker.changedFields()).toEqual(['name', 'tags', 'age']);
    expect(tracker.getOriginalValue('name')).toBe('Ada');
    const { tags } = record;
    tracker.rollback();
    expect(record).toStrictEqual({ name: 'Ada', tags: ['x'] });
    expect(record.tags).toBe(tags);
  });

  it('keeps the original that trackChange was given, were it changed later', () => {
    const original = ['x'];
    const tracker = new StateTracker({ tags: ['x', 'y'] });
    tracker.trackChange('tags', original);
    original.push('more');
    expect(tracker.getOriginalValue('tags')).toEqual(['x']);
  });

  it('keeps no original of a scalar that was rolled back', () => {
    const record = { name: 'Ada' };
    const tracker = new StateTracker(record);
    tracker.set('name', 'Grace');
    tracker.rollback();
    record.name = 'Jane'; // behind its back, and nothing was told: this is what is known
    expect(tracker.getOriginalValue('name')).toBe('Jane');
    expect(tracker.isModified()).toBe(false);
  });

  it('keeps a field that was undefined apart from one that was absent', () => {
    const record: Record<string, unknown> = { there: undefined };
    const tracker = new StateTracker(record);
    tracker.set('there', 1);
    tracker.set('absent', 1);
    tracker.rollback();
    expect(record).toStrictEqual({ there: undefined });
    expect(tracker.getAllOriginalData()).toStrictEqual({ there: undefined });
  });

  it('refuses to write a frozen record, as the record itself does', () => {
    const record = Object.freeze({ name: 'Ada' }) as { name: string };
    const tracker = new StateTracker(record);
    expect(() => tracker.set('name', 'Grace')).toThrow(TypeError);
    expect(tracker.isModified()).toBe(false);
  });
});

describe('a StateTracker on bytes', () => {
  it('knows the originals itself, whatever trackChange is told', () => {
    const order = loadOrder();
    stateOf(order).trackChange('customer', 'someone');
    stateOf(order).trackChange('items', []);
    expect(stateOf(order).isModified()).toBe(false);
    expect(order.customer).toBe('Ada');
    expect(stateOf(order).getOriginalValue('items')).toHaveLength(3);
  });

  it('leaves what the class does not declare to the object, untracked', () => {
    const order = loadOrder() as Order & { extra?: string[] };
    const tracker = stateOf(order);
    expect(tracker.get('lines')).toBe(3);
    expect(tracker.getOriginalValue('lines')).toBe(3);
    tracker.set('buyer', 'Grace');
    expect(tracker.changedFields()).toEqual(['customer']);
    tracker.set('extra', ['memory']);
    tracker.trackChange('extra', []);
    tracker.rollback('extra');
    expect(order.extra).toEqual(['memory']);
    expect(tracker.hasChanged('extra')).toBe(false);
    expect(tracker.compareField('extra', ['memory'])).toBe(false);
    expect(tracker.compareField('extra', [])).toBe(true);
    tracker.getOriginalValue('extra')!.push('more');
    expect(order.extra).toEqual(['memory']);
    expect(tracker.changedFields()).toEqual(['customer']);
  });

  it('names what changed of an embedded value that was replaced by a plain object', () => {
    const order = loadOrder();
    order.address = { city: 'Paris', street: 'Strand' };
    expect(stateOf(order).changeSet()).toEqual([
      { path: 'address.city', kind: 'changed', original: 'London', value: 'Paris' },
    ]);
    order.address = { city: 'London', street: 'Strand' };
    expect(stateOf(order).isModified()).toBe(false);
    expect(stateOf(order).getOriginalValue('address')).toBeInstanceOf(Address);
  });

  it('answers for a partly loaded entity by what was loaded', () => {
    const { entity } = load(Order, orderDocument(), ['id', 'customer']);
    expect(stateOf(entity).getAllOriginalData()).toEqual({ id: orderData().id, customer: 'Ada' });
    expect(() => stateOf(entity).getOriginalValue('items')).toThrow(/items/);
  });
});
