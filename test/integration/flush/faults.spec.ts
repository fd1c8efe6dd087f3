import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { ObjectId, type Document } from 'mongodb';
import { entityMapOf } from '../../../lib/mapping/index.js';
import { Repository } from '../../../lib/repository/index.js';
import { Connection } from '../../../lib/unit-of-work/index.js';
import type { LineItem } from '../support/models.js';
import { Order } from '../support/models.js';
import { LossyProxy } from '../support/lossy-proxy.js';
import { SERVER_START, World, errorOf } from '../support/world.js';

/** How long flushes may try; where a test waits for the end of that, `IN_HASTE`. */
const DEADLINE = 10_000;
const IN_HASTE = 700;
const world = new World();
let proxy: LossyProxy;
let id: ObjectId;
let other: ObjectId;

beforeAll(async () => {
  await world.moveToOwnServer(); // for its fail points
  proxy = await LossyProxy.start(world.database.uri);
  await world.open({}, proxy.uri);
}, SERVER_START);
afterAll(async () => {
  await world.close();
  await proxy.close();
});
beforeEach(async () => {
  connection = connectionWith(DEADLINE);
  [id, other] = [
    await world.stored<ObjectId>(Order, {
      customer_id: 'ada',
      status: 'open',
      tags: [],
      views: 0,
      items: [{ sku: 'x', qty: 1 }],
    }),
    await world.stored<ObjectId>(Order, { customer_id: 'bob', status: 'open', tags: [], views: 0, items: [] }),
  ];
  world.commands.clear();
});
afterEach(async () => {
  proxy.deliver();
  await failCommand('off');
  await refuseStatements('off');
});

let connection: Connection;
const orders = () => new Repository<Order>(connection.store(entityMapOf(Order)));
const connectionWith = (flushTimeoutMS: number) =>
  new Connection('faulty', world.client, world.connection.db, { ...world.connection.settings, flushTimeoutMS });

/** Runs what is known to end at the deadline. @returns its error */
async function inHaste(fn: () => Promise<unknown>): Promise<Error & Record<string, any>> {
  connection = connectionWith(IN_HASTE);
  const started = Date.now();
  const error = await errorOf(fn());
  expect(Date.now() - started).toBeLessThan(IN_HASTE + 3_000);
  return error;
}

/** Lets the server fail commands of our client, and of no other. */
function failCommand(mode: 'off' | 'alwaysOn' | { times: number } | { skip: number }, data: Document = {}) {
  const scoped = mode === 'off' ? {} : { data: { appName: world.database.name, ...data } };
  return world.others.client.db('admin').command({ configureFailPoint: 'failCommand', mode, ...scoped });
}

/** Lets the server answer an error for statements of writes, instead of one for the whole command. */
function refuseStatements(mode: 'off' | { times: number } | { skip: number }, code = 10107) {
  const data = { failBeforeCommitExceptionCode: code, closeConnection: false };
  return world.others.client
    .db('admin')
    .command({ configureFailPoint: 'onPrimaryTransactionalWrite', mode, ...(mode === 'off' ? {} : { data }) });
}

/** Changes that, applied twice, could be told from changes that were applied once. */
const changeOne = () =>
  world.uow.run(async () => {
    const order = await orders().getById(id);
    world.commands.clear();
    order.views! += 1;
    order.tags!.push('t');
    order.status = 'paid';
    order.items.push({ sku: 'y', qty: 1 } as LineItem);
  });
const changeTwo = () =>
  world.uow.run(async () => {
    const [a, b] = await orders().findByIds([id, other]);
    world.commands.clear();
    for (const order of [a!, b!]) {
      order.views! += 1;
      order.tags!.push('t');
      order.status = 'paid';
    }
  });

const ONCE = { views: 1, tags: ['t'], status: 'paid' };
const UNTOUCHED = { views: 0, tags: [], status: 'open' };
const expectOne = async (state: object) => expect(await world.read(Order, id)).toMatchObject(state);
const expectTwo = async (state: object) => {
  for (const each of [id, other]) expect(await world.read(Order, each)).toMatchObject(state);
};

