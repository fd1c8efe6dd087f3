import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectId } from 'mongodb';
import { ForkConflictError } from '../../../lib/unit-of-work/index.js';
import { Order } from '../support/models.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
let id: ObjectId;

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  id = await world.stored(Order, { customer_id: 'ada', status: 'open', total: 100, items: [], tags: [] });
});

/** In the manner of docs/forks.md, whose own blocks test/docs/forks.spec.ts runs. */
describe('what forks are for', () => {
  it.each([
    [90, 'open'],
    [120, 'accepted'],
  ])('what if: a total of %d leaves the order %s', async (total, status) => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      const trial = world.uow.fork();
      const priced = trial.own(order);
      Object.assign(priced, { total, status: 'accepted' });
      if (priced.total! >= 100) world.uow.union(trial);
      else trial.drop();
    });
    expect(await world.read(Order, id)).toMatchObject({ status });
  });

  it('an import with a report for each row', async () => {
    const report: string[] = [];
    await world.uow.run(async () => {
      for (const row of ['one', '', 'two']) {
        try {
          await world.uow.fork(async () => {
            const order = orders().create({ customer: row, items: [] });
            (await orders().getById(id)).tags!.push(row);
            if (row === '') throw new Error('no customer');
            order.note = 'imported';
          });
          report.push('imported');
        } catch (error) {
          report.push((error as Error).message);
        }
      }
    });
    expect(report).toEqual(['imported', 'no customer', 'imported']);
    expect(await world.read(Order, id)).toMatchObject({ tags: ['one', 'two'] });
    expect(await world.raw(Order).countDocuments({ note: 'imported' })).toBe(2);
  });

  it('a conflict and its resolution', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      const trial = world.uow.fork();
      trial.own(order).total = 80;
      order.total = 90;
      const shown: unknown[] = [];
      try {
        world.uow.union(trial);
      } catch (error) {
        if (!(error instanceof ForkConflictError)) throw error;
        for (const { path, original, ours, theirs } of error.conflicts) shown.push([path, original, ours, theirs]);
      }
      expect(shown).toEqual([['total', 100, 90, 80]]);
      world.uow.union(trial, { onConflict: 'theirs' });
    });
    expect(await world.read(Order, id)).toMatchObject({ total: 80 });
  });
});
