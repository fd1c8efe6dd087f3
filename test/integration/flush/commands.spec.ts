import { beforeEach, describe, expect, it } from '@jest/globals';
import { Double, Long, ObjectId } from 'mongodb';
import type { LineItem } from '../support/models.js';
import { Note, Order, Product } from '../support/models.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
let id: ObjectId;

const DOCUMENT = {
  customer_id: 'ada',
  status: 'open',
  note: 'n',
  total: 1,
  items: [
    { sku: 'x', qty: 1, gift: true },
    { sku: 'y', qty: 2 },
  ],
  tags: ['a', 'b'],
  points: [{ x: 1, y: 1, z: 9 }],
  address: { city: 'Ulm', str: 'Weg', zip: 5 },
  stock: { a: 1, b: 2 },
  meta: { deep: { er: 1 }, list: [1] },
  placedAt: new Date(0),
  file: Buffer.from([1, 2]),
  unknown: new Long(7),
};

beforeEach(async () => {
  id = await world.stored(Order, { ...DOCUMENT, _id: new ObjectId() });
});

/** Loads the order and changes it, in a unit of work of its own. */
const change = (mutate: (order: Order) => unknown) =>
  world.uow.run(async () => {
    const order = await orders().getById(id);
    world.commands.clear();
    await mutate(order);
  });

describe('one write', () => {
  it('is exactly one update command, numbered, majority, with the fewest paths', async () => {
    await change((order) => (order.address!.city = 'Bonn'));
    expect(world.commands.all()).toHaveLength(1);
    const [{ name, command }] = world.commands.all() as [ReturnType<typeof world.commands.all>[0]];
    expect(name).toBe('update');
    expect(command).toMatchObject({
      update: 'orders',
      writeConcern: { w: 'majority' },
      txnNumber: expect.anything(),
      lsid: expect.anything(),
    });
    expect(command).not.toHaveProperty('autocommit');
    expect(command).not.toHaveProperty('startTransaction');
    expect(world.onlyUpdate).toEqual({
      q: {
        _id: id,
        address: { $type: 'object', $not: { $type: 'array' } },
        'address.city': { $eq: 'Ulm', $not: { $elemMatch: { $eq: 'Ulm' } } },
      },
      u: { $set: { 'address.city': 'Bonn' } },
      collation: { locale: 'simple' },
    });
    expect(await world.read(Order, id)).toEqual({
      ...DOCUMENT,
      _id: id,
      unknown: 7,
      file: expect.anything(),
      address: { city: 'Bonn', str: 'Weg', zip: 5 },
    });
  });

  it('of an insert is one insert, of a delete one delete, both numbered', async () => {
    await world.uow.run(() => void orders().create({ customer: 'x', items: [] }));
    await change((order) => orders().remove(order));
    expect(world.commands.all()).toHaveLength(1);
    expect(world.writes).toMatchObject([
      { name: 'delete', command: { txnNumber: expect.anything(), writeConcern: { w: 'majority' } } },
    ]);
  });

  it('takes a new number each time', async () => {
    await world.uow.run(async () => {
      const order = await orders().getById(id);
      for (const note of ['1', '2', '3']) {
        order.note = note;
        await world.uow.flush();
      }
    });
    const numbers = world.writes.map(({ command }) => `${command.lsid.id.toString()} ${command.txnNumber}`);
    expect(new Set(numbers).size).toBe(3);
    expect(world.writes.every(({ reply }) => reply?.n === 1 && reply.retriedStmtIds === undefined)).toBe(true);
  });
});

describe('several writes', () => {
  it('are one transaction, a command for each collection and kind', async () => {
    const product = await world.stored<ObjectId>(Product, { name: 'p', stock: 5, version: 1 });
    const other = await world.stored<ObjectId>(Order, { customer_id: 'bob', items: [] });
    const gone = await world.stored<ObjectId>(Order, { customer_id: 'eve', items: [] });
    await world.uow.run(async () => {
      const [order, second, third] = await orders().findByIds([id, other, gone]);
      const found = await world.repository(Product).getById(product);
      world.commands.clear();
      order!.note = 'a';
      second!.note = 'b';
      found.stock--;
      orders().remove(third!);
      orders().create({ customer: 'new', items: [] });
    });
    expect(world.writes.map(({ name }) => name)).toEqual(['delete', 'update', 'update', 'insert', 'commitTransaction']);
    const transactions = world.commands
      .all()
      .map(({ command }) => `${command.lsid.id.toString()} ${command.txnNumber}`);
    expect(new Set(transactions).size).toBe(1);
    expect(world.commands.all().every(({ command }) => command.autocommit === false)).toBe(true);
    expect(world.commands.all()[0]!.command).toMatchObject({
      startTransaction: true,
      readConcern: { level: 'snapshot' },
    });
    expect(world.commands.named('commitTransaction')[0]!.command.writeConcern).toMatchObject({ w: 'majority' });
    expect(await world.read(Product, product)).toMatchObject({ stock: 4, version: 2 });
    expect(await world.read(Order, other)).toMatchObject({ note: 'b' });
    expect(await world.read(Order, gone)).toBeNull();
  });
});

