import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { MongoClient, type Document, type MongoClientOptions, type ObjectId } from 'mongodb';
import { OutboxRelay, UnitOfWork, type StoredEvent } from '../../../lib/index.js';
import { Connection } from '../../../lib/unit-of-work/index.js';
import { until } from '../../support/until.js';
import { Order } from '../support/models.js';
import { errorOf, useWorld } from '../support/world.js';

const world = useWorld({ outbox: 'outbox' });
const uow = new UnitOfWork();
const events = () => world.others.collection('outbox');
const stored = async () => (await events().find().sort({ _id: 1 }).toArray()).map(({ type }) => type as string);
let id: ObjectId;

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  await events().deleteMany({});
  await world.others.collection('outbox.relays').deleteMany({});
  id = await world.stored<ObjectId>(Order, { customer_id: 'ada', status: 'open', items: [] });
});

const order = () => world.repository(Order).getById(id);

describe('emit()', () => {
  it('writes the event in the transaction of the changes', async () => {
    world.commands.clear();
    await uow.run(async () => {
      const paid = await order();
      paid.status = 'paid';
      uow.emit({ about: paid, type: 'order.paid', payload: { total: 5, lines: [{ sku: 'x' }] } });
    });
    expect(world.writes.map(({ name }) => name)).toEqual(['update', 'insert', 'commitTransaction']);
    expect(await events().findOne()).toEqual({
      _id: expect.any(Object),
      type: 'order.paid',
      entity: 'Order',
      about: id.toHexString(),
      payload: { total: 5, lines: [{ sku: 'x' }] },
      emittedAt: expect.any(Date),
    });
  });

  it('writes nothing when the changes are not: after a conflict, an error, a rollback', async () => {
    await errorOf(
      uow.run(async () => {
        const paid = await order();
        paid.status = 'paid';
        uow.emit({ about: paid, type: 'conflicting' });
        await world.raw(Order).updateOne({ _id: id }, { $set: { status: 'theirs' } });
      }),
    );
    await errorOf(
      uow.run(async () => {
        uow.emit({ about: await order(), type: 'failing' });
        throw new Error('on purpose');
      }),
    );
    await uow.run(async () => {
      uow.emit({ about: await order(), type: 'rolled back' });
      uow.rollback();
    });
    expect(await stored()).toEqual([]);
  });

  it('in a fork goes with the fork: united once, or dropped', async () => {
    await uow.run(async () => {
      await uow.fork(async () => uow.emit({ about: await order(), type: 'united' }));
      await errorOf(
        uow.fork(async () => {
          uow.emit({ about: await order(), type: 'dropped' });
          throw new Error('on purpose');
        }),
      );
      await uow.branches([
        async () => uow.emit({ about: await order(), type: 'branch' }),
        async () => uow.emit({ about: await order(), type: 'branch' }),
      ]);
    });
    expect((await stored()).sort()).toEqual(['branch', 'branch', 'united']);
  });

  it('needs an outbox, and an entity of this unit of work', async () => {
    const foreign = await uow.run(order);
    expect(await errorOf(uow.run(() => uow.emit({ about: foreign, type: 'x' })))).toMatchObject({
      code: 'ForeignEntity',
    });
    const { settings } = world.connection as unknown as { settings: { outbox?: string } };
    delete settings.outbox;
    try {
      expect(await errorOf(uow.run(async () => uow.emit({ about: await order(), type: 'x' })))).toMatchObject({
        code: 'InvalidOption',
      });
      expect(() => new OutboxRelay(world.connection, () => undefined)).toThrow('outbox');
    } finally {
      settings.outbox = 'outbox';
    }
  });
});