describe('a single write', () => {
  it.each([
    ['reply', 1],
    ['reply', 2],
    ['reply', 4],
    ['request', 1],
    ['request', 3],
  ] as const)('whose %s is lost %d times is applied exactly once', async (what, times) => {
    proxy.lose({ command: 'update', what, times });
    await changeOne();
    expect(proxy.lost).toBe(times);
    await expectOne({ ...ONCE, items: [{ sku: 'x' }, { sku: 'y' }] });
    const sent = world.commands.named('update');
    expect(sent).toHaveLength(times + 1);
    expect(new Set(sent.map(({ command }) => `${command.lsid.id} ${command.txnNumber}`)).size).toBe(1);
    expect(sent.at(-1)!.reply).toMatchObject(what === 'reply' ? { n: 1, retriedStmtIds: [0] } : { n: 1 });
  });

  it('that inserts is applied exactly once, and is no duplicate of itself', async () => {
    proxy.lose({ command: 'insert', what: 'reply', times: 2 });
    const made = await world.uow.run(() => orders().create({ customer: 'new', items: [] }));
    expect(await world.raw(Order).countDocuments({ _id: made.id })).toBe(1);
  });

  it('that deletes is applied, and does not miss what it deleted', async () => {
    proxy.lose({ command: 'delete', what: 'reply', times: 2 });
    await world.uow.run(async () => orders().remove(await orders().getById(id)));
    expect(await world.read(Order, id)).toBeNull();
  });

  it('that conflicts says so, however often its reply is lost', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const order = await orders().getById(id);
        await world.raw(Order).updateOne({ _id: id }, { $set: { status: 'theirs' } });
        order.status = 'mine';
        proxy.lose({ command: 'update', what: 'reply', times: 2 });
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'status' });
    await expectOne({ status: 'theirs' });
  });

  it('whose outcome cannot be learnt in time is reported as unknown, by the name of the flush', async () => {
    proxy.lose({ command: 'update', what: 'reply', times: Infinity });
    const error = await inHaste(changeOne);
    expect(error).toMatchObject({ code: 'FlushOutcomeUnknown', status: 503, flushId: expect.any(String) });
    expect(error.message).toContain(error.flushId);
    await expectOne(ONCE); // it had been applied, once
  });

  it('whose outcome is unknown leaves a unit of work that can be rolled back, and reads what is true', () => {
    connection = connectionWith(IN_HASTE);
    return world.uow.run(async () => {
      const order = await orders().getById(id);
      order.views! += 1;
      proxy.lose({ command: 'update', what: 'reply', times: Infinity });
      expect((await errorOf(world.uow.flush())).code).toBe('FlushOutcomeUnknown');
      proxy.deliver();
      expect(order.views).toBe(1);
      expect((await errorOf(world.uow.flush())).code).toBe('UnitOfWorkFailed');
      world.uow.rollback();
      expect((await orders().getById(id)).views).toBe(1); // renewed
      order.views! += 1;
      await world.uow.flush();
      await expectOne({ views: 2 });
    });
  });

  it('that the server takes for an older one of its number is an error, not a success', async () => {
    await changeOne();
    const start = world.client.startSession.bind(world.client);
    const error = await errorOf(
      world.uow.run(async () => {
        (await orders().getById(id)).status = 'lost otherwise';
        jest.spyOn(world.client, 'startSession').mockImplementationOnce((options) => {
          const session = start(options);
          (session.serverSession as unknown as { txnNumber: number }).txnNumber--; // as if it had not been counted
          return session;
        });
      }),
    );
    jest.restoreAllMocks();
    expect(error).toMatchObject({ code: 'WriteRefused' });
    expect(error.message).toContain('the transaction number was used before');
    await expectOne(ONCE);
  });

  it('to a server that is gone is not sent: nothing was written', async () => {
    const error = await inHaste(() =>
      world.uow.run(async () => {
        const order = await orders().getById(id);
        order.status = 'paid';
        const noticed = once(world.client, 'serverHeartbeatFailed');
        await proxy.close();
        await noticed;
      }),
    );
    await proxy.reopen();
    expect(error).toMatchObject({ code: 'StoreUnavailable', status: 503 });
    await expectOne(UNTOUCHED);
    await changeOne();
    await expectOne(ONCE);
  });

  it('that a transaction of another holds up ends by its deadline', async () => {
    const session = world.others.client.startSession();
    try {
      session.startTransaction();
      await world.raw(Order).updateOne({ _id: id }, { $set: { note: 'held' } }, { session });
      const error = await inHaste(changeOne);
      expect(error.status).toBe(503);
    } finally {
      await session.abortTransaction();
      await session.endSession();
    }
    await expectOne(UNTOUCHED);
  });

  it('that a transaction of another holds up for a while waits', async () => {
    const session = world.others.client.startSession();
    session.startTransaction();
    await world.raw(Order).updateOne({ _id: id }, { $set: { note: 'held' } }, { session });
    const changed = changeOne();
    setTimeout(() => void session.abortTransaction().then(() => session.endSession()), 300);
    await changed;
    await expectOne(ONCE);
  });

  it.each([
    ['a step-down', { errorCode: 10107, errorLabels: ['RetryableWriteError'] }],
    ['a shut-down', { errorCode: 91 }],
    ['an interruption by a change of state', { errorCode: 11602 }],
    ['a closed connection', { closeConnection: true }],
    ['an applied write that no majority has yet', { writeConcernError: { code: 91, errmsg: 'shutting down' } }],
    ['an applied write that timed out', { writeConcernError: { code: 64, errmsg: 'waiting timed out' } }],
  ])(
    'survives %s, twice',
    async (_, data) => {
      await failCommand({ times: 2 }, { failCommands: ['update'], ...data });
      await changeOne();
      await expectOne(ONCE);
    },
    15_000,
  );

  it('that no majority ever acknowledges is unknown, not refused: it was applied', async () => {
    await failCommand('alwaysOn', {
      failCommands: ['update'],
      writeConcernError: { code: 91, errmsg: 'shutting down' },
    });
    expect(await inHaste(changeOne)).toMatchObject({ code: 'FlushOutcomeUnknown' });
    await expectOne(ONCE);
  }, 15_000);

  it('that the server refuses is reported as refused', async () => {
    await failCommand({ times: 1 }, { failCommands: ['update'], errorCode: 13 });
    const error = await errorOf(changeOne());
    expect(error).toMatchObject({ code: 'WriteRefused', cause: { code: 13 } });
    await expectOne(UNTOUCHED);
  });

  it('that the server refuses when it may have got it before is unknown, not refused: it was applied', async () => {
    proxy.lose({ command: 'update', what: 'reply', times: 1 });
    await failCommand({ skip: 1 }, { failCommands: ['update'], errorCode: 13 });
    expect(await errorOf(changeOne())).toMatchObject({ code: 'FlushOutcomeUnknown', cause: { code: 13 } });
    await expectOne(ONCE);
  });

  it.each([10107, 91, 189])('survives code %d as the error of its statement', async (code) => {
    await refuseStatements({ times: 2 }, code);
    await changeOne();
    await expectOne(ONCE);
    expect(world.commands.named('update').map(({ reply }) => reply?.n)).toEqual([0, 0, 1]);
  });

  it('that conflicts says so where nobody can look what was changed', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const order = await orders().getById(id);
        await world.raw(Order).updateOne({ _id: id }, { $set: { status: 'theirs' } });
        order.status = 'mine';
        await failCommand({ times: 1 }, { failCommands: ['find'], errorCode: 13 });
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', id: String(id), cause: { code: 13 } });
  });
});

