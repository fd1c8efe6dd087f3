import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { currentScope } from '../../../lib/unit-of-work/context.js';
import { Order, Product } from '../support/models.js';
import { anError, barrier, errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
let id: ObjectId;

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  await world.raw(Product).deleteMany({});
  id = await world.stored(Order, { customer_id: 'ada', status: 'open', total: 1, views: 0, items: [], tags: [] });
  world.commands.clear();
});

describe('branches()', () => {
  it('run at once without seeing each other, and are united in their order', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      const meet = barrier(3);
      const results = await world.uow.branches(
        ['a', 'b', 'c'].map((tag) => async () => {
          const own = await orders().getById(id);
          own.tags!.push(tag);
          own.views! += 1;
          await meet();
          expect(own.tags).toEqual([tag]);
          orders().create({ customer: tag, items: [] });
          return tag;
        }),
      );
      expect(results).toEqual(['a', 'b', 'c']);
      expect(order).toMatchObject({ tags: ['a', 'b', 'c'], views: 3 });
      expect(world.uow.changes()).toHaveLength(4);
    }));

  it('unites the best of them', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      const totals = await world.uow.branches(
        [30, 10, 20].map((total) => async () => ((await orders().getById(id)).total = total)),
        { unite: (results) => results.indexOf(Math.min(...results)) },
      );
      expect(totals).toEqual([30, 10, 20]);
      expect(order.total).toBe(10);
    }));

  it('leaves nothing when one throws, nor when two conflict', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      const thrown = await errorOf(
        world.uow.branches([
          async () => void (await orders().getById(id)).tags!.push('x'),
          async () => {
            throw new Error('no');
          },
        ]),
      );
      expect(thrown.message).toBe('no');
      const conflict = await errorOf(
        world.uow.branches([
          async () => ((await orders().getById(id)).total = 2),
          async () => ((await orders().getById(id)).total = 3),
        ]),
      );
      expect(conflict).toMatchObject({ code: 'ForkConflict', conflicts: [{ path: 'total', ours: 2, theirs: 3 }] });
      expect(order).toMatchObject({ tags: [], total: 1 });
      expect(world.uow.isModified()).toBe(false);
      expect(currentScope()?.node).toBeUndefined();
    }));

  it('64 that each load 10 documents in one tick: one query a class, each id loaded once', async () => {
    const ids = Array.from({ length: 40 }, () => new ObjectId());
    await world.raw(Order).insertMany(ids.map((_id) => ({ _id, customer_id: 'x', items: [] })));
    await world.raw(Product).insertMany(ids.map((_id) => ({ _id, name: 'x', stock: 1, version: 1 })));
    world.commands.clear();
    await world.uow.run(async () => {
      await world.uow.branches(
        Array.from({ length: 64 }, (_, index) => async () => {
          const mine = Array.from({ length: 10 }, (_each, at) => ids[(index + at) % 40]!);
          const found = await Promise.all([orders().findByIds(mine), world.repository(Product).findByIds(mine)]);
          expect(found.map((list) => list.length)).toEqual([10, 10]);
          found[1][0]!.views = (found[1][0]!.views ?? 0) + 1;
        }),
      );
    });
    const finds = world.commands.named('find');
    expect(finds.map(({ command }) => (command as any).filter._id.$in.length)).toEqual([40, 40]);
    const views = await world.raw(Product).find().toArray();
    expect(views.reduce((sum, { views: each }) => sum + (each ?? 0), 0)).toBe(64);
  });

  it(
    '1,000 forks at once with random changes add up',
    () =>
      world.uow.run(async () => {
        const order = await orders().getById(id);
        await world.uow.branches(
          Array.from({ length: 1000 }, (_, index) => async () => {
            if (index % 3 === 0) await sleep(index % 5);
            const own = await orders().getById(id);
            own.views! += 1;
            own.tags!.push(String(index));
          }),
        );
        expect(order.views).toBe(1000);
        expect(order.tags).toHaveLength(1000);
      }),
    60_000,
  );
});

describe('memory', () => {
  it('a dropped fork and its entities are collected', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      const refs: WeakRef<object>[] = [];
      const open = world.uow.fork(); // keeps the tree
      for (let count = 0; count < 50; count++) {
        order.total = count;
        const fork = world.uow.fork();
        await fork.run(async () => {
          const own = await orders().getById(id);
          own.tags!.push('x');
          refs.push(new WeakRef(own), new WeakRef(currentScope()!), new WeakRef(currentScope()!.node!.origin!));
        });
        fork.drop();
      }
      for (let round = 0; round < 5; round++) {
        await sleep(5);
        gc();
      }
      expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(10);
      open.drop();
    });
  });

  it('a unit of work whose forks have ended is as one that never forked', () =>
    world.uow.run(async () => {
      await orders().getById(id);
      const fork = world.uow.fork();
      expect(currentScope()?.node).toBeDefined();
      fork.drop();
      expect(currentScope()?.node).toBeUndefined();
      expect(() => fork.fork()).toThrow(anError({ code: 'ForkClosed' }));
    }));
});