describe('a relay', () => {
  const relays: OutboxRelay[] = [];
  const relay = (deliver: (event: StoredEvent) => unknown, connection = world.connection) => {
    const made = new OutboxRelay(connection, deliver, { leaseMS: 1_500 });
    relays.push(made);
    made.start();
    return made;
  };
  const emit = (type: string) => uow.run(async () => uow.emit({ about: await order(), type }));
  afterEach(async () => {
    for (const each of relays.splice(0)) await each.stop();
  });

  it('delivers what is there, then what comes, in order, and each once', async () => {
    const got: string[] = [];
    for (const type of ['a', 'b']) await emit(type);
    relay(({ type }) => got.push(type));
    await until(() => got.length === 2);
    for (const type of ['c', 'd', 'e']) await emit(type);
    await until(() => got.length === 5);
    expect(got).toEqual(['a', 'b', 'c', 'd', 'e']);
    await until(async () => (await stored()).length === 0);
  });

  it('tries again what could not be delivered, and nothing else before', async () => {
    const got: string[] = [];
    let failures = 3;
    for (const type of ['a', 'b']) await emit(type);
    relay(({ type }) => {
      got.push(type);
      if (type === 'a' && failures-- > 0) throw new Error('the broker is away');
    });
    await until(() => got.includes('b'));
    expect(got).toEqual(['a', 'a', 'a', 'a', 'b']);
  });

  it('is one of several; another goes on where it stopped', async () => {
    const got: string[] = [];
    const first = relay(({ type }) => got.push(`1 ${type}`));
    await emit('a');
    await until(() => got.length === 1);
    relay(({ type }) => got.push(`2 ${type}`));
    await emit('b');
    await until(() => got.length === 2);
    await first.stop();
    await emit('c');
    await until(() => got.length === 3);
    expect(got).toEqual(['1 a', '1 b', '2 c']);
  });

  const lease = () => world.others.collection<Document & { _id: string }>('outbox.relays');

  it.each<[string, MongoClientOptions]>([
    ['any', {}],
    ['one with promoteValues: false', { promoteValues: false }],
    ['one with w: 0', { writeConcern: { w: 0 } }],
  ])('that has lost its lease delivers nothing any more, by a client like %s', async (_, options) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const client = await new MongoClient(world.database.uri, options).connect();
    const db = client.db(world.database.name);
    try {
      const got: string[] = [];
      relay(
        async ({ type }) => {
          got.push(type);
          const other = { owner: 'another', until: new Date(Date.now() + 3_600_000) };
          await lease().updateOne({ _id: 'default' }, { $set: other });
          throw new Error('the broker is away'); // it would be tried again
        },
        new Connection('shared', client, db, world.connection.settings),
      );
      await emit('a');
      await until(() => warn.mock.calls.some(([line]) => String(line).includes('another relay has taken over')));
      expect(got).toEqual(['a']);
      expect(await stored()).toEqual(['a']);
    } finally {
      for (const each of relays.splice(0)) await each.stop();
      await client.close();
      warn.mockRestore();
    }
  });

  it('does not repeat what was delivered when its place was not kept', async () => {
    const got: string[] = [];
    const first = relay(({ type }) => got.push(type));
    const place = async () => (await lease().findOne({ _id: 'default' }))?.token as unknown;
    await until(async () => (await place()) != null);
    const token = await place();
    await emit('a');
    await until(async () => got.length === 1 && (await stored()).length === 0);
    await first.stop();
    await lease().updateOne({ _id: 'default' }, [{ $set: { token: { $literal: token } } }]); // as if it had been killed
    relay(({ type }) => got.push(type));
    await emit('b');
    await until(() => got.includes('b'));
    expect(got).toEqual(['a', 'b']);
  });

  it('brings what was emitted, and nothing else', async () => {
    const got: StoredEvent[] = [];
    await emit('plain');
    relay((event) => got.push(event));
    await uow.run(async () => uow.emit({ about: await order(), type: 'full', payload: { total: 5 } }));
    await until(() => got.length === 2);
    const common = { id: expect.any(Object), entity: 'Order', about: id.toHexString(), emittedAt: expect.any(Date) };
    expect(got).toEqual([
      { ...common, type: 'plain' },
      { ...common, type: 'full', payload: { total: 5 } },
    ]);
  });

  it('that is stopped gives up an event that cannot be delivered, which stays', async () => {
    let tries = 0;
    const stubborn = relay(() => {
      tries++;
      throw new Error('the broker is away');
    });
    await emit('a');
    await until(() => tries > 1);
    await stubborn.stop();
    expect(await stored()).toEqual(['a']);
  });
});