describe('a batch that is inserted at once', () => {
  const COUNT = 1_500; // of which the server stores some at a time
  const make = (count = COUNT) => Array.from({ length: count }, (_, n) => ({ customer: 'batch', items: [], total: n }));
  const stored = () => world.raw(Order).find({ customer_id: 'batch' }).sort({ total: 1 }).toArray();
  beforeEach(() => world.raw(Order).deleteMany({ customer_id: 'batch' }));

  it('is inserted once where a step-down interrupts it', async () => {
    await refuseStatements({ skip: 1 });
    world.client.once('commandSucceeded', () => void refuseStatements('off'));
    await orders().insertMany(make(), { validate: false });
    const [first] = world.commands.named('insert').map(({ reply }) => reply!);
    expect(first!.n).toBeGreaterThan(0);
    expect(first!.writeErrors).toMatchObject([{ index: first!.n as number, code: 10107 }]);
    expect((await stored()).map(({ total }) => total as number)).toEqual(make().map(({ total }) => total));
  });

  it('of which a part was inserted when its time was over is unknown', async () => {
    await refuseStatements({ skip: 1 });
    const error = await inHaste(() => orders().insertMany(make(), { validate: false }));
    expect(error.code).toBe('FlushOutcomeUnknown');
    expect((await stored()).length).toBeGreaterThan(0);
  });

  it('does not outlive its time on the server', async () => {
    const session = world.others.client.startSession();
    const [one] = make(1);
    const same = new ObjectId();
    try {
      session.startTransaction();
      await world.raw(Order).insertOne({ _id: same, customer_id: 'other' }, { session });
      const error = await inHaste(() => orders().insertMany([{ ...one!, id: same }]));
      expect(error.status).toBe(503);
    } finally {
      await session.abortTransaction();
      await session.endSession();
    }
    expect(world.commands.named('insert').map(({ command }) => command.maxTimeMS)).toContain(IN_HASTE);
    expect(await world.read(Order, same)).toBeNull();
  });
});

