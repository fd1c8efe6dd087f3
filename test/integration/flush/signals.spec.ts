import { afterEach, describe, expect, it } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ObjectId } from 'mongodb';
import { CowError, counters, Transactional, UnitOfWork } from '../../../lib/index.js';
import { entityMapOf } from '../../../lib/mapping/index.js';
import { Repository } from '../../../lib/repository/index.js';
import { Connection } from '../../../lib/unit-of-work/index.js';
import { Order, type LineItem } from '../support/models.js';
import { errorOf, useWorld } from '../support/world.js';

const world = useWorld({}, 'own server');
const uow = new UnitOfWork();
const NAMES = ['load', 'plan', 'flush', 'conflict', 'retry', 'outcome'] as const;

/** What is published while `fn` runs, by channel, in order. */
async function heard(fn: () => Promise<unknown>): Promise<(readonly [string, any])[]> {
  const events: (readonly [string, any])[] = [];
  const listeners = NAMES.map(
    (name) => [`nestjs-cow:${name}`, (event: unknown) => events.push([name, event])] as const,
  );
  for (const [name, listener] of listeners) subscribe(name, listener);
  try {
    await fn();
  } finally {
    for (const [name, listener] of listeners) unsubscribe(name, listener);
  }
  return events;
}

const stored = () =>
  world.stored<ObjectId>(Order, {
    customer_id: 'ada',
    status: 'open',
    total: 5,
    tags: [],
    items: [{ sku: 'x', qty: 1 }],
    address: { city: 'Graz' },
  });
const theirs = (id: ObjectId, set: object) => world.raw(Order).updateOne({ _id: id }, { $set: set });

afterEach(() => world.others.admin().command({ configureFailPoint: 'failCommand', mode: 'off' }));

