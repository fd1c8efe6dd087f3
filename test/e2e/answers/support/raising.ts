import { Controller, Get, Res, type DynamicModule, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Long, ObjectId } from 'mongodb';
import { freePort } from '../../../../tools/mongod/free-port.mjs';
import {
  CowModule,
  stateOf,
  Transactional,
  type ErrorCode,
  type Repository,
  type UnitOfWork,
} from '../../../../lib/index.js';
import type { LossyProxy } from '../../../integration/support/lossy-proxy.js';
import type { Outside } from '../../nest/support/app.js';
import { Log } from '../../nest/support/log.js';
import { startStandalone } from '../../nest/support/standalone.js';
import { Guest, Member, Plain, Sketch, type Order, type PastOrder } from './entities.js';

/** What a handler works with when it makes a mistake, or has bad luck. */
export interface Scene {
  readonly at: Outside;
  readonly unitOfWork: UnitOfWork;
  readonly orders: Repository<Order>;
  readonly members: Repository<Member>;
  readonly past: Repository<PastOrder>;
  /** By a client of its own. */
  readonly elsewhere: Repository<Order>;
  /** `atomicity: 'single-document'`. */
  readonly single: Repository<Order>;
  /** By a client of its own which gives up soon, and whose messages the proxy can lose. */
  readonly hasty: Repository<Order>;
  readonly proxy: LossyProxy;
  /** Of a stored order; there is another one. */
  readonly id: ObjectId;
  /** Runs outside of the request's unit of work. */
  outside<T>(fn: () => T): T;
}

/** Deeper than anything that may be stored. */
function deep(levels: number): Record<string, unknown> {
  return levels === 0 ? {} : { deeper: deep(levels - 1) };
}

/** Of an application that shares a client: Nest runs no hook when a provider fails, and one of its own stayed open. */
const sharing = ({ at }: Scene) => ({ client: at.client, database: at.database.name, retryAttempts: 0 });

/** Another application, which does not start: its error is the handler's. */
async function start(imports: DynamicModule[], controllers: Type[] = []): Promise<void> {
  const testing = await Test.createTestingModule({ imports, controllers }).setLogger(new Log()).compile();
  const app = testing.createNestApplication();
  try {
    await app.init();
  } finally {
    await app.close();
  }
}

@Controller()
class Answering {
  @Get()
  own(@Res() response: { send(body: string): void }) {
    response.send('answered');
  }
}

class Job {
  @Transactional({ propagation: 'never' })
  run() {
    return 'ran';
  }
}

/** Someone else changes the order. */
const meanwhile = ({ at, id }: Scene) => at.collection('orders').updateOne({ _id: id }, { $inc: { qty: 1 } });

