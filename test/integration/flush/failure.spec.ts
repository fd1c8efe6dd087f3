import { once } from 'node:events';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ObjectId } from 'mongodb';
import type { LineItem } from '../support/models.js';
import { Order, Product } from '../support/models.js';
import { anError, errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
let id: ObjectId;

beforeEach(async () => {
  id = await world.stored(Order, {
    customer_id: 'ada',
    status: 'open',
    total: 1,
    items: [{ sku: 'x', qty: 1 }],
    placedAt: new Date(0),
    file: Buffer.from([1, 2]),
  });
});

const foreign = (fields: object) => world.raw(Order).updateOne({ _id: id }, { $set: fields });

/** A unit of work whose first flush has just failed, by a conflict on `status`. */
const afterFailure = (fn: (order: Order, made: Order) => unknown) =>
  world.uow.run(async () => {
    const order = await orders().getById(id);
    order.status = 'mine';
    order.items[0]!.qty = 5;
    const made = orders().create({ customer: 'new', items: [] });
    await foreign({ status: 'theirs' });
    expect((await errorOf(world.uow.flush())).code).toBe('ConcurrentModification');
    world.commands.clear();
    await fn(order, made);
  });

describe('after a flush that failed', () => {
  it('changes are as they were, and readable', () =>
    afterFailure((order, made) => {
      expect(order).toMatchObject({ status: 'mine', customer: 'ada' });
      expect(order.items[0]!.qty).toBe(5);
      expect(made.customer).toBe('new');
      expect(world.uow.isModified(order)).toBe(true);
      expect(world.uow.changes().map(({ kind }) => kind)).toEqual(['changed', 'new']);
      world.uow.rollback();
    }));

  it('another flush is refused, and names the cause', () =>
    afterFailure(async () => {
      const error = await errorOf(world.uow.flush());
      expect(error).toMatchObject({ code: 'UnitOfWorkFailed', status: 500 });
      expect(error.cause).toMatchObject({ code: 'ConcurrentModification' });
      expect(error.message).toContain('rollback()');
      expect(world.commands.all()).toEqual([]);
      world.uow.rollback();
    }));

  it('so is the one at the end: the unit of work fails as a whole', async () => {
    const error = await errorOf(afterFailure(() => undefined));
    expect(error).toMatchObject({ code: 'UnitOfWorkFailed' });
    expect(await world.raw(Order).countDocuments({ customer_id: 'new' })).toBe(0);
  });

  it('reading again before the rollback keeps the changes', () =>
    afterFailure(async (order) => {
      expect(await orders().getById(id)).toBe(order);
      expect((await orders().find({ id }))[0]).toBe(order);
      expect(order.status).toBe('mine');
      world.uow.rollback();
    }));

  it('rollback, reload, change and flush again succeeds', async () => {
    await afterFailure(async (order, made) => {
      world.uow.rollback();
      expect(order).toMatchObject({ status: 'open' }); // readable, as it was loaded
      expect(order.items[0]!.qty).toBe(1);
      const again = await orders().getById(id);
      expect(again).toBe(order);
      expect(again.status).toBe('theirs');
      again.status = 'mine again';
      orders().add(made);
    });
    expect(await world.read(Order, id)).toMatchObject({ status: 'mine again', items: [{ sku: 'x', qty: 1 }] });
    expect(await world.raw(Order).countDocuments({ customer_id: 'new' })).toBe(1);
  });

  it('rollback and a flush without reloading conflicts again: what is stale stays guarded', () =>
    afterFailure(async (order) => {
      world.uow.rollback();
      order.status = 'again';
      expect((await errorOf(world.uow.flush())).code).toBe('ConcurrentModification');
      world.uow.rollback();
    }));

  it('a query renews, too', () =>
    afterFailure(async (order) => {
      world.uow.rollback();
      await orders().find({ customer: 'ada' });
      expect(order.status).toBe('theirs');
    }));

  it('a document that is gone reads as not found', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'mine';
      await world.raw(Order).deleteOne({ _id: id });
      expect((await errorOf(world.uow.flush())).code).toBe('ConcurrentModification');
      world.uow.rollback();
      expect(await orders().findById(id)).toBeNull();
      expect(order.status).toBe('open');
    }));

  it('a removal can be tried again', async () => {
    const product = await world.stored<ObjectId>(Product, { name: 'p', stock: 1, version: 1 });
    await world.uow.run(async () => {
      const products = world.repository(Product);
      const found = await products.getById(product);
      products.remove(found);
      await world.raw(Product).updateOne({ _id: product }, { $inc: { version: 1 } });
      expect((await errorOf(world.uow.flush())).code).toBe('ConcurrentModification');
      world.uow.rollback();
      expect(await products.getById(product)).toBe(found);
      products.remove(found);
    });
    expect(await world.read(Product, product)).toBeNull();
  });

  it('an invalid value is no failure of the unit of work: correct it and flush', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.total = 'x' as never;
      expect((await errorOf(world.uow.flush())).code).toBe('InvalidValue');
      order.total = 2;
    });
    expect(await world.read(Order, id)).toMatchObject({ total: 2 });
  });
});

