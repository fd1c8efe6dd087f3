import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Param, Patch } from '@nestjs/common';
import { ObjectId } from 'mongodb';
import { ERROR_TABLE } from '../../../lib/errors/index.js';
import { CowModule, getRepositoryToken, UnitOfWork, type ClassType, type ErrorCode } from '../../../lib/index.js';
import { LossyProxy } from '../../integration/support/lossy-proxy.js';
import { outside, PLATFORMS, RunningApp } from '../nest/support/app.js';
import { Member, Order, PastOrder } from './support/entities.js';
import { RAISING, type Scene } from './support/raising.js';

const CODES = Object.keys(ERROR_TABLE) as ErrorCode[];

/** Members that a body may have beside those that each has. */
const OPTIONAL = ['entity', 'id', 'field', 'issues', 'flushId'];
const ISSUE = ['entity', 'id', 'field', 'message', 'constraints'];

/** How long a flush of the hasty connection may try, in ms. */
const IN_HASTE = 1_500;

let scene: Scene;

@Controller()
class Handlers {
  @Patch(':code')
  raise(@Param('code') code: ErrorCode) {
    return RAISING[code](scene);
  }
}

describe.each(PLATFORMS)('every row of the error table is raised, and answered, on %s', (platform) => {
  const at = outside();
  let app: RunningApp;
  let proxy: LossyProxy;

  beforeAll(async () => {
    proxy = await LossyProxy.start(at.database.uri);
    const connections = {
      elsewhere: {},
      single: { atomicity: 'single-document' },
      hasty: { uri: proxy.uri, flushTimeoutMS: IN_HASTE },
    } as const;
    app = await RunningApp.start(at, {
      platform,
      entities: [Order, Member, PastOrder],
      controllers: [Handlers],
      imports: Object.entries(connections).flatMap(([connectionName, options]) => [
        CowModule.forRoot({ ...at.options, ...options, connectionName }),
        CowModule.forFeature([Order], connectionName),
      ]),
    });
    const root = AsyncLocalStorage.snapshot();
    const repository = <T extends object>(type: ClassType<T>, connection?: string) =>
      app.nest.get(getRepositoryToken(type, connection), { strict: false });
    scene = {
      ...{ at, proxy, id: new ObjectId(), outside: (fn) => root(fn), unitOfWork: app.nest.get(UnitOfWork) },
      ...{ orders: repository(Order), members: repository(Member), past: repository(PastOrder) },
      ...{ elsewhere: repository(Order, 'elsewhere'), single: repository(Order, 'single') },
      hasty: repository(Order, 'hasty'),
    };
  });
  afterAll(async () => {
    await app.stop();
    await proxy.close();
    await at.end();
  });
  beforeEach(async () => {
    await at.collection('orders').deleteMany({});
    await at.collection('members').deleteMany({});
    const order = { customer: 'Ada', note: 'secret', qty: 1, views: 0n };
    await at.collection('orders').insertMany([
      { ...order, _id: scene.id },
      { ...order, _id: new ObjectId() },
    ]);
  });
  afterEach(() => proxy.deliver());

  it.each(CODES)('%s', async (code) => {
    const response = await app.http.patch(`/${code}`);
    const { body, status } = response as { body: Record<string, unknown>; status: number };
    expect(body).toMatchObject({ code });
    expect(status).toBe(ERROR_TABLE[code].status);
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    const text = expect.stringMatching(/^\S.*[.!?;)…]$/s) as unknown;
    const { message, remedy, ...rest } = body;
    expect({ message, remedy }).toEqual({ message: text, remedy: text });
    expect(message).not.toContain(remedy); // said once
    expect(Object.keys(rest)).toEqual(['statusCode', 'code', ...OPTIONAL.filter((name) => name in rest)]);
    expect(body.statusCode).toBe(status);
    for (const issue of (body.issues ?? []) as object[]) {
      expect(ISSUE).toEqual(expect.arrayContaining(Object.keys(issue)));
    }
    expect(response.text).not.toMatch(/secret|undefined|\[object/); // no stored value, no hole in a text
  });
});

it('no row of the error table is left out', () => {
  expect(Object.keys(RAISING).sort()).toEqual([...CODES].sort());
});
