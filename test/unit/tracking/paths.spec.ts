import { describe, expect, it } from '@jest/globals';
import { StateTracker } from '../../../lib/tracking/index.js';
import { SUBJECTS, orderData, type Order } from './subjects.js';

type Path = Parameters<StateTracker<Order>['hasChanged']>[0];

describe.each(SUBJECTS)('a path into a field, %s', (_name, make) => {
  /** A change, the paths that it changes, some beside it, and the original value at the first. */
  const CHANGES: [title: string, (get: StateTracker<Order>) => unknown, Path[], Path[], unknown][] = [
    [
      'a property of an embedded object',
      (t) => (t.get('address').city = 'Paris'),
      ['address.city', 'address'],
      ['address.street', 'address.nowhere', 'customer.length', 'items.0.sku'],
      orderData().address.city,
    ],
    [
      'a field of an element',
      (t) => t.get('items')[1]!.qty++,
      ['items.1.qty', 'items.1', 'items'],
      ['items.0.qty', 'items.1.sku', 'items.7.sku'],
      orderData().items[1]!.qty,
    ],
    [
      'an entry of a Map',
      (t) => t.get('stock').set('a', 70),
      ['stock.a', 'stock'],
      ['stock.b', 'stock.unknown'],
      orderData().stock.get('a'),
    ],
    [
      'a new entry of a Map',
      (t) => t.get('stock').set('new', 1),
      ['stock.new', 'stock'],
      ['stock.a', 'stock.b'],
      undefined,
    ],
    [
      'a deep part of a free-form object',
      (t) => (t.get('meta').size.w = 99),
      ['meta.size.w', 'meta.size', 'meta'],
      ['meta.size.h', 'meta.list', 'meta.size.w.more'],
      orderData().meta.size.w,
    ],
    [
      'a removed property',
      (t) => delete t.get('address').street,
      ['address.street', 'address'],
      ['address.city'],
      orderData().address.street,
    ],
    [
      'a new property',
      (t) => (t.get('meta').added = { deep: [1] }),
      ['meta.added', 'meta.added.deep', 'meta.added.deep.0'],
      ['meta.size'],
      undefined,
    ],
    [
      'an element of an array of scalars',
      (t) => (t.get('tags')[0] = 'other'),
      ['tags.0', 'tags'],
      ['tags.1', 'tags.length'],
      orderData().tags[0],
    ],
  ];

  describe.each(CHANGES)('to %s', (_title, change, changed, unchanged, original) => {
    const path = changed[0]!;

    it('is told from those beside it', () => {
      const { tracker } = make();
      for (const each of [...changed, ...unchanged]) expect([each, tracker.hasChanged(each)]).toEqual([each, false]);
      change(tracker);
      for (const each of changed) expect([each, tracker.hasChanged(each)]).toEqual([each, true]);
      for (const each of unchanged) expect([each, tracker.hasChanged(each)]).toEqual([each, false]);
    });

    it('answers its original, and compares with it', () => {
      const { tracker } = make();
      change(tracker);
      expect(tracker.getOriginalValue(path)).toEqual(original);
      expect(tracker.compareField(path)).toBe(true);
      expect(tracker.compareField(path, original)).toBe(false);
      expect(tracker.compareField(path, 'something else')).toBe(true);
    });

    it('is restored, and nothing else', () => {
      const { tracker } = make();
      change(tracker);
      tracker.set('customer', 'changed, too');
      tracker.rollback(path);
      expect(tracker.hasChanged(path)).toBe(false);
      expect(tracker.changedFields()).toEqual(['customer']);
      expect(tracker.getOriginalValue(path)).toEqual(original);
    });
  });

  it('restores what lies there in place, and leaves what lies beside', () => {
    const { tracker } = make();
    const { size } = tracker.get('meta');
    const meta = tracker.get('meta');
    meta.size = { w: -1 };
    meta.list = 'replaced';
    size.w = 1_000;
    tracker.rollback('meta.size');
    expect(meta.size).toBe(size);
    expect(size).toEqual(orderData().meta.size);
    expect(meta.list).toBe('replaced');
    expect(tracker.changeSet().map((change) => change.path)).toEqual(['meta.list']);
  });

  it.each<[string, Path, (tracker: StateTracker<Order>) => unknown]>([
    ['an array of another length', 'items.0.qty', (tracker) => tracker.get('items').shift()],
    ['an object that was removed', 'meta.size.w', (tracker) => delete tracker.get('meta').size],
    ['an object that became a text', 'meta.size.w', (tracker) => (tracker.get('meta').size = 'large')],
    ['a list that became an object', 'meta.list.0', (tracker) => (tracker.get('meta').list = { 0: 'x' })],
    ['a field that was removed', 'address.city', (tracker) => tracker.set('address', undefined as never)],
  ])('restores the least around %s', (_title, path, change) => {
    const { tracker } = make();
    change(tracker);
    expect(tracker.isModified()).toBe(true);
    tracker.rollback(path);
    expect(tracker.changeSet()).toEqual([]);
  });

  it('restores nothing where nothing changed', () => {
    const { tracker } = make();
    tracker.get('tags').push('z');
    tracker.rollback('address.city');
    expect(tracker.changedFields()).toEqual(['tags']);
  });
});

it('a plain record may have dots in its names: such a field is meant first', () => {
  const tracker = new StateTracker<Record<string, unknown>>({ 'a.b': 1, a: { b: 2 } });
  tracker.set('a.b', 3);
  expect(tracker.hasChanged('a.b')).toBe(true);
  expect(tracker.hasChanged('a')).toBe(false);
  expect(tracker.getOriginalValue('a.b')).toBe(1);
  tracker.rollback('a.b');
  expect(tracker.isModified()).toBe(false);
});
