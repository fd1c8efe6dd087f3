import { beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectId } from 'mongodb';
import { UnitOfWork } from '../../../lib/unit-of-work/index.js';
import { Order, Product } from '../support/models.js';
import { anError, errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
let id: ObjectId;

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  id = await world.stored(Order, { customer_id: 'ada', status: 'open', items: [{ sku: 'x', qty: 1 }], tags: [] });
});

describe('units of work that run at the same time', () => {
  it('are apart: 50 of them, each with instances and changes of its own', async () => {
    const ids = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        world.stored<ObjectId>(Order, { customer_id: `c${n}`, total: 0, items: [] }),
      ),
    );
    const shared = await Promise.all(
      ids.map((own, n) =>
        world.uow.run(async () => {
          const everybodys = await orders().getById(id);
          await sleep(Math.random() * 10);
          const order = await orders().getById(own);
          order.total = n + 1;
          await sleep(Math.random() * 10);
          // Others' changes are not to be seen, in memory or as something to flush.
          expect(world.uow.changes().map((change) => change.entity)).toEqual([order]);
          expect(await orders().getById(own)).toBe(order);
          expect(await orders().getById(id)).toBe(everybodys);
          return everybodys;
        }),
      ),
    );
    expect(new Set(shared).size).toBe(50);
    const stored = await world
      .raw(Order)
      .find({ _id: { $in: ids } })
      .sort({ total: 1 })
      .toArray();
    expect(stored.map(({ customer_id, total }) => [customer_id, total] as unknown)).toEqual(
      ids.map((_, n) => [`c${n}`, n + 1]),
    );
    expect(world.writes).toHaveLength(50);
  });

  it('do not see what another has not committed', async () => {
    let tell!: () => void;
    const changed = new Promise<void>((resolve) => (tell = resolve));
    let finish!: () => void;
    const seen = new Promise<void>((resolve) => (finish = resolve));
    await Promise.all([
      world.uow.run(async () => {
        (await orders().getById(id)).status = 'mine';
        orders().create({ customer: 'new', items: [] });
        tell();
        await seen;
      }),
      changed.then(() =>
        world.uow.run(async () => {
          expect(await orders().getById(id)).toMatchObject({ status: 'open' });
          expect(await orders().find({ customer: 'new' })).toEqual([]);
          expect(world.uow.isModified()).toBe(false);
          finish();
        }),
      ),
    ]);
  });
});

describe('run', () => {
  it('answers what the function returns, sync or not', async () => {
    expect(await world.uow.run(() => 5)).toBe(5);
    expect(await world.uow.run(async () => Promise.resolve('x'))).toBe('x');
  });

  it('throws what the function throws, itself', async () => {
    const error = new Error('mine');
    expect(await errorOf(world.uow.run(() => Promise.reject(error)))).toBe(error);
    expect(
      await errorOf(
        world.uow.run(() => {
          throw error;
        }),
      ),
    ).toBe(error);
  });

  it('nested joins: one identity map, one flush at the end', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      const inner = await world.uow.run(async () => {
        const same = await orders().getById(id);
        same.status = 'inner';
        return same;
      });
      expect(inner).toBe(order);
      expect(world.writes).toEqual([]);
      order.note = 'outer';
    });
    expect(world.onlyUpdate.u).toEqual({ $set: { status: 'inner', note: 'outer' } });
  });

  it('nested that throws and is caught drops nothing by itself', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      await errorOf(
        world.uow.run(() => {
          order.status = 'inner';
          throw new Error('no');
        }),
      );
      order.note = 'outer';
    });
    expect(await world.read(Order, id)).toMatchObject({ status: 'inner', note: 'outer' });
  });

  it('works with any instance of UnitOfWork: it has no state of its own', async () => {
    await world.uow.run(async () => {
      const order = await new UnitOfWork().run(() => orders().getById(id));
      order.status = 'x';
      expect(new UnitOfWork().isModified(order)).toBe(true);
      await new UnitOfWork().flush();
    });
    expect(world.writes).toHaveLength(1);
  });

  it('after another starts from nothing', async () => {
    const first = await world.uow.run(() => orders().getById(id));
    await world.uow.run(async () => {
      expect(await orders().getById(id)).not.toBe(first);
    });
  });
});

describe('a unit of work that is flushed by hand', () => {
  it('drops what was not flushed', async () => {
    await world.uow.run(
      async () => {
        const order = await orders().getById(id);
        order.status = 'flushed';
        await world.uow.flush();
        order.status = 'dropped';
      },
      { flush: 'manual' },
    );
    expect(world.writes).toHaveLength(1);
    expect(await world.read(Order, id)).toMatchObject({ status: 'flushed' });
  });
});

/** Something to wait for, and what ends the wait. */
function anEnd() {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { ended, end };
}

