import { describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Long, ObjectId, type Document } from 'mongodb';
import { Order, Product } from '../support/models.js';
import { errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);

interface Case {
  stored: Document;
  mutate: (order: Order) => unknown;
  /** What someone else does after the order was read. */
  foreign: Document | Document[];
}

/** Stores an order, reads it, lets someone else change it, and flushes. */
async function race(
  { stored, mutate, foreign }: Case,
  alone = true,
): Promise<{ error: any; document: Document | null }> {
  const id = await world.stored<ObjectId>(Order, { items: [], ...stored });
  const beside = await world.stored<ObjectId>(Product, { name: 'p', stock: 1, version: 1 });
  const error = await world.uow
    .run(async () => {
      const order = await orders().getById(id);
      const product = alone ? undefined : await world.repository(Product).getById(beside);
      for (const update of [foreign].flat()) await world.raw(Order).updateOne({ _id: id }, update);
      world.commands.clear();
      mutate(order);
      if (product !== undefined) product.stock++;
    })
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  if (!alone) {
    // All or nothing.
    expect(await world.read(Product, beside)).toMatchObject({ stock: error === undefined ? 2 : 1 });
  }
  return { error, document: await world.read(Order, id) };
}

/** Alone the guards are in the filter, or in a transaction where that cannot say them; beside another always the latter. */
const WAYS = [
  ['alone', true],
  ['beside another write', false],
] as const;

const set = (fields: Document) => ({ $set: fields });

