import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoClient, ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop, entityMapOf } from '../../../lib/mapping/index.js';
import { Repository } from '../../../lib/repository/index.js';
import { Connection } from '../../../lib/unit-of-work/index.js';
import { Order, Product } from '../support/models.js';
import { errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
let ids: ObjectId[];

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  ids = Array.from({ length: 20 }, () => new ObjectId());
  await world.raw(Order).insertMany(ids.map((_id, n) => ({ _id, customer_id: `c${n}`, total: n, items: [] })));
});

const marked = () => world.raw(Order).countDocuments({ status: 'marked' });

describe('20 entities in one flush', () => {
  const markAll = (before: () => unknown) =>
    world.uow.run(async () => {
      const found = await orders().findByIds(ids);
      await before();
      world.commands.clear();
      for (const order of found) order.status = 'marked';
    });

  it('are one read, one update and one commit', async () => {
    await markAll(() => undefined);
    expect(world.commands.all().map(({ name }) => name)).toEqual(['find', 'update', 'commitTransaction']);
    expect(await marked()).toBe(20);
  });

  it('are all left unwritten by a conflict on one, which is named', async () => {
    for (const conflicted of [ids[0]!, ids[7]!, ids[19]!]) {
      const error = await errorOf(
        markAll(() => world.raw(Order).updateOne({ _id: conflicted }, { $set: { status: 'foreign' } })),
      );
      expect(error).toMatchObject({ code: 'ConcurrentModification', id: conflicted.toHexString(), field: 'status' });
      expect(await marked()).toBe(0);
      await world.raw(Order).updateOne({ _id: conflicted }, { $unset: { status: 1 } });
    }
  });

  it('are all left unwritten by the removal of one, which is named', async () => {
    const error = await errorOf(markAll(() => world.raw(Order).deleteOne({ _id: ids[7]! })));
    expect(error).toMatchObject({ code: 'ConcurrentModification', id: ids[7]!.toHexString() });
    expect(await marked()).toBe(0);
  });

  it('are all left undeleted by the removal of one, which is named', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const found = await orders().findByIds(ids);
        await world.raw(Order).deleteOne({ _id: ids[7]! });
        for (const order of found) orders().remove(order);
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', id: ids[7]!.toHexString() });
    expect(await world.raw(Order).countDocuments()).toBe(19);
  });

  it('without guards: the removal of one is named too', async () => {
    @Entity({ collection: 'orders', concurrency: 'none' })
    class Lax {
      @Id() id!: ObjectId;
      @Prop() status?: string;
    }
    const error = await errorOf(
      world.uow.run(async () => {
        const found = await world.repository(Lax).findByIds(ids);
        await world.raw(Order).deleteOne({ _id: ids[7]! });
        for (const order of found) order.status = 'marked';
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', entity: 'Lax', id: ids[7]!.toHexString() });
    expect(await marked()).toBe(0);
  });

  it('are invisible to others until all are there', async () => {
    const seen = new Set<number>();
    let done = false;
    const watch = (async () => {
      while (!done) seen.add(await marked());
    })();
    await markAll(() => undefined);
    done = true;
    await watch;
    expect([...seen].filter((count) => count !== 0 && count !== 20)).toEqual([]);
  });
});

describe('large flushes', () => {
  it('of 2,500 entities are split into commands of one transaction', async () => {
    await world.uow.run(() => {
      for (let n = 0; n < 2_500; n++) orders().create({ customer: `n${n}`, items: [] });
    });
    expect(world.writes.map(({ name }) => name)).toEqual(['insert', 'insert', 'insert', 'commitTransaction']);
    expect(await world.raw(Order).countDocuments()).toBe(2_520);
  });

  it('of many megabytes are split, too: a command holds 16 of them', async () => {
    const made = await world.uow.run(() =>
      Array.from({ length: 20 }, () => orders().create({ customer: 'x'.repeat(1_000_000), items: [] })),
    );
    expect(await world.raw(Order).countDocuments()).toBe(40);
    await world.uow.run(async () => {
      for (const { id } of made) (await orders().getById(id)).customer = 'y'.repeat(1_000_000);
    });
    expect(await world.raw(Order).countDocuments({ customer_id: /^y/ })).toBe(20);
  }, 30_000);

  it('of too large a document send nothing', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        (await orders().getById(ids[0]!)).status = 'marked';
        orders().create({ customer: 'x'.repeat(17_000_000), items: [] });
      }),
    );
    expect(error).toMatchObject({ code: 'PlanTooLarge', status: 413, entity: 'Order' });
    expect(world.writes).toEqual([]);
  });
});

