import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import type { UnitOfWork } from '../../../lib/unit-of-work/index.js';
import { ForkConflictError } from '../../../lib/unit-of-work/index.js';
import { LineItem, Order, Product } from '../support/models.js';
import { anError, errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
const uow = () => world.uow;
let id: ObjectId;

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  await world.raw(Product).deleteMany({});
  id = await world.stored(Order, {
    customer_id: 'ada',
    status: 'open',
    total: 1,
    views: 10,
    items: [
      { sku: 'x', qty: 1 },
      { sku: 'y', qty: 2 },
    ],
    tags: ['a'],
    stock: { a: 1 },
    address: { city: 'Wien', str: 'Ring' },
    placedAt: new Date(5),
  });
  world.commands.clear();
});

const conflictOf = (fn: () => unknown): ForkConflictError => {
  try {
    fn();
  } catch (error) {
    if (error instanceof ForkConflictError) return error;
    throw error;
  }
  throw new Error('Expected a conflict.');
};

describe('5.1 a fork freezes what its parent shows', () => {
  it('shows uncommitted changes, new and removed entities, and is not changed by its parent afterwards', () =>
    uow().run(async () => {
      const gone = await world.stored<ObjectId>(Order, { customer_id: 'gone', items: [] });
      const order = await orders().getById(id);
      orders().remove(await orders().getById(gone));
      order.status = 'paid';
      order.tags?.push('b');
      const made = orders().create({ customer: 'new', items: [] });
      const fork = uow().fork();
      order.status = 'sent';
      order.tags?.push('c');
      made.customer = 'newer';
      await fork.run(async () => {
        const own = await orders().getById(id);
        expect(own).not.toBe(order);
        expect(own).toMatchObject({ status: 'paid', tags: ['a', 'b'] });
        expect(await orders().getById(made.id)).toMatchObject({ customer: 'new' });
        expect(await orders().findById(gone)).toBeNull();
        expect((await orders().find()).map((each) => each.customer)).toEqual(['ada']);
        own.tags?.push('fork');
      });
      expect(order).toMatchObject({ status: 'sent', tags: ['a', 'b', 'c'] });
      fork.drop();
    }));

  it('seals containers handed out before: in-place changes belong to the side whose handle it is', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      const { items, stock, placedAt, tags } = order;
      const [first, second] = [uow().fork(), uow().fork()];
      items[0]!.qty = 9;
      stock!.set('a', 9);
      placedAt!.setTime(9);
      tags!.push('p');
      for (const fork of [first, second]) {
        const own = fork.own(order);
        expect(own.items[0]!.qty).toBe(1);
        expect(own.stock!.get('a')).toBe(1);
        expect(own.placedAt!.getTime()).toBe(5);
        own.tags!.push('f');
      }
      expect(order.tags).toEqual(['a', 'p']);
      expect(first.own(order).tags).toEqual(['a', 'f']);
      first.drop();
      second.drop();
      expect(order).toMatchObject({ tags: ['a', 'p'], items: [{ qty: 9 }, {}] });
    }));

  it('costs nothing for what is loaded and untouched, at any depth', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      let fork = uow().fork();
      const chain = [fork];
      for (let depth = 0; depth < 100; depth++) chain.push((fork = fork.fork()));
      expect(fork.own(order).customer).toBe('ada');
      fork.own(order).total = 100;
      for (let depth = 100; depth > 0; depth--) chain[depth - 1]!.union(chain[depth]!);
      uow().union(chain[0]!);
      expect(order.total).toBe(100);
      expect(world.commands.named('find')).toHaveLength(1);
    }));
});