/** For each row of the error table a handler that ends with that error, itself or by the flush after it. */
export const RAISING: Readonly<Record<ErrorCode, (scene: Scene) => unknown>> = {
  InvalidMapping: (scene) => start([CowModule.forRoot(sharing(scene)), CowModule.forFeature([Sketch])]),
  NotAnEntity: (scene) => start([CowModule.forRoot(sharing(scene)), CowModule.forFeature([Plain])]),
  InvalidOption: ({ at }) => start([CowModule.forRoot({ ...at.options, flushTimeoutMS: -1 })]),
  ConnectionFailed: async () => {
    const uri = `mongodb://127.0.0.1:${await freePort()}`;
    await start([CowModule.forRoot({ uri, retryAttempts: 0, clientOptions: { serverSelectionTimeoutMS: 200 } })]);
  },
  IndexNotCreated: async (scene) => {
    await scene.at.collection('guests').createIndex({ email: 1 });
    await start([CowModule.forRoot(sharing(scene)), CowModule.forFeature([Guest])]);
  },
  InvalidValue: async ({ orders, id }) => {
    (await orders.getById(id)).placedAt = new Date(Number.NaN);
  },
  InvalidId: ({ orders }) => orders.getById('not-an-id'),
  UnsafeInteger: async ({ at, orders, id }) => {
    await at.collection('orders').updateOne({ _id: id }, { $set: { qty: Long.MAX_VALUE } });
    return (await orders.getById(id)).qty;
  },
  ValidationFailed: ({ members }) => members.create({ email: 'nobody' }),
  FieldNotLoaded: async ({ orders, id }) => (await orders.getById(id, { fields: ['customer'] })).note,
  ReadOnlyViolation: ({ past }) => past.create({ note: 'new' }),
  ImmutableField: async ({ orders, id }) => {
    (await orders.getById(id)).id = new ObjectId();
  },
  InvalidQuery: ({ orders }) => orders.find({ qty: { $gt: 5 } } as never),
  EntityNotFound: ({ orders }) => orders.getById(new ObjectId()),
  NoUnitOfWork: ({ orders, outside }) => outside(() => orders.find()),
  UnitOfWorkClosed: async ({ orders, unitOfWork, id, outside }) => {
    const late = await outside(() => unitOfWork.run(() => orders.getById(id)));
    late.note = 'late';
  },
  UnexpectedUnitOfWork: () => new Job().run(),
  UnitOfWorkFailed: async (scene) => {
    const order = await scene.orders.getById(scene.id);
    await meanwhile(scene);
    order.qty += 1;
    await scene.unitOfWork.flush().catch(() => undefined);
    await scene.unitOfWork.flush();
  },
  ForeignEntity: async ({ orders, unitOfWork, id, outside }) => {
    orders.remove(await outside(() => unitOfWork.run(() => orders.getById(id))));
  },
  UnsafeResponse: (scene) => start([CowModule.forRoot({ ...sharing(scene), unsafeResponses: 'refuse' })], [Answering]),
  NotStandalone: async ({ orders, id }) => stateOf(await orders.getById(id)).reset(),
  PendingChanges: async ({ orders, id }) => {
    (await orders.getById(id)).note = 'not flushed yet';
    await orders.updateMany({}, { note: 'all' });
  },
  ForkClosed: async ({ orders, unitOfWork, id }) => {
    const fork = unitOfWork.fork();
    const order = await fork.run(() => orders.getById(id));
    fork.drop();
    return order.note;
  },
  ForkedWrite: ({ unitOfWork }) => unitOfWork.fork(() => unitOfWork.flush()),
  ForkConflict: async ({ orders, unitOfWork, id }) => {
    const order = await orders.getById(id);
    const fork = unitOfWork.fork();
    fork.own(order).note = 'theirs';
    order.note = 'ours';
    unitOfWork.union(fork);
  },
  ForeignFork: ({ unitOfWork }) => unitOfWork.union(unitOfWork),
  ConcurrentModification: async (scene) => {
    const order = await scene.orders.getById(scene.id);
    await meanwhile(scene);
    order.qty += 1;
  },
  DuplicateKey: ({ members }) => {
    for (let times = 0; times < 2; times++) members.create({ email: 'ada@example.org' });
  },
  FlushOutcomeUnknown: async ({ hasty, proxy, id }) => {
    const order = await hasty.getById(id);
    proxy.lose({ command: 'update', what: 'reply', times: Infinity });
    order.note = 'who knows';
  },
  HalfFlushed: async ({ at, single }) => {
    const found = await single.find({}, { sort: { id: 1 } });
    await at.collection('orders').updateOne({ _id: found.at(-1)!.id }, { $set: { note: 'theirs' } });
    for (const order of found) order.note = 'ours';
  },
  StoreUnavailable: async ({ hasty, proxy }) => {
    const found = await hasty.find();
    proxy.lose({ command: 'update', what: 'request', times: Infinity });
    for (const order of found) order.note = 'lost'; // two writes: a transaction that never gets as far as its commit
  },
  PlanTooLarge: async ({ orders, id }) => {
    (await orders.getById(id)).meta = deep(200);
  },
  CrossConnectionFlush: async ({ orders, elsewhere, id }) => {
    for (const each of [orders, elsewhere]) (await each.getById(id)).note = 'both';
  },
  TransactionsUnsupported: async () => {
    const server = await startStandalone();
    try {
      await start([CowModule.forRoot({ uri: server.uri, retryAttempts: 0 })]);
    } finally {
      await server.stop();
    }
  },
  WriteRefused: async ({ at, orders, id }) => {
    await at.collection('orders').updateOne({ _id: id }, { $set: { views: Long.MAX_VALUE } });
    (await orders.getById(id)).views! += 1n; // beyond 64 bits
  },
};