describe('two clients', () => {
  let second: MongoClient;
  let other: Repository<Product>;
  beforeAll(async () => {
    second = await new MongoClient(world.database.uri, { monitorCommands: true }).connect();
    const settings = { atomicity: 'transaction', flushTimeoutMS: 5_000, validate: true } as const;
    const connection = new Connection('second', second, second.db(world.database.name), settings);
    other = new Repository<Product>(connection.store(entityMapOf(Product)));
  });
  afterAll(() => second.close());

  it('one unit of work reads from both, and writes to one of them', async () => {
    await world.uow.run(async () => {
      await other.find();
      (await orders().getById(ids[0]!)).status = 'marked';
    });
    expect(await marked()).toBe(1);
  });

  it('a flush that would write to both is refused before anything is sent', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        (await orders().getById(ids[0]!)).status = 'marked';
        other.create({ name: 'p', stock: 1 });
      }),
    );
    expect(error).toMatchObject({ code: 'CrossConnectionFlush' });
    expect(error.message).toMatch(/Order and Product|Product and Order/);
    expect(world.writes).toEqual([]);
    expect(await marked()).toBe(0);
    expect(await world.raw(Product).countDocuments()).toBe(0);
  });

  it('one after the other is allowed', async () => {
    await world.uow.run(async () => {
      (await orders().getById(ids[0]!)).status = 'marked';
      await world.uow.flush();
      other.create({ name: 'p', stock: 1 });
    });
    expect(await marked()).toBe(1);
    expect(await world.raw(Product).countDocuments()).toBe(1);
  });
});

describe('two databases of one client', () => {
  it('are written in one transaction', async () => {
    const name = `${world.database.name}_b`;
    const settings = { atomicity: 'transaction', flushTimeoutMS: 5_000, validate: true } as const;
    const connection = new Connection('b', world.client, world.client.db(name), settings);
    const other = new Repository<Product>(connection.store(entityMapOf(Product)));
    try {
      await world.uow.run(async () => {
        (await orders().getById(ids[0]!)).status = 'marked';
        other.create({ name: 'p', stock: 1 });
      });
      expect(world.commands.named('commitTransaction')).toHaveLength(1);
      expect(await world.client.db(name).collection('products').countDocuments()).toBe(1);
      expect(await marked()).toBe(1);
    } finally {
      await world.client.db(name).dropDatabase();
    }
  });
});