describe('5.2 a fork tree shares one base an id', () => {
  it('merges against what the first of the tree read', () =>
    uow().run(async () => {
      const fork = uow().fork();
      const own = await fork.run(() => orders().getById(id));
      await world.raw(Order).updateOne({ _id: id }, { $set: { status: 'foreign' } });
      const order = (await orders().find())[0]!;
      expect(order.status).toBe('open');
      own.total = 2;
      uow().union(fork);
      expect(order).toMatchObject({ status: 'open', total: 2 });
    }));

  it('reports changes relative to the fork point', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      order.status = 'paid';
      const made = orders().create({ customer: 'new', items: [] });
      const fork = uow().fork();
      expect(fork.isModified()).toBe(false);
      fork.own(order).total = 5;
      fork.own(made).customer = 'newer';
      expect(fork.changes()).toMatchObject([
        { kind: 'changed', changes: [{ path: 'total', original: 1, value: 5 }] },
        { kind: 'changed', changes: [{ path: 'customer', original: 'new', value: 'newer' }] },
      ]);
      fork.rollback();
      expect(fork.own(order)).toMatchObject({ status: 'paid', total: 1 });
      fork.drop();
    }));

  it('a flush of the root advances the root only', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      const late = await world.stored<ObjectId>(Order, { customer_id: 'late', items: [], total: 1 });
      const lateOrder = await orders().getById(late);
      const fork = uow().fork();
      order.status = 'paid';
      lateOrder.total = 2;
      const made = orders().create({ customer: 'new', items: [] });
      await uow().flush();
      await fork.run(async () => {
        expect((await orders().getById(id)).status).toBe('open');
        expect((await orders().find({ customer: 'late' }))[0]!.total).toBe(1);
        const inserted = await orders().getById(made.id);
        expect(fork.isModified()).toBe(false);
        inserted.note = 'seen';
        (await orders().getById(id)).total = 7;
      });
      uow().union(fork);
      expect(order).toMatchObject({ status: 'paid', total: 7 });
      expect(made.note).toBe('seen');
      expect(lateOrder.total).toBe(2);
      await uow().flush();
      expect(await world.read(Order, id)).toMatchObject({ status: 'paid', total: 7 });
      expect(await world.read(Order, made.id)).toMatchObject({ note: 'seen' });
    }));
});

