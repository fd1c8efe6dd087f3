import { describe, expect, it } from '@jest/globals';
import { Long, type Document, type ObjectId } from 'mongodb';
import { sameAny } from '../../../lib/bson/codecs/same.js';
import { LineItem, Order, Point } from '../support/models.js';
import { useWorld } from '../support/world.js';

/** Fields that a class does not declare stay with the element that has them, however it is moved or replaced. */
describe('undeclared fields of elements', () => {
  const world = useWorld();

  /** A hundred of each, so that changes by position are shorter than the whole array. */
  async function changed(change: (order: Order) => void, isFlushedBefore = false): Promise<Document> {
    const items = Array.from({ length: 100 }, (_, n) => ({ sku: `sku-${n}`, qty: n, legacy: `item ${n}` }));
    const points = Array.from({ length: 100 }, (_, n) => ({ x: n, legacy: `point ${n}` }));
    const id = await world.stored<ObjectId>(Order, { customer_id: 'c', items, points });
    await world.uow.run(async () => {
      const order = await world.repository(Order).getById(id);
      if (isFlushedBefore) {
        void [order.items, order.points]; // handed out, and left alone by the flush
        order.status = 'flushed';
        await world.uow.flush();
      }
      change(order);
    });
    return (await world.read(Order, id))!;
  }

  it.each([false, true])('move with an element that is moved (after a flush: %s)', async (isFlushedBefore) => {
    const { items, points } = await changed(({ items, points }) => {
      [items[0], items[99]] = [items[99]!, items[0]!];
      [points![0], points![50]] = [points![50]!, points![0]!];
    }, isFlushedBefore);
    expect([items[0], items[99]]).toEqual([
      { sku: 'sku-99', qty: 99, legacy: 'item 99' },
      { sku: 'sku-0', qty: 0, legacy: 'item 0' },
    ]);
    expect([points[0], points[50]]).toEqual([
      { x: 50, legacy: 'point 50' },
      { x: 0, legacy: 'point 0' },
    ]);
  });

  it('go with an element that another replaces', async () => {
    const { items, points } = await changed((order) => {
      order.items[0] = Object.assign(new LineItem(), { sku: 'new', qty: 1 });
      order.points![0] = Object.assign(new Point(), { x: 7 });
    });
    expect([items[0], points[0]]).toEqual([{ sku: 'new', qty: 1 }, { x: 7 }]);
  });

  it('stay with an element that is changed where it stands', async () => {
    const { items, points } = await changed((order) => {
      order.items[3]!.qty = 7;
      order.points![3]!.x = 7;
    });
    expect([items[3], points[3]]).toEqual([
      { sku: 'sku-3', qty: 7, legacy: 'item 3' },
      { x: 7, legacy: 'point 3' },
    ]);
  });

  it.each([false, true])('are not given to a twin of the key (after a flush: %s)', async (isFlushedBefore) => {
    const { items } = await changed((order) => {
      order.items.push(Object.assign(new LineItem(), { sku: 'sku-0', qty: 5 }));
    }, isFlushedBefore);
    expect([items[0], items[100]]).toEqual([
      { sku: 'sku-0', qty: 0, legacy: 'item 0' },
      { sku: 'sku-0', qty: 5 },
    ]);
  });
});

it('tells two int64 apart that no number can hold (found by the proof "concurrency", seed 2105298044)', () => {
  expect(sameAny(Long.fromString('9223372036854775807'), Long.fromString('4035225266123964416'))).toBe(false);
  expect(sameAny(Long.MAX_VALUE, Long.fromString('9223372036854775807'))).toBe(true);
});