describe('while a flush is sent', () => {
  /** Starts a flush, and does something while its command is on the way. */
  const during = async (fn: () => unknown) => {
    world.commands.clear();
    const flushed = world.uow.flush();
    // Goes on before anything is read from a socket: the reply cannot be there.
    while (world.writes.length === 0) await once(world.client, 'commandStarted');
    expect(world.writes[0]!.outcome).toBeUndefined();
    fn();
    await flushed;
  };

  it('the plan is frozen: whatever is changed at whatever moment, is sent by this flush or by the next', async () => {
    const made = Object.assign(new Order(), {
      customer: 'n',
      items: [],
      placedAt: new Date(0),
      file: Buffer.from([0]),
    });
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      orders().add(made);
      order.meta = { at: new Date(0), deep: { list: [0] } };
      order.tags = [];
      order.items.push({ sku: 'y', qty: 1 } as LineItem);
      for (let round = 1; round <= 20; round++) {
        const flushed = world.uow.flush();
        for (let moment = 0; moment < round; moment++) {
          const n = round * 100 + moment;
          for (const one of [order, made]) {
            one.placedAt!.setTime(n);
            one.file![0] = n;
          }
          (order.meta.at as Date).setTime(n);
          (order.meta.deep as { list: number[] }).list.push(n);
          order.tags.push(String(n));
          order.items[1]!.qty = n;
          await Promise.resolve();
        }
        await flushed; // a value that was sent other than planned would conflict here
      }
      await world.uow.flush();
      for (const one of [order, made]) {
        const stored = (await world.read(Order, one.id))!;
        expect(stored).toMatchObject({ placedAt: one.placedAt, items: one.items.map((item) => ({ ...item })) });
        expect(stored.file.value()[0]).toBe(one.file![0]);
        if (one === order) expect(stored).toMatchObject({ meta: order.meta, tags: order.tags });
      }
      world.commands.clear();
    });
    expect(world.commands.all()).toEqual([]);
  });

  it('a change stays a change, and the next flush is guarded by what the first wrote', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'first';
      await during(() => (order.status = 'second'));
      expect(await world.read(Order, id)).toMatchObject({ status: 'first' });
      expect(order.status).toBe('second');
      world.commands.clear();
    });
    expect(world.onlyUpdate.q).toMatchObject({ status: { $eq: 'first' } });
    expect(await world.read(Order, id)).toMatchObject({ status: 'second' });
  });

  it('a change back to what it was is a change', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'first';
      await during(() => (order.status = 'open'));
      expect(await world.read(Order, id)).toMatchObject({ status: 'first' });
    });
    expect(await world.read(Order, id)).toMatchObject({ status: 'open' });
  });

  it('a removal is still a removal', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'first';
      await during(() => orders().remove(order));
      expect(await orders().findById(id)).toBeNull();
    });
    expect(await world.read(Order, id)).toBeNull();
  });

  it('a removal of what is being inserted is still a removal', async () => {
    let made!: Order;
    await world.uow.run(async () => {
      made = orders().create({ customer: 'new', items: [] });
      await during(() => orders().remove(made));
      expect(await orders().findById(made.id)).toBeNull();
    });
    expect(await world.read(Order, made.id)).toBeNull();
  });

  it('what is detached stays detached', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'first';
      await during(() => world.uow.detach(order));
      order.status = 'second';
      expect(world.uow.isModified()).toBe(false);
    });
    expect(await world.read(Order, id)).toMatchObject({ status: 'first' });
  });

  it('a field expected to stay is expected of the next flush', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const order = await orders().getById(id);
        order.status = 'first';
        await during(() => world.uow.expectUnchanged(order, 'total'));
        await foreign({ total: 2 });
        order.status = 'second';
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'total' });
  });

  it('a rollback drops what was not sent yet: memory shows what is stored', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'first';
      order.items[0]!.qty = 5;
      await during(() => {
        order.total = 9;
        world.uow.rollback();
      });
      expect(order).toMatchObject({ status: 'first', total: 1 });
      expect(order.items[0]!.qty).toBe(5);
      world.commands.clear();
    });
    expect(world.commands.all()).toEqual([]);
    expect(await world.read(Order, id)).toMatchObject({ status: 'first', total: 1, items: [{ qty: 5 }] });
  });

  it('another flush waits, then writes what has changed since', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'first';
      const waiting: Promise<void>[] = [];
      await during(() => {
        order.status = 'second';
        waiting.push(world.uow.flush(), world.uow.flush());
      });
      await Promise.all(waiting);
      expect(await world.read(Order, id)).toMatchObject({ status: 'second' });
    });
    expect(world.updates.map(({ u }) => u as object)).toEqual([
      { $set: { status: 'first' } },
      { $set: { status: 'second' } },
    ]);
  });

  it('another flush of one that fails is refused', () =>
    world.uow.run(async () => {
      const order = await orders().getById(id);
      await foreign({ status: 'theirs' });
      order.status = 'mine';
      const results = await Promise.allSettled([world.uow.flush(), world.uow.flush()]);
      expect(results.map((result) => (result as PromiseRejectedResult).reason.code as string)).toEqual([
        'ConcurrentModification',
        'UnitOfWorkFailed',
      ]);
      world.uow.rollback();
    }));

  it('the end waits for it', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'first';
      void world.uow.flush();
      order.total = 2;
    });
    expect(await world.read(Order, id)).toMatchObject({ status: 'first', total: 2 });
  });
});