describe('5.3 the union', () => {
  it('of the unmodified changes nothing', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      order.status = 'paid';
      const fork = uow().fork();
      void JSON.stringify(fork.own(order));
      uow().union(fork);
      expect(uow().changes()).toMatchObject([{ changes: [{ path: 'status' }] }]);
    }));

  it('combines disjoint changes, adds sums, concatenates appends (the receiver’s first), merges keyed arrays', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      const fork = uow().fork();
      const own = fork.own(order);
      own.total = 2;
      own.views! += 5;
      own.tags!.push('theirs');
      own.items[1]!.qty = 20;
      own.items.push(Object.assign(new LineItem(), { sku: 'z', qty: 1 }));
      own.address!.street = 'Gasse';
      own.stock!.set('b', 2);
      order.status = 'paid';
      order.views! += 1;
      order.tags!.push('ours');
      order.items[0]!.qty = 10;
      order.items.push(Object.assign(new LineItem(), { sku: 'w', qty: 1 }));
      order.address!.city = 'Graz';
      order.stock!.set('c', 3);
      uow().union(fork);
      expect(order).toMatchObject({
        status: 'paid',
        total: 2,
        views: 16,
        tags: ['a', 'ours', 'theirs'],
        items: [
          { sku: 'x', qty: 10 },
          { sku: 'y', qty: 20 },
          { sku: 'w', qty: 1 },
          { sku: 'z', qty: 1 },
        ],
        address: { city: 'Graz', street: 'Gasse' },
      });
      expect([...order.stock!]).toEqual([
        ['a', 1],
        ['c', 3],
        ['b', 2],
      ]);
      await uow().flush();
      expect(await world.read(Order, id)).toMatchObject({ views: 16, tags: ['a', 'ours', 'theirs'] });
    }));

  it('lists every conflict and changes neither side; equal changes are none', () =>
    uow().run(async () => {
      const other = await world.stored<ObjectId>(Order, { customer_id: 'bob', items: [] });
      const order = await orders().getById(id);
      const bob = await orders().getById(other);
      const fork = uow().fork();
      Object.assign(fork.own(order), { status: 'theirs', total: 3, note: 'same' });
      fork.own(order).address!.city = 'theirs';
      fork.own(bob).note = 'edited';
      Object.assign(order, { status: 'ours', total: 2, note: 'same' });
      order.address!.city = 'ours';
      orders().remove(bob);
      const error = conflictOf(() => uow().union(fork));
      expect(error.conflicts).toMatchObject([
        { entity: 'Order', id: String(id), path: 'status', original: 'open', ours: 'ours', theirs: 'theirs' },
        { path: 'total', original: 1, ours: 2, theirs: 3 },
        { path: 'address.city', original: 'Wien', ours: 'ours', theirs: 'theirs' },
        { id: String(other), path: '', ours: undefined, theirs: { note: 'edited' } },
      ]);
      expect(error).toMatchObject({ code: 'ForkConflict', status: 409 });
      expect(error.message).not.toContain('Wien');
      expect(order).toMatchObject({ status: 'ours', total: 2 });
      expect(fork.own(order).status).toBe('theirs');
      fork.drop();
    }));

  it.each([
    ['ours', { status: 'ours', total: 2 }],
    ['theirs', { status: 'theirs', total: 3 }],
    [
      ({ path, ours, theirs }: { path: string; ours: unknown; theirs: unknown }) =>
        path === 'total' ? Number(ours) + Number(theirs) : theirs,
      { status: 'theirs', total: 5 },
    ],
  ] as const)('takes what onConflict decides: %s', (onConflict, expected) =>
    uow().run(async () => {
      const order = await orders().getById(id);
      const fork = uow().fork();
      Object.assign(fork.own(order), { status: 'theirs', total: 3 });
      Object.assign(order, { status: 'ours', total: 2 });
      uow().union(fork, { onConflict: onConflict as never });
      expect(order).toMatchObject(expected);
      await uow().flush();
      expect(await world.read(Order, id)).toMatchObject(expected);
    }),
  );

  it('reports an edit against a removal, and two inserts of one id', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      const fork = uow().fork();
      await fork.run(async () => orders().remove(await orders().getById(id)));
      order.total = 2;
      const twin = new ObjectId();
      orders().create({ id: twin, customer: 'one', items: [] });
      await fork.run(() => void orders().create({ id: twin, customer: 'two', items: [] }));
      const { conflicts } = conflictOf(() => uow().union(fork));
      expect(conflicts.map((each) => [each.id, each.path]).sort()).toEqual(
        [
          [String(id), ''],
          [String(twin), ''],
        ].sort(),
      );
      uow().union(fork, { onConflict: 'theirs' });
      expect(await orders().findById(id)).toBeNull();
      expect((await orders().getById(twin)).customer).toBe('two');
      await uow().flush();
      expect(await world.read(Order, id)).toBeNull();
      expect(await world.read(Order, twin)).toMatchObject({ customer_id: 'two' });
    }));

  it('unites siblings in any order, and counts nothing twice', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      const a = uow().fork();
      a.own(order).views! += 1;
      order.views! += 10;
      const b = uow().fork();
      b.own(order).views! += 100;
      const c = a.fork();
      c.own(order).views! += 1000;
      a.union(b);
      expect(a.own(order).views).toBe(10 + 1 + 10 + 100);
      uow().union(a);
      expect(order.views).toBe(10 + 1 + 10 + 100);
      uow().union(c);
      expect(order.views).toBe(10 + 1 + 10 + 100 + 1000);
      await uow().flush();
      expect((await world.read(Order, id))!.views).toBe(1121);
    }));
});