const CONFLICTS: [string, string, Case][] = [
  [
    'a value changed',
    'status',
    { stored: { status: 'a' }, mutate: (o) => (o.status = 'x'), foreign: set({ status: 'b' }) },
  ],
  [
    'an array that contains the value',
    'status',
    { stored: { status: 'a' }, mutate: (o) => (o.status = 'x'), foreign: set({ status: ['a', 'b'] }) },
  ],
  [
    'an array of the value alone',
    'status',
    { stored: { status: 'a' }, mutate: (o) => (o.status = 'x'), foreign: set({ status: ['a'] }) },
  ],
  ['null where it was missing', 'note', { stored: {}, mutate: (o) => (o.note = 'x'), foreign: set({ note: null }) }],
  [
    'missing where it was null',
    'note',
    { stored: { note: null }, mutate: (o) => (o.note = 'x'), foreign: { $unset: { note: 1 } } },
  ],
  [
    'an array that contains null where it was null',
    'note',
    { stored: { note: null }, mutate: (o) => (o.note = 'x'), foreign: set({ note: [null, 5] }) },
  ],
  [
    'an empty array where it was missing',
    'note',
    { stored: {}, mutate: (o) => (o.note = 'x'), foreign: set({ note: [] }) },
  ],
  ['a value where it was missing', 'total', { stored: {}, mutate: (o) => (o.total = 5), foreign: set({ total: 0 }) }],
  ['another type', 'total', { stored: { total: 1 }, mutate: (o) => (o.total = 5), foreign: set({ total: '1' }) }],
  [
    'another case',
    'status',
    { stored: { status: 'a' }, mutate: (o) => (o.status = 'x'), foreign: set({ status: 'A' }) },
  ],
  [
    'an array of objects where an object was',
    'address',
    {
      stored: { address: { city: 'Ulm' } },
      mutate: (o) => (o.address!.city = 'x'),
      foreign: set({ address: [{ city: 'Ulm' }] }),
    },
  ],
  [
    'a removed parent',
    'address',
    {
      stored: { address: { city: 'Ulm' } },
      mutate: (o) => (o.address!.street = 'x'),
      foreign: { $unset: { address: 1 } },
    },
  ],
  [
    'a parent that is null',
    'address',
    { stored: { address: { city: 'Ulm' } }, mutate: (o) => (o.address!.street = 'x'), foreign: set({ address: null }) },
  ],
  [
    'a removed parent of a free-form key',
    'meta',
    { stored: { meta: { a: 1 } }, mutate: (o) => (o.meta!.b = 1), foreign: { $unset: { meta: 1 } } },
  ],
  [
    'a removed Map',
    'stock',
    { stored: { stock: { a: 1 } }, mutate: (o) => o.stock!.set('b', 1), foreign: { $unset: { stock: 1 } } },
  ],
  [
    'a whole embedded value replaced, and a field of it changed by another',
    'address',
    {
      stored: { address: { city: 'Ulm', zip: 1 } },
      mutate: (o) => delete o.address,
      foreign: set({ 'address.zip': 2 }),
    },
  ],
  [
    'an array rewritten, and pushed to by another',
    'tags',
    { stored: { tags: ['a', 'b'] }, mutate: (o) => o.tags!.reverse(), foreign: { $push: { tags: 'c' } } },
  ],
  [
    'an array rewritten, and nested by another',
    'tags',
    { stored: { tags: ['a', 'b'] }, mutate: (o) => o.tags!.reverse(), foreign: set({ tags: [['a', 'b']] }) },
  ],
  [
    'an array appended to, and removed by another',
    'tags',
    { stored: { tags: ['a'] }, mutate: (o) => o.tags!.push('b'), foreign: { $unset: { tags: 1 } } },
  ],
  [
    'an array appended to, and made no array by another',
    'tags',
    { stored: { tags: ['a'] }, mutate: (o) => o.tags!.push('b'), foreign: set({ tags: 'a' }) },
  ],
  [
    'a keyed element edited by both',
    'items.0.qty',
    {
      stored: { items: [{ sku: 'x', qty: 1 }] },
      mutate: (o) => (o.items[0]!.qty = 5),
      foreign: set({ 'items.0.qty': 2 }),
    },
  ],
  [
    'a keyed element edited, and removed by another',
    'items.0.qty',
    {
      stored: { items: [{ sku: 'x', qty: 1 }] },
      mutate: (o) => (o.items[0]!.qty = 5),
      foreign: { $pull: { items: { sku: 'x' } } },
    },
  ],
  [
    'a keyed element removed, and edited by another',
    'items',
    {
      stored: { items: [{ sku: 'x', qty: 1 }] },
      mutate: (o) => (o.items.length = 0),
      foreign: set({ 'items.0.qty': 2 }),
    },
  ],
  [
    'a keyed element edited, and given a twin by another',
    'items.0.qty',
    {
      stored: { items: [{ sku: 'x', qty: 1 }] },
      mutate: (o) => (o.items[0]!.qty = 5),
      foreign: { $push: { items: { sku: 'x', qty: 1 } } },
    },
  ],
  [
    'a keyed element added by both',
    'items',
    {
      stored: { items: [{ sku: 'x', qty: 1 }] },
      mutate: (o) => o.items.push({ sku: 'y', qty: 5 } as never),
      foreign: { $push: { items: { sku: 'y', qty: 1 } } },
    },
  ],
  [
    'an element by position, moved by another',
    'points.0',
    {
      stored: { points: [{ x: 1, y: 1 }] },
      mutate: (o) => (o.points![0]!.x = 5),
      foreign: { $push: { points: { $each: [{ x: 0, y: 0 }], $position: 0 } } },
    },
  ],
  [
    'a scalar removed, and added again by another',
    'tags',
    {
      stored: { tags: ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'cccccccccccccccccccccc'] },
      mutate: (o) => o.tags!.shift(),
      foreign: { $push: { tags: 'aaaaaaaaaaaaaaaa' } },
    },
  ],
  [
    'a large value changed',
    'note',
    {
      stored: { note: 'x'.repeat(5_000) },
      mutate: (o) => (o.note = 'y'),
      foreign: set({ note: `${'x'.repeat(4_999)}z` }),
    },
  ],
  [
    'another order of keys in an object replaced whole',
    'meta',
    {
      stored: { meta: { a: 1, b: 2 } },
      mutate: (o) => delete o.meta,
      foreign: set({ meta: { b: 2, a: 1 } }),
    },
  ],
];

