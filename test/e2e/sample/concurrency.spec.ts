import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { OrdersService } from '../../../sample/orders/orders.service.js';
import { barrier } from './support/barrier.js';
import { useShop } from './support/shop.js';

describe('requests to the sample at the same time', () => {
  const shop = useShop({ orders: 1_000 });

  afterEach(() => void jest.restoreAllMocks());

  const order = async (nth: number) => {
    const document = await shop.document('orders', nth);
    return { document, path: `/orders/${document._id}` };
  };

  /** Holds the next requests inside of their handlers until so many have made their changes. */
  const holdInHandlers = (parties: number) => {
    const service = shop.app.get(OrdersService);
    const update = service.update.bind(service);
    const arrive = barrier(parties);
    jest.spyOn(service, 'update').mockImplementation(async (...args) => {
      const changed = await update(...args);
      await arrive();
      return changed;
    });
  };

  it('commits 1,000 requests, 250 at a time, each to its own order', async () => {
    const ids = (await shop.documents('orders')).map(({ _id }) => String(_id));
    const before = new Map((await shop.documents('orders')).map((one) => [String(one._id), one]));
    shop.commands.clear();
    const queue = [...ids];
    const statuses = new Map<number, number>();
    const worker = async () => {
      for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
        const { sku, quantity } = before.get(id)!.items[0];
        const items = [{ sku, quantity: quantity + 1 }];
        const answer = await fetch(`${shop.url}/orders/${id}`, {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ note: `for ${id}`, items }),
        });
        const { status } = answer;
        const body = await answer.json();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 200) expect(body).toMatchObject({ id, note: `for ${id}` });
      }
    };
    await Promise.all(Array.from({ length: 250 }, worker));
    expect([...statuses]).toEqual([[200, 1_000]]);
    const updates = shop.commands.named('update');
    expect(updates).toHaveLength(1_000);
    expect(new Set(updates.map(({ command }) => String(command.updates[0].q._id))).size).toBe(1_000);
    for (const after of await shop.documents('orders')) {
      const id = String(after._id);
      const [line, ...lines] = before.get(id)!.items;
      expect(after).toEqual({
        ...before.get(id),
        note: `for ${id}`,
        items: [{ ...line, quantity: line.quantity + 1 }, ...lines],
        updatedAt: expect.any(Date),
      });
    }
  }, 900_000);

  it('keeps both of two changes to different fields of one order', async () => {
    const { document, path } = await order(1);
    holdInHandlers(2);
    const [first, second] = await Promise.all([
      shop.http.patch(path).send({ note: 'by one' }),
      shop.http.patch(path).send({ address: { city: 'By another' } }),
    ]);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect((await order(1)).document).toEqual({
      ...document,
      note: 'by one',
      address: { ...document.address, city: 'By another' },
      updatedAt: expect.any(Date),
    });
  });

  it('answers 200 and 409 to two changes of the same field, and names entity and field', async () => {
    const { document, path } = await order(2);
    holdInHandlers(2);
    const answers = await Promise.all(['one', 'two'].map((note) => shop.http.patch(path).send({ note })));
    const won = answers.find(({ status }) => status === 200)!;
    const lost = answers.find(({ status }) => status === 409)!;
    expect(lost.body).toMatchObject({
      statusCode: 409,
      code: 'ConcurrentModification',
      entity: 'Order',
      field: 'note',
      message: expect.stringContaining(`Order ${String(document._id)}`),
    });
    expect((await order(2)).document.note).toBe(won.body.note);
  });

  describe('a form that says what it saw', () => {
    it('succeeds when that is still so, field by field', async () => {
      const { document, path } = await order(3);
      await shop.http
        .patch(path)
        .send({ note: 'changed by another', address: { street: 'Another street' } })
        .expect(200);
      const form = { tags: ['x'], address: { city: 'Y' }, items: [{ ...lineOf(document), quantity: 9 }] };
      const seen = { tags: document.tags, address: { city: document.address.city }, items: [lineOf(document)] };
      await shop.http
        .patch(path)
        .send({ ...form, seen })
        .expect(200);
      const after = (await order(3)).document;
      expect(after).toMatchObject({
        note: 'changed by another',
        tags: ['x'],
        address: { street: 'Another street', city: 'Y' },
      });
      expect(after.items[0].quantity).toBe(9);
    });

    it('need not have seen all that it changes', async () => {
      const { document, path } = await order(6);
      const address = { zip: '4711' };
      const form = { note: 'new', tags: ['new'], address, seen: { note: document.note } };
      await shop.http.patch(path).send(form).expect(200);
      expect((await order(6)).document).toEqual({
        ...document,
        note: 'new',
        tags: ['new'],
        address: { ...document.address, zip: '4711' },
        updatedAt: expect.any(Date),
      });
    });

    it.each<[string, object, (seen: any) => object]>([
      ['note', { note: 'mine' }, () => ({ note: 'theirs' })],
      ['tags', { tags: ['mine'] }, () => ({ tags: ['theirs'] })],
      ['status', { status: 'paid' }, ({ status }) => ({ status: status === 'shipped' ? 'open' : 'shipped' })],
      ['address.city', { address: { city: 'Mine' } }, () => ({ address: { city: 'Theirs' } })],
    ])('gets 409 when another has changed %s', async (field, mine, theirs) => {
      const { document, path } = await order(4);
      await shop.http.patch(path).send(theirs(document)).expect(200);
      const stored = (await order(4)).document;
      const seen = Object.fromEntries(Object.keys(mine).map((key) => [key, document[key]]));
      const call = shop.http
        .patch(path)
        .send({ ...mine, seen })
        .expect(409);
      expect(await shop.writesOf(call)).toEqual([]);
      expect((await call).body).toMatchObject({ code: 'ConcurrentModification', entity: 'Order', field });
      expect((await order(4)).document).toEqual(stored);
    });

    it('gets 409 when another has changed the quantity of the same line', async () => {
      const { document, path } = await order(5);
      const seen = lineOf(document);
      await shop.http
        .patch(path)
        .send({ items: [{ ...seen, quantity: seen.quantity + 1 }] })
        .expect(200);
      const form = { items: [{ ...seen, quantity: seen.quantity + 2 }], seen: { items: [seen] } };
      const { body } = await shop.http.patch(path).send(form).expect(409);
      expect(body).toMatchObject({ entity: 'Order', field: 'items' });
    });
  });

  /** The first line of an order, as a form sends it. */
  function lineOf({ items }: { items?: { sku: string; quantity: number }[] }) {
    const { sku, quantity } = items![0]!;
    return { sku, quantity };
  }
});
