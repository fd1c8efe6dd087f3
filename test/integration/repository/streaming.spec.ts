import { beforeAll, describe, expect, it } from '@jest/globals';
import { LineItem, Order } from '../support/models.js';
import { errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
const COUNT = 3_000;

beforeAll(async () => {
  const documents = Array.from({ length: COUNT }, (_, total) => ({
    customer_id: 'ada',
    status: total % 2 === 0 ? 'open' : 'paid',
    total,
    items: [{ sku: 'x', qty: total }],
  }));
  await world.raw(Order).insertMany(documents);
});

describe('stream', () => {
  it('answers instances of the class, in order, frozen and outside of any unit of work', async () => {
    let sum = 0;
    for await (const order of orders().stream({ status: 'open' }, { sort: { total: 1 }, batchSize: 500 })) {
      expect(order.items[0]).toBeInstanceOf(LineItem);
      if (sum === 0) expect(() => (order.note = 'x')).toThrow(TypeError);
      sum += order.total!;
    }
    expect(sum).toBe((COUNT / 2) * (COUNT / 2 - 1));
  });

  it('tracks nothing of what it answers', () =>
    world.uow.run(async () => {
      const held: WeakRef<object>[] = [];
      for await (const order of orders().stream()) held.push(new WeakRef(order));
      const [first] = await orders().find({ total: 0 });
      expect(held[0]!.deref() === first).toBe(false);
      expect(world.uow.isModified()).toBe(false);
    }));

  it('reads batch by batch, not ahead of who consumes it', async () => {
    let seen = 0;
    for await (const _ of orders().stream({}, { batchSize: 100 })) {
      if (++seen === 250) break;
    }
    expect(world.commands.named('find', 'getMore').length).toBeLessThanOrEqual(4);
  });

  it('closes its cursor when the loop is left', async () => {
    for await (const _ of orders().stream({}, { batchSize: 10 })) break;
    expect(world.commands.named('killCursors')).toHaveLength(1);
  });

  it('holds no more than a batch in memory', async () => {
    // What was answered is garbage: a tracked entity, or a list behind the scenes, would keep it alive.
    const alive = new Set<number>();
    const registry = new FinalizationRegistry<number>((n) => alive.delete(n));
    let n = 0;
    for await (const order of orders().stream({}, { batchSize: 100 })) {
      registry.register(order, n);
      alive.add(n++);
      if (n % 500 === 0) await collectGarbage();
    }
    await collectGarbage();
    expect(n).toBe(COUNT);
    expect(alive.size).toBeLessThan(200);
  });

  it('reports a wrong filter or option when it is started', async () => {
    const drain = async (stream: AsyncIterable<unknown>) => {
      for await (const _ of stream) break;
    };
    expect((await errorOf(drain(orders().stream({ nope: 1 } as never)))).code).toBe('InvalidQuery');
    expect((await errorOf(drain(orders().stream({}, { nope: 1 } as never)))).code).toBe('InvalidOption');
  });
});

async function collectGarbage(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  await new Promise((resolve) => setTimeout(resolve, 5));
}