describe('rollback', () => {
  it('restores what was loaded, in place, and forgets what is new', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      const { items, placedAt } = order;
      order.status = 'x';
      delete order.total;
      items[0]!.qty = 9;
      items.push({ sku: 'z', qty: 1 } as LineItem);
      placedAt!.setTime(9);
      order.note = 'n';
      const made = orders().create({ customer: 'new', items: [] });
      world.uow.rollback();
      expect(order).toMatchObject({ status: 'open', total: 1, placedAt: new Date(0) });
      expect('note' in order).toBe(false);
      expect(order.items).toBe(items);
      expect(items).toEqual([expect.objectContaining({ sku: 'x', qty: 1 })]);
      expect(await orders().findById(made.id)).toBeNull();
      expect(world.uow.isModified()).toBe(false);
      order.items[0]!.qty = 2; // still tracked
    });
    expect(world.onlyUpdate.u).toEqual({ $set: { 'items.$[e0].qty': 2 } });
  });

  it('after a flush goes back to what was flushed', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'flushed';
      await world.uow.flush();
      order.status = 'dropped';
      world.uow.rollback();
      expect(order.status).toBe('flushed');
    });
    expect(await world.read(Order, id)).toMatchObject({ status: 'flushed' });
  });

  it('of an instance that was inserted goes back to what was inserted', async () => {
    const made = Object.assign(new Order(), { customer: 'new', items: [], meta: { a: 1 } });
    await world.uow.run(async () => {
      orders().add(made);
      await world.uow.flush();
      made.customer = 'dropped';
      made.meta.a = 2;
      world.uow.rollback();
      expect(made).toMatchObject({ customer: 'new', meta: { a: 1 } });
    });
    expect(world.writes).toHaveLength(1);
  });
});