describe('a transaction', () => {
  it.each([
    ['commitTransaction', 'reply', 1, 1],
    ['commitTransaction', 'reply', 2, 1],
    ['commitTransaction', 'reply', 5, 1],
    ['commitTransaction', 'request', 2, 1],
    ['update', 'reply', 1, 2],
    ['update', 'reply', 3, 4],
    ['update', 'request', 2, 3],
  ] as const)('whose %s %s is lost %d times is applied exactly once', async (command, what, times, bodies) => {
    proxy.lose({ command, what, times });
    await changeTwo();
    expect(proxy.lost).toBe(times);
    await expectTwo(ONCE);
    // After a commit was sent nothing but the commit is sent again.
    expect(world.commands.named('update')).toHaveLength(bodies);
    const commits = world.commands.named('commitTransaction');
    expect(new Set(commits.map(({ command: { lsid, txnNumber } }) => `${lsid.id} ${txnNumber}`)).size).toBe(1);
  });

  it.each([
    ['a write conflict', { failCommands: ['update'], errorCode: 112, errorLabels: ['TransientTransactionError'] }],
    ['a write conflict without its label', { failCommands: ['update'], errorCode: 112 }],
    ['a step-down', { failCommands: ['update'], errorCode: 10107 }],
    ['a closed connection', { failCommands: ['update'], closeConnection: true }],
    ['a closed connection on the read', { failCommands: ['find'], closeConnection: true }],
    ['a step-down on the read', { failCommands: ['find'], errorCode: 10107 }],
    ['a read whose cursor is gone', { failCommands: ['find'], errorCode: 43 }],
    ['a read that was killed', { failCommands: ['find'], errorCode: 237 }],
    ['a read whose index is gone', { failCommands: ['find'], errorCode: 175 }],
    ['a write that took too long', { failCommands: ['update'], errorCode: 50 }],
    ['a closed connection on the commit', { failCommands: ['commitTransaction'], closeConnection: true }],
    ['a step-down on the commit', { failCommands: ['commitTransaction'], errorCode: 10107 }],
    ['an interrupted commit', { failCommands: ['commitTransaction'], errorCode: 11601 }],
    ['a commit that took too long', { failCommands: ['commitTransaction'], errorCode: 50 }],
    [
      'a transaction that is gone at its commit',
      { failCommands: ['commitTransaction'], errorCode: 251, errorLabels: ['TransientTransactionError'] },
    ],
    [
      'a commit that no majority has yet',
      { failCommands: ['commitTransaction'], writeConcernError: { code: 91, errmsg: 'shutting down' } },
    ],
    [
      'a commit that timed out',
      { failCommands: ['commitTransaction'], writeConcernError: { code: 64, errmsg: 'waiting timed out' } },
    ],
  ])(
    'survives %s, twice',
    async (_, data) => {
      await world.uow.run(async () => {
        const [a, b] = await orders().findByIds([id, other]);
        await failCommand({ times: 2 }, data);
        for (const order of [a!, b!]) {
          order.views! += 1;
          order.tags!.push('t');
          order.status = 'paid';
        }
      });
      await expectTwo(ONCE);
    },
    15_000,
  );

  it('whose read of the guards is refused leaves the driver with a state of the server that it understands', async () => {
    // It would throw at its next heartbeat, where nobody can catch it: the process would end.
    await world.uow.run(async () => {
      const found = await orders().findByIds([id, other]);
      await failCommand({ times: 1 }, { failCommands: ['find'], errorCode: 10107 });
      for (const order of found) order.status = 'paid';
    });
    const [refused] = world.commands.named('find').filter(({ outcome }) => outcome === 'failed');
    expect(refused!.failure).toMatchObject({ code: 10107, topologyVersion: { processId: expect.any(ObjectId) } });
  });

  it.each<[string, Document | undefined]>([
    ['nothing', undefined],
    ['a closed connection', { closeConnection: true }],
    ['a cursor that is gone', { errorCode: 43 }],
    ['a step-down', { errorCode: 10107 }],
    ['a write conflict', { errorCode: 112, errorLabels: ['TransientTransactionError'] }],
  ])('whose guards take more than one reply survives %s in between', async (_, data) => {
    const ids = [id, other];
    const line = { sku: 'mine', qty: 1 };
    for (const each of ids) await world.raw(Order).updateOne({ _id: each }, { $set: { items: [line] } });
    await world.uow.run(async () => {
      const found = await orders().findByIds(ids);
      // Lists that grew since: one reply of the server takes 16 MB.
      const others = Array.from({ length: 9 }, (_, n) => ({ sku: `theirs ${n}`, note: 'x'.repeat(1_000_000) }));
      const push = { $push: { items: { $each: others } } } as Document;
      for (const each of ids) await world.raw(Order).updateOne({ _id: each }, push);
      world.commands.clear();
      if (data !== undefined) await failCommand({ times: 1 }, { failCommands: ['getMore'], ...data });
      for (const order of found) order.items[0]!.qty = 2;
    });
    expect(world.commands.named('getMore').length).toBeGreaterThan(data === undefined ? 0 : 1);
    for (const each of ids) {
      const { items } = (await world.read(Order, each))!;
      expect((items as Document[])[0]).toEqual({ sku: 'mine', qty: 2 });
      expect(items).toHaveLength(10);
    }
  });

  it('tells the server when to give up', async () => {
    await changeTwo();
    for (const name of ['find', 'update', 'commitTransaction']) {
      expect(world.commands.named(name).map(({ command }) => command.maxTimeMS)).toEqual([DEADLINE]);
    }
  });

  it('whose commit is never answered is reported as unknown', async () => {
    proxy.lose({ command: 'commitTransaction', what: 'reply', times: Infinity });
    const error = await inHaste(changeTwo);
    expect(error).toMatchObject({ code: 'FlushOutcomeUnknown', status: 503, flushId: expect.any(String) });
    await expectTwo(ONCE);
    expect(world.commands.named('update')).toHaveLength(1);
  });

  it('that never gets as far as its commit: nothing was written', async () => {
    proxy.lose({ command: 'update', what: 'request', times: Infinity });
    const error = await inHaste(changeTwo);
    expect(error).toMatchObject({ code: 'StoreUnavailable', status: 503 });
    await expectTwo(UNTOUCHED);
  });

  it('that is gone at every commit ends by its deadline: nothing was written', async () => {
    const data = { failCommands: ['commitTransaction'], errorCode: 251, errorLabels: ['TransientTransactionError'] };
    const error = await inHaste(() =>
      world.uow.run(async () => {
        const found = await orders().findByIds([id, other]);
        await failCommand('alwaysOn', data);
        for (const order of found) order.status = 'paid';
      }),
    );
    expect(error.status).toBe(503);
    await expectTwo(UNTOUCHED);
  }, 15_000);

  it('that conflicts again on its second try says so', async () => {
    // The body starts over, and what it compares then is what is stored then.
    const error = await errorOf(
      world.uow.run(async () => {
        const found = await orders().findByIds([id, other]);
        await failCommand({ times: 1 }, { failCommands: ['update'], errorCode: 112 });
        for (const order of found) order.status = 'paid';
        world.client.once('commandFailed', () => {
          void world.raw(Order).updateOne({ _id: other }, { $set: { status: 'theirs' } });
        });
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', id: other.toHexString() });
    await expectOne(UNTOUCHED);
  });

  it('leaves none open on the server when it fails', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const found = await orders().findByIds([id, other]);
        await world.raw(Order).updateOne({ _id: other }, { $set: { status: 'theirs' } });
        for (const order of found) order.status = 'paid';
      }),
    );
    expect(error.code).toBe('ConcurrentModification');
    expect(world.commands.named('abortTransaction')).toHaveLength(1);
    await world.raw(Order).updateOne({ _id: id }, { $set: { status: 'free' } }, { maxTimeMS: 1_000 });
  });

  it('leaves none open when its abort is lost, more often than the driver sends it', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const order = await orders().getById(id);
        order.status = 'paid'; // is sent first, and locked by it
        orders().create({ customer: 'new', items: [] });
        await failCommand({ times: 1 }, { failCommands: ['insert'], errorCode: 13 });
        proxy.lose({ command: 'abortTransaction', what: 'request', times: 4 });
      }),
    );
    expect(error.code).toBe('WriteRefused');
    expect(proxy.lost).toBe(4);
    await world.raw(Order).updateOne({ _id: id }, { $set: { status: 'free' } }, { maxTimeMS: 1_000 });
  });

  it('that is held still when it starts over does not wait for itself', async () => {
    // The server never hears of the first commit, and keeps what the first try wrote locked.
    const data = { failCommands: ['commitTransaction'], errorCode: 251, errorLabels: ['TransientTransactionError'] };
    await failCommand({ times: 1 }, data);
    proxy.lose({ command: 'abortTransaction', what: 'request', times: Infinity });
    await changeTwo();
    await expectTwo(ONCE);
  });
});

describe('contention', () => {
  it('of transactions over the same documents: with retries every increment counts', async () => {
    const counters = await Promise.all(
      [1, 2, 3, 4].map(() => world.stored<ObjectId>(Order, { customer_id: 'n', total: 0, items: [] })),
    );
    const increment = async (): Promise<void> => {
      for (;;) {
        try {
          return await world.uow.run(async () => {
            for (const order of await orders().findByIds(counters)) order.total = order.total! + 1;
          });
        } catch (error) {
          expect(error).toMatchObject({ code: 'ConcurrentModification' });
        }
      }
    };
    await Promise.all(Array.from({ length: 10 }, increment));
    for (const counter of counters) expect(await world.read(Order, counter)).toMatchObject({ total: 10 });
  }, 30_000);
});