describe('5.4 a closed fork', () => {
  it('united once: again does nothing, its use is an error that names it', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      const fork = uow().fork();
      fork.own(order).total = 2;
      uow().union(fork);
      uow().union(fork);
      expect(order.total).toBe(2);
      expect(() => fork.own(order)).toThrow(anError({ code: 'ForkClosed' }));
      await expect(async () => fork.run(() => undefined)).rejects.toThrow(/fork ".*\.1" was united/);
      expect(() => fork.drop()).toThrow(anError({ code: 'ForkClosed' }));
    }));

  it('its handles forward to the receiver, and its containers are compared at the next flush', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      const { items: oldItems, placedAt: oldDate, stock: oldStock } = order;
      const fork = uow().fork();
      const own = fork.own(order);
      const { tags, items, stock, placedAt } = own;
      own.total = 2;
      items[0]!.qty = 7;
      placedAt!.setTime(77);
      stock!.set('s', 1);
      uow().union(fork);
      expect(order.items).toBe(oldItems);
      expect(order.placedAt).toBe(oldDate);
      expect(oldItems[0]!.qty).toBe(7);
      expect(oldDate!.getTime()).toBe(77);
      expect(oldStock!.get('s')).toBe(1);
      own.status = 'forwarded';
      expect(order.status).toBe('forwarded');
      order.note = 'seen';
      expect(own.note).toBe('seen');
      expect(JSON.stringify(own)).toBe(JSON.stringify(order));
      expect({ ...own }).toEqual({ ...order });
      expect(uow().own(own)).toBe(order);
      tags!.push('late');
      items[1]!.qty = 70;
      oldItems[0]!.note = 'mine';
      stock!.delete('a');
      placedAt!.setTime(78);
      await uow().flush();
      expect(await world.read(Order, id)).toMatchObject({
        status: 'forwarded',
        tags: ['a', 'late'],
        stock: { s: 1 },
        placedAt: new Date(78),
        items: [
          { sku: 'x', qty: 7, note: 'mine' },
          { sku: 'y', qty: 70 },
        ],
      });
      items[1]!.qty = 71;
      oldItems[1]!.qty = 72;
      expect(() => uow().changes()).toThrow(anError({ code: 'ForkConflict' }));
      uow().rollback(); // gives up what was changed by either
      expect(uow().changes()).toEqual([]);
    }));

  it('after a drop entity handles throw, containers are inert, the parent is as it was', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      const before = JSON.stringify(order);
      const fork = uow().fork();
      const own = fork.own(order);
      const { tags } = own;
      own.total = 3;
      tags!.push('x');
      const made = await fork.run(() => orders().create({ customer: 'made', items: [] }));
      fork.drop();
      fork.drop();
      tags!.push('y');
      expect(() => own.total).toThrow(/fork ".*" was dropped, and Order.total with it/);
      expect(() => (own.total = 1)).toThrow(anError({ code: 'ForkClosed' }));
      expect(JSON.stringify(order)).toBe(before);
      expect(uow().isModified()).toBe(false);
      orders().add(made); // free again
      expect(uow().isModified(made)).toBe(true);
      uow().detach(made);
    }));

  it('old handles of every kind stay alive after a union and a rollback', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      const { items, tags, stock, placedAt, address } = order;
      await uow().fork(async () => {
        const own = await orders().getById(id);
        own.items.splice(0, 1);
        own.items[0]!.qty = 5;
        own.tags = ['new'];
        own.address!.city = 'Linz';
      });
      expect([order.items, order.tags, order.address]).toEqual([items, tags, address]);
      expect(items).toMatchObject([{ sku: 'y', qty: 5 }]);
      uow().rollback();
      expect(order.items).toBe(items);
      expect(items).toMatchObject([{ sku: 'x' }, { sku: 'y', qty: 2 }]);
      items[0]!.qty = 4;
      stock!.set('a', 4);
      placedAt!.setTime(4);
      tags!.push('4');
      address!.city = 'Wels';
      await uow().flush();
      expect(await world.read(Order, id)).toMatchObject({
        items: [{ qty: 4 }, { qty: 2 }],
        stock: { a: 4 },
        placedAt: new Date(4),
        tags: ['a', '4'],
        address: { city: 'Wels' },
      });
    }));
});