describe('diagnostics channels', () => {
  it('tell of load, plan, flush and outcome', async () => {
    const id = await stored();
    const before = counters();
    const events = await heard(() =>
      uow.run(
        async () => {
          (await world.repository(Order).getById(id)).status = 'paid';
          await world.repository(Order).find({ customer: 'nobody' });
        },
        { label: 'PATCH /orders/1' },
      ),
    );
    expect(events.map(([name]) => name)).toEqual(['load', 'load', 'plan', 'outcome', 'flush']);
    const [load, empty, plan, outcome, flush] = events.map(([, event]) => event);
    expect(load).toMatchObject({ entity: 'Order', collection: 'orders', documents: 1 });
    expect(empty).toMatchObject({ documents: 0 });
    const label = 'PATCH /orders/1';
    expect(plan).toEqual({
      flushId: flush.flushId,
      label,
      writes: [{ entity: 'Order', id: id.toHexString(), kind: 'update' }],
    });
    expect(outcome).toMatchObject({ flushId: flush.flushId, label, outcome: 'committed', writes: 1, retries: 0 });
    const after = counters();
    expect(after.loads - before.loads).toBe(2);
    expect(after.documents - before.documents).toBe(1);
    expect(after.committed - before.committed).toBe(1);
    expect(after.writes - before.writes).toBe(1);
    expect(after.flushes - before.flushes).toBe(1);
    for (const { durationMS } of [load, outcome]) expect(durationMS).toBeGreaterThanOrEqual(0);
    expect(world.commands.named('find')).toHaveLength(2);
  });

  it('say nothing of a unit of work that changed nothing', async () => {
    const id = await stored();
    const events = await heard(() => uow.run(() => world.repository(Order).getById(id)));
    expect(events.map(([name]) => name)).toEqual(['load']);
  });

  it('tell of a conflict, and of what was sent again', async () => {
    const id = await stored();
    const before = counters();
    const events = await heard(async () => {
      await errorOf(
        uow.run(async () => {
          (await world.repository(Order).getById(id)).status = 'mine';
          await theirs(id, { status: 'theirs' });
        }),
      );
      await uow.run(async () => {
        (await world.repository(Order).getById(id)).status = 'mine';
        const data = { failCommands: ['update'], errorCode: 112, appName: world.database.name };
        await world.others.admin().command({ configureFailPoint: 'failCommand', mode: { times: 2 }, data });
      });
    });
    expect(events.map(([name]) => name)).toEqual(
      'load plan conflict outcome load plan retry retry outcome flush'.split(' '),
    );
    const of = (name: string) => events.filter(([each]) => each === name).map(([, event]) => event);
    expect(of('conflict')[0].error).toBeInstanceOf(CowError);
    expect(of('outcome')).toMatchObject([{ outcome: 'conflict', error: { code: 'ConcurrentModification' } }, { outcome: 'committed', retries: 2 }]); // prettier-ignore
    expect(of('retry')).toMatchObject([{ of: 'flush', attempt: 1, error: { code: 112 } }, { attempt: 2 }]);
    expect(counters().retries - before.retries).toBe(2);
    expect(counters().conflicts - before.conflicts).toBe(1);
    expect(counters().flushes - before.flushes).toBe(2);
  });

  it('tell a flush that was refused from one of which nobody knows', async () => {
    const id = await stored();
    // Gives up soon.
    const { client, connection } = world;
    const hasty = new Connection('hasty', client, connection.db, { ...connection.settings, flushTimeoutMS: 1_500 });
    const orders = new Repository<Order>(hasty.store(entityMapOf(Order)));
    const data = { failCommands: ['update'], appName: world.database.name };
    const failing = (how: object) => () =>
      uow.run(async () => {
        (await orders.getById(id)).status = 'mine';
        const mode = 'alwaysOn';
        await world.others.admin().command({ configureFailPoint: 'failCommand', mode, data: { ...data, ...how } });
      });
    const before = counters();
    const events = await heard(async () => {
      await errorOf(failing({ errorCode: 13 })());
      await errorOf(failing({ writeConcernError: { code: 91, errmsg: 'shutting down' } })());
    });
    expect(events.filter(([name]) => name === 'outcome').map(([, event]) => event)).toMatchObject([
      { outcome: 'refused', error: { code: 'WriteRefused' } },
      { outcome: 'unknown', error: { code: 'FlushOutcomeUnknown' } },
    ]);
    expect(events.map(([name]) => name)).not.toContain('conflict');
    const after = counters();
    expect(after).toMatchObject({ refused: before.refused + 1, unknown: before.unknown + 1 });
    expect([after.committed, after.conflicts]).toEqual([before.committed, before.conflicts]);
  });

  it('tell of each time that @Transactional({ retries }) runs again', async () => {
    const id = await stored();
    let runs = 0;
    class Service {
      @Transactional({ retries: 5 })
      async pay() {
        const order = await world.repository(Order).getById(id);
        order.status = 'paid';
        if (++runs < 3) await theirs(id, { status: `theirs ${runs}` });
      }
    }
    const before = counters();
    const events = await heard(() => new Service().pay());
    const retries = events.filter(([name]) => name === 'retry').map(([, event]) => event);
    expect(retries).toMatchObject([
      { of: 'transactional', label: 'Service.pay', attempt: 1, error: { code: 'ConcurrentModification' } },
      { of: 'transactional', label: 'Service.pay', attempt: 2 },
    ]);
    expect(counters().reruns - before.reruns).toBe(2);
  });
});

describe('the details of a conflict', () => {
  it.each([false, true])(
    'say what was loaded, what was wanted and what is stored (beside another write: %s)',
    async (beside) => {
      const id = await stored();
      const other = await stored();
      const error = await errorOf<CowError>(
        uow.run(async () => {
          const order = await world.repository(Order).getById(id);
          order.status = 'mine';
          order.total = 6;
          order.address!.city = 'Wien';
          order.items.push({ sku: 'y', qty: 2 } as LineItem);
          if (beside) (await world.repository(Order).getById(other)).status = 'mine';
          await theirs(id, { status: 'theirs', address: { city: 'Linz' } });
        }),
      );
      const common = { entity: 'Order', id: id.toHexString() };
      expect(error.details).toEqual([
        { ...common, field: 'status', original: 'open', yours: 'mine', theirs: 'theirs' },
        { ...common, field: 'address.city', original: 'Graz', yours: 'Wien', theirs: 'Linz' },
      ]);
      expect(JSON.stringify(error)).not.toContain('Linz'); // stored values stay out of logs and answers
      expect(Object.keys(error)).not.toContain('details');
    },
  );

  it('of an element show the list', async () => {
    const id = await stored();
    const error = await errorOf<CowError>(
      uow.run(async () => {
        (await world.repository(Order).getById(id)).items[0]!.qty = 2;
        await theirs(id, { items: [{ sku: 'x', qty: 3 }] });
      }),
    );
    expect(error.details).toMatchObject([
      { original: [{ sku: 'x', qty: 1 }], yours: [{ sku: 'x', qty: 2 }], theirs: [{ sku: 'x', qty: 3 }] },
    ]);
  });
});
