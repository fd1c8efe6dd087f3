import { describe, expect, it } from '@jest/globals';
import type { Document } from 'mongodb';
import { useShop } from '../support/shop.js';

describe('what-if pricing', () => {
  const shop = useShop();

  const order = async (nth: number) => {
    const document = (await shop.documents('orders')).filter(({ items }) => items.length > 1)[nth]!;
    return { document, path: `/orders/${document._id}` };
  };
  const off = (price: number, percent: number) => Math.round((price * (100 - percent)) / 100);
  const totalOf = ({ items }: Document) =>
    items.reduce((sum: number, { price, quantity }: Document) => sum + price * quantity, 0);

  it('reports what both sides changed, and what they would have come to; nothing is sent', async () => {
    const { document, path } = await order(0);
    const [line, ...lines] = document.items;
    const call = shop.http.post(`${path}/what-if`).send({ negotiated: 5, campaign: 15 }).expect(200);
    expect(await shop.writesOf(call)).toEqual([]);
    const { body } = await call;
    expect(body.outcome).toBe('conflict');
    expect(body.conflicts).toEqual([
      { path: 'items.0.price', original: line.price, ours: off(line.price, 5), theirs: off(line.price, 15) },
    ]);
    expect(body.ours.changes.map((one: Document) => one.path)).toEqual(['items', 'note']);
    expect(body.theirs.changes.map((one: Document) => one.path)).toEqual(['items', 'tags']);
    expect(body.total).toBe(totalOf(document));
    expect(body.ours.total).toBe(totalOf({ items: [{ ...line, price: off(line.price, 5) }, ...lines] }));
    const reduced = document.items.map((item: Document) => ({ ...item, price: off(item.price, 15) }));
    expect(body.theirs.total).toBe(totalOf({ items: reduced }));
    expect((await order(0)).document).toEqual(document);
  });

  it.each([
    ['ours', 1, 5],
    ['theirs', 2, 15],
    ['lower', 3, 15],
  ])('unites both by "%s", in one command', async (resolve, nth, percent) => {
    const { document, path } = await order(nth);
    const call = shop.http.post(`${path}/what-if`).send({ negotiated: 5, campaign: 15, resolve }).expect(200);
    const writes = await shop.writesOf(call);
    expect(writes.map(({ name }) => name)).toEqual(['update']);
    const { body } = await call;
    const [line, ...lines] = document.items;
    const after = (await order(nth)).document;
    expect(after).toEqual({
      ...document,
      items: [
        { ...line, price: off(line.price, percent) },
        ...lines.map((item: Document) => ({ ...item, price: off(item.price, 15) })),
      ],
      tags: [...document.tags, 'campaign'],
      note: 'Agreed on 5 % off the first line.',
      updatedAt: expect.any(Date),
    });
    expect(body).toMatchObject({
      outcome: 'united',
      united: { total: totalOf(after) },
      conflicts: [expect.anything()],
    });
  });

  it('has no conflict where both agree', async () => {
    const { document, path } = await order(4);
    const { body } = await shop.http.post(`${path}/what-if`).send({ negotiated: 10, campaign: 10 }).expect(200);
    expect(body).toMatchObject({ outcome: 'united', conflicts: [] });
    expect((await order(4)).document.items[0].price).toBe(off(document.items[0].price, 10));
  });

  it('keeps the best of several plans, and nothing of the others', async () => {
    const { document, path } = await order(5);
    const plans = [
      { name: 'spring', off: 10 },
      { name: 'half price', off: 50 },
      { name: 'loyal', off: 20 },
    ];
    const totals = Object.fromEntries(
      plans.map((plan) => [
        plan.name,
        totalOf({ items: document.items.map((item: Document) => ({ ...item, price: off(item.price, plan.off) })) }),
      ]),
    );
    const call = shop.http.post(`${path}/best-plan`).send({ plans, minimum: totals.loyal! }).expect(200);
    const writes = await shop.writesOf(call);
    expect((await call).body).toEqual({ chosen: 'loyal', totals });
    expect(writes.map(({ name }) => name)).toEqual(['update']);
    // What three branches ask for by id in one tick is one query.
    const reads = shop.commands.named('find').filter(({ command }) => command.find === 'orders');
    expect(reads).toHaveLength(1);
    const after = (await order(5)).document;
    expect(after).toMatchObject({ note: 'Plan: loyal' });
    expect(totalOf(after)).toBe(totals.loyal);
  });

  it('sends nothing when no plan brings in enough', async () => {
    const { document, path } = await order(6);
    const plans = [{ name: 'gift', off: 90 }];
    const call = shop.http
      .post(`${path}/best-plan`)
      .send({ plans, minimum: totalOf(document) })
      .expect(200);
    expect(await shop.writesOf(call)).toEqual([]);
    expect((await call).body).toEqual({ totals: { gift: expect.any(Number) } });
  });

  it('refuses what makes no sense', async () => {
    const { path } = await order(0);
    await shop.http.post(`${path}/what-if`).send({ negotiated: 5 }).expect(400);
    await shop.http.post(`${path}/what-if`).send({ negotiated: 5, campaign: 5, resolve: 'mine' }).expect(400);
    await shop.http.post(`${path}/best-plan`).send({ plans: [], minimum: 0 }).expect(400);
    await shop.http.post('/orders/000000000000000000000000/what-if').send({ negotiated: 5, campaign: 5 }).expect(404);
  });

  it('beside each other: of two requests the second conflicts, and starts from what is stored', async () => {
    const { path } = await order(7);
    const terms = { negotiated: 7, campaign: 17, resolve: 'lower' };
    const answers = await Promise.all([1, 2].map(() => shop.http.post(`${path}/what-if`).send(terms)));
    const statuses = answers.map(({ status }) => status).sort();
    expect([
      [200, 200],
      [200, 409],
    ]).toContainEqual(statuses); // 200 twice: one after the other, the second changed nothing
    const { document } = await order(7);
    expect(document.tags.filter((tag: string) => tag === 'campaign')).toHaveLength(1);
  });
});