describe('nothing, net', () => {
  it('sends no command at all', async () => {
    await change(() => undefined);
    expect(world.commands.all()).toEqual([]);
  });

  it('sends none for what was only read', async () => {
    await change((order) => {
      JSON.stringify(order);
      void { ...order };
      [...order.items].sort((a, b) => b.qty - a.qty);
      void order.meta!.deep;
      void order.stock!.get('a');
    });
    expect(world.commands.all()).toEqual([]);
  });

  it.each<[string, (order: Order) => unknown]>([
    ['an equal assignment', (order) => (order.status = 'open')],
    ['an equal copy', (order) => (order.items = order.items.map((item) => ({ ...item }) as LineItem))],
    ['an equal Date', (order) => (order.placedAt = new Date(0))],
    ['a field changed and changed back', (order) => ((order.total = 2), (order.total = 1))],
    ['an element pushed and popped', (order) => (order.tags!.push('c'), order.tags!.pop())],
    ['a key deleted and set again', (order) => (delete order.meta!.list, (order.meta!.list = [1]))],
    ['another order of keys', (order) => (order.meta = { list: [1], deep: { er: 1 } })],
    ['a Map entry set and deleted', (order) => (order.stock!.set('c', 1), order.stock!.delete('c'))],
    ['bytes changed and changed back', (order) => ((order.file![0] = 9), (order.file![0] = 1))],
    ['an undeclared property', (order) => ((order as { extra?: number }).extra = 1)],
    ['a double that is the int', (order) => (order.total = new Double(1).valueOf())],
    ['undefined for what is missing', (order) => (order.views = undefined)],
  ])('sends none for %s', async (_, mutate) => {
    await change(mutate);
    expect(world.commands.all()).toEqual([]);
  });

  it('sends none for defaults that were filled in on load', async () => {
    const bare = await world.stored<ObjectId>(Order, { customer_id: 'x', items: [] });
    await world.uow.run(async () => {
      const order = await orders().getById(bare);
      expect(order.status).toBe('new');
      order.status = 'new';
      await world.uow.flush();
    });
    expect(world.writes).toEqual([]);
    expect(await world.read(Order, bare)).not.toHaveProperty('status');
  });

  it('sends none for a new entity that was removed, and none after a rollback', async () => {
    await change((order) => {
      orders().remove(orders().create({ customer: 'x', items: [] }));
      order.note = 'x';
      order.items.length = 0;
      world.uow.rollback();
    });
    expect(world.commands.all()).toEqual([]);
  });

  it('sends none in a second flush', async () => {
    await change(async (order) => {
      order.note = 'x';
      order.items[0]!.qty = 5;
      order.meta!.list = [2];
      order.tags = ['z'];
      order.stock!.set('z', 1);
      order.placedAt!.setTime(5);
      await world.uow.flush();
      world.commands.clear();
      await world.uow.flush();
      JSON.stringify(order);
    });
    expect(world.commands.all()).toEqual([]);
  });

  it('sends none when the unit of work throws', async () => {
    await change((order) => {
      order.note = 'x';
      throw new Error('no');
    }).catch(() => undefined);
    expect(world.commands.all()).toEqual([]);
    expect(await world.read(Order, id)).toMatchObject({ note: 'n' });
  });
});