describe('5.5 the union takes everything of a unit of work', () => {
  it('new and removed entities, expectations, callbacks once, and what was only loaded', async () => {
    const gone = await world.stored<ObjectId>(Order, { customer_id: 'gone', items: [] });
    const read = await world.stored<ObjectId>(Order, { customer_id: 'read', items: [], status: 'open' });
    const calls: string[] = [];
    await errorOf(
      uow().run(async () => {
        await uow().fork(async () => {
          const made = orders().create({ customer: 'made', items: [] });
          orders().remove(await orders().getById(gone));
          uow().expectUnchanged(await orders().getById(read), 'status');
          uow().onCommit(() => calls.push('commit'));
          uow().onRollback(() => calls.push('rollback'));
          made.note = 'x';
        });
        const dropped = uow().fork();
        dropped.onCommit(() => calls.push('never'));
        dropped.onRollback(() => calls.push('never'));
        dropped.drop();
        expect(
          uow()
            .changes()
            .map(({ kind }) => kind)
            .sort(),
        ).toEqual(['new', 'removed']);
        world.commands.clear();
        await orders().getById(read);
        expect(world.commands.named('find')).toHaveLength(0);
        await world.raw(Order).updateOne({ _id: read }, { $set: { status: 'foreign' } });
      }),
    ).then((error) => expect(error).toMatchObject({ code: 'ConcurrentModification' }));
    expect(calls).toEqual(['rollback']);
  });

  it('an instance that was made in the fork is the receiver’s', () =>
    uow().run(async () => {
      const made = await uow().fork(() => orders().create({ customer: 'made', items: [] }));
      made.customer = 'later';
      await uow().flush();
      expect(await world.read(Order, made.id)).toMatchObject({ customer_id: 'later' });
      expect(await orders().getById(made.id)).toBe(made);
    }));
});

describe('5.6 inside a fork', () => {
  it('writing through the parent’s instance is an error that names both, reading it in development too', () =>
    uow().run(
      async () => {
        const order = await orders().getById(id);
        const fork = uow().fork();
        await fork.run(async () => {
          expect(() => (order.total = 2)).toThrow(/"checkout" was written inside the fork "checkout.1"/);
          expect(() => order.total).toThrow(anError({ code: 'ForeignFork' }));
          expect(uow().own(await orders().getById(order.id)).total).toBe(1);
        });
        expect(order.total).toBe(1);
        fork.drop();
      },
      { label: 'checkout' },
    ));

  it('what a throwing savepoint did is gone', () =>
    uow().run(async () => {
      const order = await orders().getById(id);
      order.total = 2;
      const error = await errorOf(
        uow().fork(async () => {
          (await orders().getById(id)).total = 3;
          throw new Error('no');
        }),
      );
      expect(error.message).toBe('no');
      expect(order.total).toBe(2);
    }));

  it('a closed root closes its forks', async () => {
    let fork!: UnitOfWork;
    let order!: Order;
    await uow().run(async () => {
      order = await orders().getById(id);
      fork = uow().fork();
      order = fork.own(order);
    });
    expect(() => (order.total = 3)).toThrow(anError({ code: 'UnitOfWorkClosed' }));
    expect(() => fork.fork()).toThrow(anError({ code: 'UnitOfWorkClosed' }));
  });
});

describe('a class with a version', () => {
  it('is united after a flush of the root, and flushed by the version that the flush made', async () => {
    const product = await world.stored<ObjectId>(Product, { name: 'a', stock: 1, tags: ['x'], version: 1, best: 5 });
    const products = world.repository(Product);
    await uow().run(async () => {
      const own = await products.getById(product);
      const fork = uow().fork();
      Object.assign(fork.own(own), { name: 'b', best: 9 });
      own.stock = 2;
      own.best = 7;
      await uow().flush();
      const second = uow().fork();
      second.own(own).tags!.push('y');
      fork.union(second);
      expect(fork.own(own)).toMatchObject({ name: 'b', stock: 2, best: 9, tags: ['x', 'y'] });
      uow().union(fork);
      expect(own).toMatchObject({ name: 'b', stock: 2, best: 9, tags: ['x', 'y'], version: 2 });
    });
    expect(await world.read(Product, product)).toMatchObject({ name: 'b', stock: 2, best: 9, version: 3 });
  });

  it('that was loaded in part merges what either side has read', async () => {
    await uow().run(async () => {
      const order = (await orders().findOne({ customer: 'ada' }, { fields: ['status'] }))!;
      order.status = 'paid';
      const fork = uow().fork();
      await fork.run(async () => {
        const whole = await orders().getById(id);
        expect(whole).toMatchObject({ status: 'paid', total: 1 });
        whole.total = 2;
      });
      uow().union(fork);
      expect(
        uow()
          .changes()[0]!
          .changes.map(({ path }) => path),
      ).toEqual(['status', 'total']);
    });
    expect(await world.read(Order, id)).toMatchObject({ status: 'paid', total: 2 });
  });
});