describe("atomicity 'single-document'", () => {
  @Embedded({ key: 'sku' })
  class Line {
    @Prop() sku!: string;
    @Prop() qty!: number;
    @Prop(() => [String]) marks?: string[];
  }
  @Entity({ collection: 'orders' })
  class Loose {
    @Id() id!: ObjectId;
    @Prop() status?: string;
    @Prop() total?: number;
    @Prop(() => [String]) tags?: string[];
    @Prop(() => [Line]) items!: Line[];
    @Prop({ type: () => [String], merge: 'set' }) labels?: string[];
  }
  let loose: Repository<Loose>;
  beforeAll(() => {
    const settings = { atomicity: 'single-document', flushTimeoutMS: 5_000, validate: true } as const;
    const connection = new Connection('loose', world.client, world.client.db(world.database.name), settings);
    loose = new Repository<Loose>(connection.store(entityMapOf(Loose)));
  });

  it('sends one command after the other, without transactions', async () => {
    await world.uow.run(async () => {
      const found = await loose.findByIds(ids.slice(0, 3));
      world.commands.clear();
      for (const order of found) order.status = 'marked';
    });
    expect(world.commands.all().map(({ name }) => name)).toEqual(['update', 'update', 'update']);
    expect(world.commands.all().every(({ command }) => command.txnNumber === undefined)).toBe(true);
    expect(await marked()).toBe(3);
  });

  it('still guards each document', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const order = (await loose.findById(ids[0]!))!;
        await world.raw(Order).updateOne({ _id: ids[0]! }, { $set: { status: 'foreign' } });
        order.status = 'marked';
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'status' });
  });

  it('names what was written before the one that failed', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const found = await loose.findByIds(ids.slice(0, 3));
        await world.raw(Order).updateOne({ _id: ids[2]! }, { $set: { status: 'foreign' } });
        for (const order of found) order.status = 'marked';
      }),
    );
    expect(error).toMatchObject({ code: 'HalfFlushed', status: 500 });
    expect(error.issues).toMatchObject([
      { entity: 'Loose', id: ids[0]!.toHexString() },
      { entity: 'Loose', id: ids[1]!.toHexString() },
    ]);
    expect(error.cause).toMatchObject({ code: 'ConcurrentModification', id: ids[2]!.toHexString() });
    expect(error.message).toContain(ids[0]!.toHexString());
    expect(await marked()).toBe(2);
  });

  it('names it whatever the failure is', async () => {
    await world.others.command({ collMod: 'orders', validator: { total: { $ne: 666 } } });
    try {
      const error = await errorOf(
        world.uow.run(async () => {
          const [a, b] = await loose.findByIds(ids.slice(0, 2));
          a!.status = 'marked';
          b!.total = 666;
        }),
      );
      expect(error).toMatchObject({ code: 'HalfFlushed' });
      expect(error.issues).toMatchObject([{ id: ids[0]!.toHexString() }]);
    } finally {
      await world.others.command({ collMod: 'orders', validator: {} });
    }
  });

  it('compares what was only read before it writes anything', async () => {
    const attempt = (foreign?: object) =>
      world.uow.run(async () => {
        const [read, written] = await loose.findByIds(ids.slice(0, 2));
        world.uow.expectUnchanged(read!, 'total');
        if (foreign) await world.raw(Order).updateOne({ _id: ids[0]! }, foreign);
        written!.status = 'marked';
      });
    const error = await errorOf(attempt({ $set: { total: 5 } }));
    expect(error).toMatchObject({ code: 'ConcurrentModification', id: ids[0]!.toHexString(), field: 'total' });
    expect(await marked()).toBe(0);
    await attempt();
    expect(await marked()).toBe(1);
  });

  it('says every change of a document in one update', async () => {
    await world.raw(Order).updateOne(
      { _id: ids[0]! },
      {
        $set: {
          tags: ['a', 'b', 'c'],
          labels: ['l', 'm'],
          items: [
            { sku: 'x', qty: 1, marks: ['p', 'q'] },
            { sku: 'y', qty: 1 },
            { sku: 'z', qty: 1 },
          ],
        },
      },
    );
    const mutations: ((order: Loose) => unknown)[] = [
      (order) => order.tags!.reverse(),
      (order) => (order.tags = ['c', 'd']),
      (order) => (order.labels = ['m', 'n']),
      (order) => order.items[0]!.marks!.reverse(),
      (order) => (order.items[0]!.marks![0] = 'r'),
      (order) => order.items[0]!.marks!.push('s'),
      (order) => ((order.items[0]!.qty = 5), order.items.splice(1, 1), order.items.push({ sku: 'w', qty: 1 })),
    ];
    for (const mutate of mutations) {
      await world.uow.run(async () => {
        const order = (await loose.findById(ids[0]!))!;
        world.commands.clear();
        mutate(order);
        const expected = JSON.stringify(order);
        await world.uow.flush();
        expect(world.onlyUpdate).toBeDefined();
        expect(JSON.stringify(await loose.findById(ids[0]!, { readonly: true }))).toBe(expected);
        world.commands.clear();
      });
      expect(world.commands.all()).toEqual([]);
    }
  });

  it('guards those, too', async () => {
    const stored = { tags: ['a', 'b'], items: [{ sku: 'x', qty: 1, marks: ['p', 'q'] }] };
    const cases: [(order: Loose) => unknown, object][] = [
      [(order) => order.tags!.reverse(), { $push: { tags: 'c' } }],
      [(order) => order.tags!.reverse(), { $set: { tags: [['a', 'b']] } }],
      [(order) => order.items[0]!.marks!.reverse(), { $push: { 'items.0.marks': 'c' } }],
      [(order) => order.items[0]!.marks!.reverse(), { $set: { 'items.0.marks': [['p', 'q']] } }],
      [(order) => (order.items[0]!.marks![0] = 'r'), { $set: { 'items.0.marks.0': 'z' } }],
    ];
    for (const [mutate, foreign] of cases) {
      await world.raw(Order).updateOne({ _id: ids[0]! }, { $set: stored });
      const error = await errorOf(
        world.uow.run(async () => {
          const order = (await loose.findById(ids[0]!))!;
          await world.raw(Order).updateOne({ _id: ids[0]! }, foreign);
          mutate(order);
        }),
      );
      expect(error).toMatchObject({ code: 'ConcurrentModification', entity: 'Loose' });
    }
  });
});