describe('the update document', () => {
  it.each<[string, (order: Order) => unknown, object]>([
    ['a renamed field by its stored name', (order) => (order.customer = 'bob'), { $set: { customer_id: 'bob' } }],
    ['a nested renamed field', (order) => (order.address!.street = 'Gasse'), { $set: { 'address.str': 'Gasse' } }],
    ['a removed field', (order) => delete order.note, { $unset: { note: '' } }],
    ['undefined as a removal', (order) => (order.note = undefined), { $unset: { note: '' } }],
    ['a removed nested field', (order) => delete order.address!.street, { $unset: { 'address.str': '' } }],
    ['null', (order) => (order.note = null), { $set: { note: null } }],
    ['a free-form leaf', (order) => ((order.meta!.deep as any).er = 2), { $set: { 'meta.deep.er': 2 } }],
    ['a new free-form key', (order) => (order.meta!.x = { y: 1 }), { $set: { 'meta.x': { y: 1 } } }],
    ['a removed free-form key', (order) => delete order.meta!.deep, { $unset: { 'meta.deep': '' } }],
    [
      'Map entries',
      (order) => (order.stock!.set('a', 5), order.stock!.set('c', 3), order.stock!.delete('b')),
      { $set: { 'stock.a': 5, 'stock.c': 3 }, $unset: { 'stock.b': '' } },
    ],
    ['a Date changed in place', (order) => order.placedAt!.setTime(9), { $set: { placedAt: new Date(9) } }],
    ['an append', (order) => order.tags!.push('c', 'd'), { $push: { tags: { $each: ['c', 'd'] } } }],
    [
      'an append of a keyed element',
      (order) => order.items.push({ sku: 'z', qty: 3 } as LineItem),
      { $push: { items: { $each: [{ sku: 'z', qty: 3 }] } } },
    ],
    [
      'an insertion at the front',
      (order) => order.tags!.unshift('z'),
      { $push: { tags: { $each: ['z'], $position: 0 } } },
    ],
    ['a field of a keyed element', (order) => (order.items[1]!.qty = 7), { $set: { 'items.$[e0].qty': 7 } }],
    ['a new field of a keyed element', (order) => (order.items[1]!.note = 'n'), { $set: { 'items.$[e0].note': 'n' } }],
    ['a removed keyed element', (order) => order.items.shift(), { $pull: { items: { sku: { $eq: 'x' } } } }],
    ['an element by position', (order) => (order.points![0]!.x = 5), { $set: { 'points.0.x': 5 } }],
    ['a merge field', (order) => (order.views = 3), { $inc: { views: 3 } }],
    ['bytes changed in place', (order) => (order.file![0] = 9), { $set: { file: expect.anything() } }],
    [
      'several fields together',
      (order) => ((order.note = 'x'), (order.total = 5), delete order.placedAt),
      { $set: { note: 'x', total: 5 }, $unset: { placedAt: '' } },
    ],
  ])('says %s', async (_, mutate, update) => {
    await change(mutate);
    expect(world.updates.map(({ u }) => u as object)).toEqual([update]);
    const now = await world.uow.run(() => orders().getById(id));
    const then = await changedInMemory(mutate);
    expect(JSON.parse(JSON.stringify(now))).toEqual(JSON.parse(JSON.stringify(then)));
    expect(await world.read(Order, id)).toMatchObject({ unknown: 7 });
  });

  /** What the change makes of the document in memory alone. */
  async function changedInMemory(mutate: (order: Order) => unknown): Promise<Order> {
    const fresh = await world.stored<ObjectId>(Order, { ...DOCUMENT, _id: new ObjectId() });
    return world.uow.run(
      async () => {
        const order = await orders().getById(fresh);
        mutate(order);
        return Object.assign(JSON.parse(JSON.stringify(order)) as Order, { id });
      },
      { flush: 'manual' },
    );
  }

  it('finds an element by its key with array filters', async () => {
    await change((order) => (order.items[1]!.qty = 7));
    expect(world.onlyUpdate.arrayFilters).toEqual([{ 'e0.sku': { $eq: 'y' } }]);
  });

  it.each([['a.b'], ['$x'], ['']])('never has a path through the key %j: the whole is set', async (key) => {
    await change((order) => (order.meta![key] = 1));
    const paths = world.updates.flatMap(({ u }) => Object.values(u as object).flatMap(Object.keys));
    expect(paths).toEqual(['meta']);
    expect((await world.read(Order, id))!.meta).toEqual({ deep: { er: 1 }, list: [1], [key]: 1 });
  });

  it('keeps undeclared fields where a whole value has to be sent', async () => {
    await change((order) => order.items.reverse());
    await change((order) => order.points!.unshift({ x: 0, y: 0 }));
    expect(await world.read(Order, id)).toMatchObject({
      items: [
        { sku: 'y', qty: 2 },
        { sku: 'x', qty: 1, gift: true },
      ],
      points: [
        { x: 0, y: 0 },
        { x: 1, y: 1, z: 9 },
      ],
    });
  });

  it('leaves the types of numbers alone that were not changed', async () => {
    const other = await world.stored<ObjectId>(Order, {
      customer_id: 'x',
      items: [{ sku: 'a', qty: new Double(1) }],
      total: new Double(3),
      meta: { n: Long.fromNumber(4) },
    });
    await world.uow.run(async () => {
      const order = await orders().getById(other);
      order.items = [...order.items, { sku: 'b', qty: 1 } as LineItem].reverse();
      order.meta = { ...order.meta, x: 1 };
    });
    const raw = (await world.others
      .collection('orders')
      .findOne({ _id: other }, { promoteValues: false, promoteLongs: false }))!;
    expect(raw.items[1].qty).toBeInstanceOf(Double);
    expect(raw.total).toBeInstanceOf(Double);
    expect(raw.meta.n).toBeInstanceOf(Long);
  });
});

describe('a unit of work without guards', () => {
  it('updates by id alone', async () => {
    const note = await world.stored<ObjectId>(Note, { text: 'a', lines: ['x'] });
    await world.uow.run(async () => {
      const found = await world.repository(Note).getById(note);
      world.commands.clear();
      found.text = 'b';
      found.lines!.push('y');
    });
    expect(world.onlyUpdate.q).toEqual({ _id: note });
  });
});
