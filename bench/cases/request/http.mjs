import { orders } from '../../data/orders.mjs';
import { serving } from '../support/http.mjs';

const common = { kind: 'http', seed: ({ size, bson }) => ({ orders: orders(size, bson) }) };

async function isOrder(response) {
  const { items, email } = await response.json();
  if (items?.length !== 5 || !email?.endsWith('@example.org')) throw new Error('no order was answered');
}

export default [
  {
    ...common,
    name: 'http-get',
    title: 'Nest: GET /orders/:id (with @nestjs/mongoose)',
    size: 100,
    load: { connections: 10, amount: 400 },
    run: serving(({ seeded }) => seeded.orders.map(({ _id }) => ({ method: 'GET', path: `/orders/${_id}` })), isOrder),
  },
  {
    ...common,
    name: 'http-list',
    title: 'Nest: GET /orders answers 1,000 orders as JSON (with @nestjs/mongoose)',
    size: 1_000,
    brief: 500,
    load: { connections: 2, amount: 10 },
    run: serving(
      () => [{ method: 'GET', path: '/orders' }],
      async (response, _, { size }) => {
        const answered = await response.json();
        if (answered.length !== size || answered[0].items.length !== 5) throw new Error('not all were answered');
      },
    ),
  },
  {
    ...common,
    name: 'http-change',
    title: 'Nest: PATCH /orders/:id changes one field (with @nestjs/mongoose)',
    size: 200,
    load: { connections: 10, amount: 300 },
    run: serving(
      // Every order is met again with another value: nothing that is sent changes nothing.
      ({ seeded }) =>
        seeded.orders.flatMap(({ _id }) =>
          ['one', 'two', 'three'].map((status) => ({
            method: 'PATCH',
            path: `/orders/${_id}`,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ status }),
          })),
        ),
      async (response, db) => {
        await isOrder(response);
        if ((await db.collection('orders').countDocuments({ status: 'one' })) !== 1) throw new Error('nothing changed');
      },
    ),
  },
];
