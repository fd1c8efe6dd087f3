import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { documentOf } from '../../../bench/tracking-rows/measure.mjs';
import { rows } from '../../../bench/tracking-rows/rows.mjs';
import { RawValue } from '../../../lib/bson/raw-value.js';
import { DocumentSource } from '../../../lib/unit-of-work/document-source.js';
import { Managed } from '../../../lib/unit-of-work/managed.js';
import { useWorld } from '../support/world.js';
import { Order } from './order.js';
import { BSON_CLASSES } from './run-rows.js';

const FEW = 5;
const MANY = 300;

const world = useWorld();

beforeAll(async () => {
  const documents = Array.from({ length: MANY }, () => documentOf(rows[0]!, BSON_CLASSES));
  await world.raw(Order).insertMany(documents);
});

/** What a flush did: how many fields it compared with their originals, entities it looked at, values it took apart. */
interface Work {
  readonly fields: number;
  readonly entities: number;
  readonly containers: number;
  readonly commands: number;
}

/** Loads so many orders, lets `change` have them, and counts what the flush then does. */
async function flushWork(loaded: number, change: (orders: Order[]) => void): Promise<Work> {
  return world.uow.run(
    async () => {
      const orders = await world.repository(Order).find({}, { limit: loaded });
      expect(orders).toHaveLength(loaded);
      change(orders);
      world.commands.clear();
      const originals = (['raw', 'isSurely'] as const).map((name) => jest.spyOn(DocumentSource.prototype, name));
      const touched = jest.spyOn(Managed.prototype, 'touched');
      const tested = jest.spyOn(Managed.prototype, 'isTouched');
      const containers = [jest.spyOn(RawValue.prototype, 'fields'), jest.spyOn(RawValue.prototype, 'elements')];
      await world.uow.flush();
      const visited = [...touched.mock.contexts, ...tested.mock.contexts];
      const work = {
        fields: originals.reduce((sum, spy) => sum + spy.mock.calls.length, 0),
        entities: new Set(visited).size,
        containers: containers.reduce((sum, spy) => sum + spy.mock.calls.length, 0),
        commands: world.commands.all().length,
      };
      jest.restoreAllMocks();
      return work;
    },
    { flush: 'manual' },
  );
}

let next = 100; // each flush writes another value than those before it
const someNumber = () => next++;

describe('the work of a flush', () => {
  it('is none when nothing was touched, however much was loaded and read', async () => {
    const read = (orders: Order[]) =>
      orders.forEach(({ id, note, total, paid, views }) => [id, note, total, paid, views]);
    expect(await flushWork(MANY, read)).toEqual({ fields: 0, entities: 0, containers: 0, commands: 0 });
  });

  it.each<[string, (orders: Order[]) => void]>([
    ['a field', ([order]) => (order!.total = someNumber())],
    ['fields of three orders', (orders) => orders.slice(0, 3).forEach((order) => (order.count = someNumber()))],
    ['an element', ([order]) => (order!.items[1]!.qty = someNumber())],
    ['containers that were only read', (orders) => orders.slice(0, 3).forEach(({ items, tags }) => [items, tags])],
  ])('is the same for few and for many loaded orders: %s', async (_, change) => {
    const few = await flushWork(FEW, change);
    expect(few.fields).toBeGreaterThan(0);
    expect(await flushWork(MANY, change)).toEqual(few);
  });

  it('grows by one order with each that was touched', async () => {
    const touching = (count: number) =>
      flushWork(MANY, (orders) => orders.slice(0, count).forEach((order) => (order.total = someNumber())));
    const [two, four, eight] = [await touching(2), await touching(4), await touching(8)];
    expect([two.entities, four.entities, eight.entities]).toEqual([2, 4, 8]);
    expect(eight.fields - four.fields).toBe(2 * (four.fields - two.fields));
  });

  it('grows by one comparison with each field that was touched', async () => {
    const touching = (names: readonly ('total' | 'count' | 'views' | 'best')[]) =>
      flushWork(FEW, ([order]) => names.forEach((name) => (order![name] = someNumber())));
    const one = await touching(['total']);
    const two = await touching(['total', 'count']);
    const three = await touching(['total', 'count', 'best']);
    expect(two.fields).toBeGreaterThan(one.fields);
    expect(three.fields - two.fields).toBe(two.fields - one.fields);
  });

  it('leaves alone what lies beside a touched container', async () => {
    const change = ([order]: Order[]) => (order!.address!.geo!.lat = someNumber());
    const beside = await flushWork(1, change);
    const items = Array.from({ length: 500 }, (_, index) => ({ sku: `sku ${index}`, qty: index }));
    await world.raw(Order).updateMany({}, { $set: { items } });
    expect(await flushWork(1, change)).toEqual(beside);
  });
});