describe('after its end', () => {
  it('a timer that goes on is told so, by repositories and by the unit of work', async () => {
    let late!: Promise<Record<string, any>[]>;
    const { ended, end } = anEnd();
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      late = (async () => {
        await ended;
        return Promise.all([
          errorOf(orders().find()),
          errorOf(orders().findById(id)),
          errorOf(world.uow.flush()),
          errorOf(Promise.resolve().then(() => orders().create({}))),
          errorOf(Promise.resolve().then(() => orders().remove(order))),
          errorOf(Promise.resolve().then(() => world.uow.onCommit(() => 1))),
        ]);
      })();
    });
    end();
    for (const error of await late) {
      expect(error).toMatchObject({ code: 'UnitOfWorkClosed', status: 500 });
      expect(error.message).toContain('unitOfWork.run()');
    }
  });

  it('a timer that goes on may open another', async () => {
    let late!: Promise<unknown>;
    const { ended, end } = anEnd();
    await world.uow.run(() => {
      late = (async () => {
        await ended;
        await world.uow.run(async () => {
          (await orders().getById(id)).status = 'late';
        });
      })();
    });
    end();
    await late;
    expect(await world.read(Order, id)).toMatchObject({ status: 'late' });
  });

  it('its entities are readable, and writing to one is an error that names it', async () => {
    const order = await world.uow.run(() => orders().getById(id));
    expect(order).toMatchObject({ customer: 'ada', status: 'open' });
    expect(order.items[0]!.qty).toBe(1);
    expect(JSON.stringify(order)).toContain('ada');
    const closed = anError({ code: 'UnitOfWorkClosed', entity: 'Order', field: 'status' });
    expect(() => (order.status = 'x')).toThrow(closed);
    expect(() => delete (order as Partial<Order>).status).toThrow(closed);
    expect(() => Object.assign(order, { status: 'x' })).toThrow(closed);
    expect(order.status).toBe('open');
  });

  it('also of one that failed', async () => {
    let order!: Order;
    await errorOf(
      world.uow.run(async () => {
        order = await orders().getById(id);
        order.status = 'mine';
        throw new Error('no');
      }),
    );
    expect(order.status).toBe('mine');
    expect(() => (order.note = 'x')).toThrow(anError({ code: 'UnitOfWorkClosed' }));
  });

  it('a detached entity stays writable', async () => {
    const order = await world.uow.run(async () => {
      const found = await orders().getById(id);
      world.uow.detach(found);
      return found;
    });
    order.status = 'x';
    expect(order.status).toBe('x');
  });

  it('nothing that outlives it keeps its entities alive', async () => {
    const timers: NodeJS.Timeout[] = [];
    const held: WeakRef<object>[] = [];
    for (let n = 0; n < 20; n++) {
      await world.uow.run(async () => {
        held.push(new WeakRef(await orders().getById(id)));
        timers.push(setInterval(() => undefined, 60_000)); // keeps the asynchronous context it was made in
      });
    }
    await collectGarbage();
    expect(held.filter((ref) => ref.deref() !== undefined).length).toBeLessThanOrEqual(1);
    for (const timer of timers) clearInterval(timer);
  });
});

async function collectGarbage(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  for (let round = 0; round < 3; round++) {
    await sleep(5);
    (runInNewContext('gc') as () => void)();
  }
}

describe('changes and isModified', () => {
  it('tell what a flush would write, and send nothing', async () => {
    const gone = await world.stored<ObjectId>(Order, { customer_id: 'gone', items: [] });
    await world.uow.run(
      async () => {
        const order = await orders().getById(id);
        const removed = await orders().getById(gone);
        const untouched = await world.repository(Product).findOne({});
        world.commands.clear();
        expect(world.uow.isModified()).toBe(false);
        expect(world.uow.changes()).toEqual([]);
        order.status = 'paid';
        order.items[0]!.qty = 2;
        orders().remove(removed);
        const made = orders().create({ customer: 'new', items: [] });
        expect(world.uow.isModified()).toBe(true);
        expect([order, removed, made, {}].map((one) => world.uow.isModified(one))).toEqual([true, true, true, false]);
        expect(untouched).toBeNull();
        const changes = world.uow.changes();
        expect(changes.map(({ name, id, kind }) => [name, id, kind])).toEqual(
          expect.arrayContaining([
            ['Order', order.id.toHexString(), 'changed'],
            ['Order', removed.id.toHexString(), 'removed'],
            ['Order', made.id.toHexString(), 'new'],
          ]),
        );
        const own = changes.find(({ entity }) => entity === order)!;
        expect(own.changes).toEqual([
          expect.objectContaining({ path: 'items', kind: 'changed' }),
          { path: 'status', kind: 'changed', original: 'open', value: 'paid' },
        ]);
        expect(world.commands.all()).toEqual([]);
      },
      { flush: 'manual' },
    );
  });
});

describe('the label', () => {
  it('is told to who listens to flushes, with what was written and what that cost', async () => {
    const { subscribe, unsubscribe } = await import('node:diagnostics_channel');
    const events: any[] = [];
    const listen = (event: unknown) => events.push(event);
    subscribe('nestjs-cow:flush', listen);
    try {
      await world.uow.run(
        async () => {
          (await orders().getById(id)).status = 'paid';
        },
        { label: 'PATCH /orders/:id' },
      );
      await world.uow.run(() => undefined, { label: 'nothing' });
      await errorOf(
        world.uow.run(
          async () => {
            (await orders().getById(id)).status = 'x';
            await world.raw(Order).updateOne({ _id: id }, { $set: { status: 'y' } });
          },
          { label: 'fails' },
        ),
      );
    } finally {
      unsubscribe('nestjs-cow:flush', listen);
    }
    expect(events).toEqual([
      {
        flushId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        label: 'PATCH /orders/:id',
        durationMS: expect.any(Number),
        writes: [
          {
            entity: 'Order',
            collection: 'orders',
            operation: 'updateOne',
            id: id.toHexString(),
            command: expect.objectContaining({ u: { $set: { status: 'paid' } } }),
            bytes: expect.any(Number),
            documentBytes: expect.any(Number),
          },
        ],
      },
    ]);
    expect(events[0].writes[0].bytes).toBeLessThan(events[0].writes[0].documentBytes as number);
  });
});
