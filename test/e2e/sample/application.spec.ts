import { describe, expect, it, jest } from '@jest/globals';
import type { Db, MongoClient } from 'mongodb';

import { getClientToken } from '../../../lib/index.js';
import { readConfig } from '../../../sample/config.js';
import { createLogger } from '../../../sample/logging/logger.js';
import { start } from '../../../sample/main.js';
import { until } from '../../support/until.js';
import { Shop, useShop } from './support/shop.js';

describe('the sample as an application', () => {
  const shop = useShop();

  it('answers its health', async () => {
    const { body } = await shop.http.get('/health').expect(200);
    expect(body).toMatchObject({ status: 'ok', details: { mongodb: { status: 'up', primary: expect.any(String) } } });
  });

  it('says so when the database does not answer', async () => {
    const command = () => Promise.reject(new Error('gone'));
    const failing = jest
      .spyOn(shop.app.get<MongoClient>(getClientToken()), 'db')
      .mockReturnValue({ command } as unknown as Db);
    const silent = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const { body } = await shop.http.get('/health').expect(503);
      expect(body.details.mongodb).toMatchObject({ status: 'down', message: 'gone' });
    } finally {
      failing.mockRestore();
      silent.mockRestore();
    }
  });

  it('describes its routes and what they answer', async () => {
    await shop.http.get('/docs').expect(200).expect('content-type', /html/);
    const { body } = await shop.http.get('/docs-json').expect(200);
    expect(
      Object.fromEntries(Object.entries(body.paths).map(([path, methods]) => [path, Object.keys(methods!)])),
    ).toEqual({
      '/orders': ['get', 'post'],
      '/orders/{id}': ['get', 'patch', 'delete'],
      '/orders/{id}/change-and-revert': ['post'],
      '/orders/{id}/prices': ['get'],
      '/orders/{id}/what-if': ['post'],
      '/orders/{id}/best-plan': ['post'],
      '/orders/{id}/enrichment': ['post'],
      '/products/import': ['post'],
      '/products': ['get'],
      '/products/{id}': ['get', 'patch'],
      '/products/{id}/views': ['post'],
      '/customers/{id}': ['get'],
      '/commits': ['get'],
      '/health': ['get'],
    });
    expect(body.components.schemas.OrderDto.properties).toMatchObject({
      id: { type: 'string' },
      items: { type: 'array', items: { $ref: '#/components/schemas/LineItemDto' } },
      status: { allOf: [{ $ref: '#/components/schemas/OrderStatus' }] },
      placedAt: { type: 'string', format: 'date-time' },
    });
    for (const reference of JSON.stringify(body).matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(Object.keys(body.components.schemas[reference[1]!])).not.toHaveLength(0);
    }
  });

  it('describes what it answers as it is', async () => {
    const { body } = await shop.http.get('/docs-json').expect(200);
    const cases = [
      ['OrderDto', '/orders'],
      ['ProductDto', '/products'],
    ] as const;
    for (const [name, path] of cases) {
      const [answered] = (await shop.http.get(`${path}?limit=1`).expect(200)).body;
      const { properties } = body.components.schemas[name];
      expect(Object.keys(answered).sort()).toEqual(Object.keys(properties).sort());
    }
  });

  it('logs a line for each request and commit, without values', async () => {
    const lines: string[] = [];
    const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean(lines.push(String(text))));
    const level = process.env.NEST_LOG_LEVEL;
    process.env.NEST_LOG_LEVEL = 'log';
    const other = new Shop();
    try {
      await other.open();
      const { _id } = await other.document('orders');
      await other.http.get(`/orders/${_id}?a=secret`);
      await other.http.patch(`/orders/${_id}`).send({ note: 'secret' });
      const logged = () => lines.filter((line) => /Request|UnitOfWork/.test(line));
      await until(() => logged().length >= 3);
      const text = logged().join('');
      expect(text).toMatch(new RegExp(`GET /orders/${_id} 200, \\d+ ms`));
      expect(text).toMatch(
        new RegExp(
          `PATCH /orders/${_id} → orders.updateOne { \\$set: { note }, \\$max: { updatedAt } } \\d+ B of [\\d,]+ B`,
        ),
      );
      expect(text).not.toContain('secret');
    } finally {
      out.mockRestore();
      process.env.NEST_LOG_LEVEL = level;
      await other.close();
    }
  });

  it('logs JSON in production', () => {
    const lines: string[] = [];
    const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean(lines.push(String(text))));
    const level = process.env.NEST_LOG_LEVEL;
    process.env.NEST_LOG_LEVEL = 'log';
    try {
      createLogger(true).log('a line', 'Somewhere');
    } finally {
      out.mockRestore();
      process.env.NEST_LOG_LEVEL = level;
    }
    expect(JSON.parse(lines.join(''))).toMatchObject({ level: 'log', message: 'a line', context: 'Somewhere' });
  });

  it('starts on the port it is told, and says which is in use', async () => {
    const other = new Shop();
    const first = await start(other.config);
    try {
      expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      const port = Number(new URL(first.url).port);
      jest.spyOn(process.stderr, 'write').mockReturnValue(true); // Nest logs it too
      await expect(start({ ...other.config, port })).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use`);
    } finally {
      jest.restoreAllMocks();
      await first.close();
      await other.database.drop();
    }
  });

  it('reads its configuration from the environment', () => {
    const env = { MONGODB_URI: 'mongodb://h/other' };
    expect(readConfig(env)).toMatchObject({ host: '127.0.0.1', port: 3000, database: 'nestjs_cow_sample' });
    expect(readConfig(env).seed).toEqual({ products: 1_000, customers: 200, orders: 5_000 });
    expect(readConfig({ ...env, HOST: '::1', PORT: '0' })).toMatchObject({ host: '::1', port: 0 });
    expect(() => readConfig({ ...env, PORT: 'x' })).toThrow('PORT=x is no port');
    expect(() => readConfig({})).toThrow('MONGODB_URI is not set');
  });
});