describe.each(WAYS)('%s', (_, alone) => {
  it.each(CONFLICTS)('%s is a conflict on %s', async (_, field, one) => {
    const { error, document } = await race(one, alone);
    expect(error).toMatchObject({ code: 'ConcurrentModification', status: 409, entity: 'Order' });
    expect(error.field).toBe(field);
    expect(error.id).toBe(String(document!._id));
    expect(error.issues).toMatchObject([{ entity: 'Order', id: String(document!._id), field }]);
    // What the other wrote is all there is.
    const expected = await applied(one.stored, one.foreign);
    const { _id, ...now } = document!;
    expect(now).toEqual(expected);
  });

  async function applied(stored: Document, foreign: Document | Document[]): Promise<Document> {
    const id = await world.stored<ObjectId>(Order, { items: [], ...stored, _id: new ObjectId() });
    for (const update of [foreign].flat()) await world.raw(Order).updateOne({ _id: id }, update);
    const { _id, ...document } = (await world.read(Order, id))!;
    return document;
  }

  const SURVIVES: [string, Case, Document][] = [
    [
      'a foreign change of another field',
      { stored: { status: 'a', note: 'n' }, mutate: (o) => (o.status = 'x'), foreign: set({ note: 'm' }) },
      { status: 'x', note: 'm' },
    ],
    [
      'a foreign change of another field of an embedded value',
      {
        stored: { address: { city: 'Ulm', str: 'Weg' } },
        mutate: (o) => (o.address!.city = 'Bonn'),
        foreign: set({ 'address.str': 'Gasse', 'address.zip': 1 }),
      },
      { address: { city: 'Bonn', str: 'Gasse', zip: 1 } },
    ],
    [
      'a foreign Map entry',
      { stored: { stock: { a: 1 } }, mutate: (o) => o.stock!.set('a', 2), foreign: set({ 'stock.b': 5 }) },
      { stock: { a: 2, b: 5 } },
    ],
    [
      'a foreign push',
      { stored: { tags: ['a'] }, mutate: (o) => o.tags!.push('b'), foreign: { $push: { tags: 'c' } } },
      { tags: ['a', 'c', 'b'] },
    ],
    [
      'a foreign push to a list that neither had',
      { stored: {}, mutate: (o) => (o.tags = ['b']), foreign: [] },
      { tags: ['b'] },
    ],
    [
      'a foreign push beside an edited element',
      {
        stored: { items: [{ sku: 'x', qty: 1 }] },
        mutate: (o) => (o.items[0]!.qty = 5),
        foreign: { $push: { items: { $each: [{ sku: 'y', qty: 2 }], $position: 0 } } },
      },
      {
        items: [
          { sku: 'y', qty: 2 },
          { sku: 'x', qty: 5 },
        ],
      },
    ],
    [
      'a foreign reorder beside an edited element',
      {
        stored: {
          items: [
            { sku: 'x', qty: 1 },
            { sku: 'y', qty: 2 },
          ],
        },
        mutate: (o) => (o.items[0]!.qty = 5),
        foreign: set({
          items: [
            { sku: 'y', qty: 2 },
            { sku: 'x', qty: 1 },
          ],
        }),
      },
      {
        items: [
          { sku: 'y', qty: 2 },
          { sku: 'x', qty: 5 },
        ],
      },
    ],
    [
      'a foreign removal of another element',
      {
        stored: {
          items: [
            { sku: 'x', qty: 1 },
            { sku: 'y', qty: 2 },
          ],
        },
        mutate: (o) => (o.items[1]!.qty = 5),
        foreign: { $pull: { items: { sku: 'x' } } },
      },
      { items: [{ sku: 'y', qty: 5 }] },
    ],
    [
      'a foreign edit of another field of the same element',
      {
        stored: { items: [{ sku: 'x', qty: 1, note: 'n' }] },
        mutate: (o) => (o.items[0]!.qty = 5),
        foreign: set({ 'items.0.note': 'm' }),
      },
      { items: [{ sku: 'x', qty: 5, note: 'm' }] },
    ],
    [
      'a foreign edit of another element beside a removal',
      {
        stored: {
          items: [
            { sku: 'x', qty: 1 },
            { sku: 'y', qty: 2 },
          ],
        },
        mutate: (o) => o.items.shift(),
        foreign: set({ 'items.1.qty': 9 }),
      },
      { items: [{ sku: 'y', qty: 9 }] },
    ],
    [
      'a number stored as another type',
      { stored: { total: 1 }, mutate: (o) => (o.total = 5), foreign: set({ total: new Double(1) }) },
      { total: 5 },
    ],
    [
      'a number stored as int64',
      { stored: { total: 1 }, mutate: (o) => (o.total = 5), foreign: set({ total: Long.fromNumber(1) }) },
      { total: 5 },
    ],
    [
      'a number stored as decimal',
      { stored: { total: 1 }, mutate: (o) => (o.total = 5), foreign: set({ total: Decimal128.fromString('1.00') }) },
      { total: 5 },
    ],
    [
      'the value written again',
      {
        stored: { status: 'a' },
        mutate: (o) => (o.status = 'x'),
        foreign: [set({ status: 'b' }), set({ status: 'a' })],
      },
      { status: 'x' },
    ],
    [
      'a large value that stays',
      { stored: { note: 'x'.repeat(5_000) }, mutate: (o) => (o.note = 'y'), foreign: set({ status: 'b' }) },
      { note: 'y', status: 'b' },
    ],
    [
      'NaN that stays',
      { stored: { total: Number.NaN }, mutate: (o) => (o.total = 5), foreign: set({ status: 'b' }) },
      { total: 5 },
    ],
  ];

  it.each(SURVIVES)('%s survives, and so does ours', async (_, one, expected) => {
    const { error, document } = await race(one, alone);
    expect(error).toBeUndefined();
    expect(document).toMatchObject(expected);
  });

  it('a document that was removed is a conflict, and stays removed', async () => {
    const id = await world.stored<ObjectId>(Order, { status: 'a', items: [], tags: [] });
    const beside = await world.stored<ObjectId>(Product, { name: 'p', stock: 1, version: 1 });
    const error = await errorOf(
      world.uow.run(async () => {
        const order = await orders().getById(id);
        if (!alone) (await world.repository(Product).getById(beside)).stock++;
        await world.raw(Order).deleteOne({ _id: id });
        order.tags!.push('x');
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', entity: 'Order', id: id.toHexString() });
    expect(error.issues).toMatchObject([{ message: expect.stringContaining('removed') }]);
    expect(await world.read(Order, id)).toBeNull();
    expect(await world.read(Product, beside)).toMatchObject({ stock: 1 });
  });
});

describe('the way of a single write', () => {
  const names = () => world.commands.all().map(({ name }) => name);

  it('is one command for what a filter can say cheaply', async () => {
    await race({
      stored: { items: [{ sku: 'x', qty: 1 }], tags: [], address: { city: 'a' } },
      mutate: (o) => {
        o.items[0]!.qty = 2;
        o.tags!.push('x');
        o.address!.city = 'b';
        o.note = 'n';
      },
      foreign: [],
    });
    expect(names()).toEqual(['update']);
  });

  it('is a filter for whole arrays that are small', async () => {
    await race({ stored: { tags: ['a', 'b'] }, mutate: (o) => o.tags!.reverse(), foreign: [] });
    expect(names()).toEqual(['update']);
  });

  it('is a transaction with a read for large originals', async () => {
    await race({ stored: { note: 'x'.repeat(600) }, mutate: (o) => (o.note = 'y'), foreign: [] });
    expect(names()).toEqual(['find', 'update', 'commitTransaction']);
    expect(world.updates[0]!.q).toEqual({ _id: expect.any(ObjectId) });
  });

  it('reads the guarded fields only', async () => {
    await race({ stored: { note: 'x'.repeat(600), meta: { a: 1 } }, mutate: (o) => (o.note = 'y'), foreign: [] });
    expect(world.commands.named('find')[0]!.command.projection).toEqual({ _id: 1, note: 1 });
  });
});

describe('a change of shape that no guard foresees', () => {
  it('is a conflict, not a server error', async () => {
    const { error } = await race({ stored: {}, mutate: (o) => (o.tags = ['x']), foreign: set({ tags: 'text' }) });
    expect(error).toMatchObject({ code: 'ConcurrentModification', entity: 'Order' });
    const beside = await race({ stored: {}, mutate: (o) => (o.tags = ['x']), foreign: set({ tags: 'text' }) }, false);
    expect(beside.error).toMatchObject({ code: 'ConcurrentModification', entity: 'Order' });
  });

  it('an increment of what is no number any more is one, too', async () => {
    const one: Case = { stored: { views: 1 }, mutate: (o) => o.views!++, foreign: set({ views: null }) };
    expect((await race(one)).error).toMatchObject({ code: 'ConcurrentModification', entity: 'Order' });
    expect((await race(one, false)).error).toMatchObject({ code: 'ConcurrentModification', entity: 'Order' });
  });
});
