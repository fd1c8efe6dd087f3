import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import type { UnitOfWork } from '../../../lib/unit-of-work/index.js';
import { currentScope } from '../../../lib/unit-of-work/context.js';
import { Order } from '../support/models.js';
import { useWorld } from '../support/world.js';

const world = useWorld({ flushTimeoutMS: 60_000 });
const orders = () => world.repository(Order);
const document = (customer: string) => ({
  customer_id: customer,
  status: 'open',
  total: 0,
  views: 0,
  items: [],
  tags: [],
});
let id: ObjectId;

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  id = await world.stored(Order, document('ada'));
  world.commands.clear();
});

it('a chain 100 deep sees what each level did, and comes back by 100 unions', async () => {
  await world.uow.run(async () => {
    const root = await orders().getById(id);
    root.tags!.push('root');
    const chain: UnitOfWork[] = [];
    for (let depth = 0; depth < 100; depth++) {
      const fork = (chain.at(-1) ?? world.uow).fork();
      await fork.run(async () => {
        const own = await orders().getById(id);
        expect(own.tags).toHaveLength(depth + 1);
        expect(own.total).toBe(depth);
        own.tags!.push(`level ${depth}`);
        own.total = depth + 1;
        own.views! += 1;
        if (depth % 10 === 0) orders().create({ customer: `made at ${depth}`, items: [] });
      });
      chain.push(fork);
    }
    expect(root).toMatchObject({ tags: ['root'], total: 0, views: 0 });
    for (let depth = 99; depth > 0; depth--) chain[depth - 1]!.union(chain[depth]!);
    world.uow.union(chain[0]!);
    expect(root).toMatchObject({ total: 100, views: 100 });
    expect(root.tags).toEqual(['root', ...Array.from({ length: 100 }, (_, depth) => `level ${depth}`)]);
  });
  expect(await world.read(Order, id)).toMatchObject({ total: 100, views: 100 });
  expect(await world.raw(Order).countDocuments({ customer_id: /^made at/ })).toBe(10);
}, 300_000);

it('64 branches that fork, change and unite at once, again and again', async () => {
  const ids = Array.from({ length: 64 }, () => new ObjectId());
  await world.raw(Order).insertMany(ids.map((_id, index) => ({ _id, ...document(`c${index}`) })));
  await world.uow.run(async () => {
    const shared = await orders().getById(id);
    await Promise.all(
      ids.map(async (own, branch) => {
        for (let round = 0; round < 5; round++) {
          const fork = world.uow.fork();
          await fork.run(async () => {
            if ((branch + round) % 4 === 0) await sleep((branch * 7 + round) % 3);
            const [mine, common] = await Promise.all([orders().getById(own), orders().getById(id)]);
            mine.total! += 1;
            mine.tags!.push(`round ${round}`);
            common.views! += 1;
            // A fork of the fork, kept or not.
            const inner = fork.fork();
            await inner.run(async () => ((await orders().getById(own)).note = `of round ${round}`));
            if (round % 2 === 0) fork.union(inner);
            else inner.drop();
          });
          world.uow.union(fork);
        }
      }),
    );
    expect(shared.views).toBe(64 * 5);
    expect(currentScope()?.node).toBeUndefined();
  });
  const stored = await world
    .raw(Order)
    .find({ _id: { $in: ids } })
    .toArray();
  for (const one of stored) {
    expect(one).toMatchObject({ total: 5, note: 'of round 4' });
    expect(one.tags).toEqual([0, 1, 2, 3, 4].map((round) => `round ${round}`));
  }
  expect(await world.read(Order, id)).toMatchObject({ views: 64 * 5 });
}, 300_000);

it('a unit of work of 100,000 entities is forked, changed in few places, united and flushed', async () => {
  const made = Array.from({ length: 100_000 }, (_, index) => ({
    _id: new ObjectId(),
    customer_id: 'bulk',
    total: index,
    items: [],
  }));
  await world.raw(Order).insertMany(made);
  await world.uow.run(async () => {
    const all = await orders().find({ customer: 'bulk' });
    expect(all).toHaveLength(100_000);
    const kept = world.uow.fork();
    await kept.run(async () => {
      for (let at = 0; at < 100_000; at += 1_000) (await orders().getById(made[at]!._id)).status = 'forked';
    });
    const dropped = world.uow.fork();
    await dropped.run(async () => ((await orders().getById(made[7]!._id)).status = 'dropped'));
    dropped.drop();
    all[1]!.status = 'own';
    world.uow.union(kept);
    expect(world.uow.changes()).toHaveLength(101);
    world.commands.clear();
  });
  const counts = await Promise.all(
    ['forked', 'own', 'dropped'].map((status) => world.raw(Order).countDocuments({ status })),
  );
  expect(counts).toEqual([100, 1, 0]);
}, 240_000);

describe('memory', () => {
  it('100,000 forks made and dropped leave nothing behind', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const heap = async () => {
      for (let round = 0; round < 4; round++) {
        await sleep(1); // a WeakRef that was looked at lives until the end of its turn
        gc();
      }
      return process.memoryUsage().heapUsed;
    };
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      const open = world.uow.fork(); // keeps the tree
      const churn = async (forks: number) => {
        for (let count = 0; count < forks; count++) {
          const fork = world.uow.fork();
          if (count % 50 === 0) {
            order.total = count;
            await fork.run(async () => void (await orders().getById(id)).tags!.push('x'));
          }
          fork.drop();
        }
      };
      await churn(10_000); // whatever is made once
      const before = await heap();
      await churn(100_000);
      const after = await heap();
      expect(order.tags).toEqual([]);
      open.drop();
      // Ten bytes a fork would be a million.
      expect(after - before).toBeLessThan(1_000_000);
    });
  }, 240_000);
});