describe('detach', () => {
  it('takes an entity out: readable, writable, never written', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'x';
      world.uow.detach(order);
      order.total = 5;
      expect(order).toMatchObject({ status: 'x', total: 5 });
      expect(await orders().getById(id)).not.toBe(order);
      expect(() => orders().remove(order)).toThrow(anError({ code: 'ForeignEntity' }));
    });
    expect(world.writes).toEqual([]);
  });
});

describe('callbacks', () => {
  const spies = () => {
    const [committed, rolledBack] = [jest.fn(), jest.fn()];
    world.uow.onCommit(committed);
    world.uow.onRollback(rolledBack);
    return { committed, rolledBack };
  };

  it('onCommit runs once, after the commit', async () => {
    let called: ReturnType<typeof spies> | undefined;
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'x';
      called = spies();
      called.committed.mockImplementation(async () => {
        expect(await world.read(Order, id)).toMatchObject({ status: 'x' });
      });
      await world.uow.flush();
      expect(called.committed).toHaveBeenCalledTimes(1);
      order.status = 'y';
      await world.uow.flush();
    });
    expect(called!.committed).toHaveBeenCalledTimes(1);
    expect(called!.rolledBack).not.toHaveBeenCalled();
    await expect(called!.committed.mock.results[0]!.value).resolves.toBeUndefined();
  });

  it('onRollback runs once when the flush fails', async () => {
    let called: ReturnType<typeof spies> | undefined;
    await errorOf(
      world.uow.run(async () => {
        const order = await orders().getById(id);
        await foreign({ status: 'theirs' });
        order.status = 'x';
        called = spies();
      }),
    );
    expect(called!.rolledBack).toHaveBeenCalledTimes(1);
    expect(called!.committed).not.toHaveBeenCalled();
  });

  it('onRollback runs once when the unit of work throws', async () => {
    let called: ReturnType<typeof spies> | undefined;
    await errorOf(
      world.uow.run(() => {
        called = spies();
        throw new Error('no');
      }),
    );
    expect(called!.rolledBack).toHaveBeenCalledTimes(1);
    expect(called!.committed).not.toHaveBeenCalled();
  });

  it('onRollback runs once on rollback(), which drops what was to follow the commit', async () => {
    let called: ReturnType<typeof spies> | undefined;
    await world.uow.run(async () => {
      (await orders().getById(id)).status = 'x';
      called = spies();
      world.uow.rollback();
      expect(called.rolledBack).toHaveBeenCalledTimes(1);
      orders().create({ customer: 'new', items: [] });
    });
    expect(called!.committed).not.toHaveBeenCalled();
    expect(called!.rolledBack).toHaveBeenCalledTimes(1);
  });

  it('onCommit runs where there was nothing to write', async () => {
    let called: ReturnType<typeof spies> | undefined;
    await world.uow.run(() => {
      called = spies();
    });
    expect(called!.committed).toHaveBeenCalledTimes(1);
  });

  it('neither runs for a value that is refused, until it is known what becomes of it', async () => {
    let called: ReturnType<typeof spies> | undefined;
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.total = 'x' as never;
      called = spies();
      await errorOf(world.uow.flush());
      expect(called.committed).not.toHaveBeenCalled();
      expect(called.rolledBack).not.toHaveBeenCalled();
      order.total = 5;
    });
    expect(called!.committed).toHaveBeenCalledTimes(1);
  });

  it('one that throws does not undo the commit, nor keep the others from running', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const second = jest.fn();
    await world.uow.run(async () => {
      (await orders().getById(id)).status = 'x';
      world.uow.onCommit(() => {
        throw new Error('mail server');
      });
      world.uow.onCommit(second);
    });
    expect(second).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining('mail server'),
      expect.objectContaining({ code: 'CALLBACK_FAILED' }),
    );
    warn.mockRestore();
    expect(await world.read(Order, id)).toMatchObject({ status: 'x' });
  });

  it('one may change and flush again', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      order.status = 'x';
      world.uow.onCommit(async () => {
        order.status = 'y';
        await world.uow.flush();
      });
    });
    expect(await world.read(Order, id)).toMatchObject({ status: 'y' });
  });
});
