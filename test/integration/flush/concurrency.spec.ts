import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectId } from 'mongodb';
import type { LineItem } from '../support/models.js';
import { Note, Order } from '../support/models.js';
import { barrier, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
let id: ObjectId;

beforeEach(async () => {
  id = await world.stored(Order, {
    customer_id: 'ada',
    status: 'open',
    total: 1,
    items: [
      { sku: 'x', qty: 1, note: 'n' },
      { sku: 'y', qty: 2 },
    ],
    tags: ['a'],
    address: { city: 'Ulm', str: 'Weg' },
    stock: { a: 1 },
    meta: { a: 1, b: 1 },
  });
});

/** Units of work that have all read the order before any of them flushes. */
async function together(...mutations: ((order: Order) => unknown)[]) {
  const meet = barrier(mutations.length);
  const results = await Promise.allSettled(
    mutations.map((mutate) =>
      world.uow.run(async () => {
        const order = await orders().getById(id);
        await meet();
        await mutate(order);
      }),
    ),
  );
  const errors = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as Record<string, any>] : [],
  );
  return { errors, document: (await world.read(Order, id))! };
}

describe('two units of work', () => {
  it.each<[string, (order: Order) => unknown, (order: Order) => unknown, object]>([
    ['different fields', (o) => (o.status = 'paid'), (o) => (o.total = 2), { status: 'paid', total: 2 }],
    [
      'different fields of an embedded value',
      (o) => (o.address!.city = 'Bonn'),
      (o) => (o.address!.street = 'Gasse'),
      { address: { city: 'Bonn', str: 'Gasse' } },
    ],
    [
      'different Map entries',
      (o) => o.stock!.set('b', 2),
      (o) => o.stock!.set('c', 3),
      { stock: { a: 1, b: 2, c: 3 } },
    ],
    ['different free-form keys', (o) => (o.meta!.a = 2), (o) => delete o.meta!.b, { meta: { a: 2 } }],
    [
      'different elements',
      (o) => (o.items[0]!.qty = 5),
      (o) => (o.items[1]!.qty = 6),
      {
        items: [
          { sku: 'x', qty: 5, note: 'n' },
          { sku: 'y', qty: 6 },
        ],
      },
    ],
    [
      'different fields of one element',
      (o) => (o.items[0]!.qty = 5),
      (o) => (o.items[0]!.note = 'm'),
      {
        items: [
          { sku: 'x', qty: 5, note: 'm' },
          { sku: 'y', qty: 2 },
        ],
      },
    ],
    [
      'an edit and a removal of another element',
      (o) => (o.items[0]!.qty = 5),
      (o) => o.items.splice(1, 1),
      { items: [{ sku: 'x', qty: 5, note: 'n' }] },
    ],
  ])('that change %s both survive', async (_, a, b, expected) => {
    const { errors, document } = await together(a, b);
    expect(errors).toEqual([]);
    expect(document).toMatchObject(expected);
  });

  it('that both push survive, whichever is first', async () => {
    const { errors, document } = await together(
      (o) => o.tags!.push('b'),
      (o) => o.tags!.push('c'),
    );
    expect(errors).toEqual([]);
    expect((document.tags as string[]).sort()).toEqual(['a', 'b', 'c']);
  });

  it('that both push elements of different keys survive', async () => {
    const { errors, document } = await together(
      (o) => o.items.push({ sku: 'z', qty: 1 } as LineItem),
      (o) => o.items.push({ sku: 'w', qty: 1 } as LineItem),
    );
    expect(errors).toEqual([]);
    expect(document.items).toHaveLength(4);
  });

  it('that both start a list survive', async () => {
    await world.raw(Order).updateOne({ _id: id }, { $unset: { tags: 1 } });
    const { errors, document } = await together(
      (o) => (o.points = [{ x: 1, y: 1 }]),
      (o) => (o.tags = ['b']),
    );
    expect(errors).toEqual([]);
    expect(document).toMatchObject({ tags: ['b'], points: [{ x: 1, y: 1 }] });
  });

  it.each<[string, (order: Order) => unknown, string]>([
    ['the same field', (o) => (o.status = `s${Math.random()}`), 'status'],
    ['the same field of an embedded value', (o) => (o.address!.city = `c${Math.random()}`), 'address.city'],
    ['the same field of one element', (o) => (o.items[0]!.qty = Math.random()), 'items.0.qty'],
    ['the same Map entry', (o) => o.stock!.set('a', Math.random()), 'stock.a'],
    ['one new key', (o) => o.items.push({ sku: 'z', qty: Math.random() } as LineItem), 'items'],
  ])('that change %s: one conflict, which names entity, id and field', async (_, mutate, field) => {
    const { errors } = await together(mutate, mutate);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'ConcurrentModification', status: 409, entity: 'Order', field });
    expect(errors[0]).toMatchObject({
      id: id.toHexString(),
      issues: [{ entity: 'Order', id: id.toHexString(), field }],
    });
    expect(errors[0]!.message).toContain(id.toHexString());
    expect(errors[0]!.message).toContain(field);
    // Stored values do not reach clients.
    expect(JSON.stringify(errors[0]!.issues)).not.toContain('Ulm');
  });

  it('that both remove: the second is told', async () => {
    const { errors, document } = await together(
      (o) => orders().remove(o),
      (o) => orders().remove(o),
    );
    expect(document).toBeNull();
    expect(errors).toMatchObject([{ code: 'ConcurrentModification', entity: 'Order', id: id.toHexString() }]);
  });

  it('that increment a sum never conflict, many at a time', async () => {
    const { errors, document } = await together(
      ...Array.from({ length: 20 }, () => (o: Order) => (o.views = (o.views ?? 0) + 3)),
    );
    expect(errors).toEqual([]);
    expect(document.views).toBe(60);
  });

  it('of a class without guards: the last one wins', async () => {
    const note = await world.stored<ObjectId>(Note, { text: 'a' });
    const meet = barrier(2);
    await Promise.all(
      ['b', 'c'].map((text) =>
        world.uow.run(async () => {
          const found = await world.repository(Note).getById(note);
          await meet();
          found.text = text;
        }),
      ),
    );
    expect(['b', 'c']).toContain((await world.read(Note, note))!.text);
  });
});

describe('what a conflict leaves', () => {
  it('of a read-modify-write counter: retried, every increment counts', async () => {
    const increment = async (): Promise<void> => {
      for (;;) {
        try {
          await world.uow.run(async () => {
            const order = await orders().getById(id);
            order.total = order.total! + 1;
          });
          return;
        } catch (error) {
          expect(error).toMatchObject({ code: 'ConcurrentModification' });
        }
      }
    };
    await Promise.all(Array.from({ length: 15 }, increment));
    expect(await world.read(Order, id)).toMatchObject({ total: 16 });
  });
});
