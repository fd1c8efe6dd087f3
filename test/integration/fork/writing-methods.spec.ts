import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectId } from 'mongodb';
import { Repository } from '../../../lib/repository/index.js';
import { UnitOfWork } from '../../../lib/unit-of-work/index.js';
import { Order } from '../support/models.js';
import { useWorld } from '../support/world.js';

const world = useWorld({ outbox: 'events' });
const orders = () => world.repository(Order);
let id: ObjectId;

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  id = await world.stored(Order, { customer_id: 'ada', items: [] });
  world.commands.clear();
});

/** How each method is called; a method that is added must be added here, which a test holds. */
const REPOSITORY: Record<string, (repository: Repository<Order>, order: Order) => unknown> = {
  find: (one) => one.find({}, { flushFirst: true }),
  findOne: (one) => one.findOne({ status: 'x' }, { flushFirst: true }),
  getOne: (one) => one.getOne({ customer: 'ada' }, { flushFirst: true }),
  findById: (one) => one.findById(id, { flushFirst: true }),
  getById: (one) => one.getById(id, { flushFirst: true }),
  findByIds: (one) => one.findByIds([id], { flushFirst: true }),
  count: (one) => one.count(),
  exists: (one) => one.exists(),
  stream: async (one) => {
    for await (const _each of one.stream()) void _each;
  },
  aggregate: (one) => one.aggregate([]),
  create: (one) => one.create({ customer: 'x', items: [] }),
  add: (one) => one.add(Object.assign(new Order(), { customer: 'x', items: [] })),
  assign: (one, order) => one.assign(order, { customer: 'x' }),
  validate: (one, order) => one.validate(order),
  remove: (one, order) => one.remove(order),
  insertMany: (one) => one.insertMany([{ customer: 'x', items: [] }]),
  import: (one) => one.import([{ customer: 'x', items: [] }]),
  updateMany: (one) => one.updateMany({}, { customer: 'x' }),
  updateEach: (one) => one.updateEach([{ id, data: { customer: 'x' } }]),
  deleteMany: (one) => one.deleteMany({}),
  upsert: (one) => one.upsert({ customer: 'x' }, { note: 'x' }),
};
const WRITING = ['insertMany', 'import', 'updateMany', 'updateEach', 'deleteMany', 'upsert'];
const FLUSHING = ['find', 'findOne', 'getOne', 'findById', 'getById', 'findByIds'];

const UNIT: Record<string, (fork: UnitOfWork, order: Order) => unknown> = {
  run: (one) => one.run(() => undefined),
  flush: (one) => one.flush(),
  rollback: (one) => one.rollback(),
  changes: (one) => one.changes(),
  isModified: (one) => one.isModified(),
  expectUnchanged: (one, order) => one.expectUnchanged(order, 'status'),
  expectVersion: () => undefined, // Order has none
  detach: (one, order) => one.detach(order),
  onCommit: (one) => one.onCommit(() => undefined),
  onRollback: (one) => one.onRollback(() => undefined),
  emit: (one, order) => one.emit({ about: order, type: 'order.paid' }),
  fork: (one) => one.fork(() => undefined),
  union: (one) => one.union(one.fork()),
  branches: (one) => one.branches([() => 1]),
  own: (one, order) => one.own(order),
  drop: (one) => one.drop(),
};

const methodsOf = (type: { prototype: object }) =>
  Object.entries(Object.getOwnPropertyDescriptors(type.prototype))
    .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
    .map(([name]) => name);

/** Runs it in a fork with a change pending. @returns the code of its error */
async function inFork(call: (order: Order, fork: UnitOfWork) => unknown): Promise<string | undefined> {
  return world.uow.run(
    async () => {
      const fork = world.uow.fork();
      const code = await fork.run(async () => {
        const order = await orders().getById(id);
        order.note = 'pending';
        try {
          await call(order, fork);
        } catch (error) {
          const { code, message } = error as { code?: string; message: string };
          if (code === 'ForkedWrite') expect(message).toContain('"request.1"');
          return code ?? message;
        }
        return undefined;
      });
      return code;
    },
    { label: 'request', flush: 'manual' },
  );
}

describe('5.6 inside a fork every call that would write to the server is an error that names the fork', () => {
  it.each(Object.keys(REPOSITORY))('Repository.%s', async (name) => {
    const code = await inFork((order) => REPOSITORY[name]?.(orders(), order));
    expect(code).toBe([...WRITING, ...FLUSHING].includes(name) ? 'ForkedWrite' : undefined);
    expect(world.writes).toEqual([]);
    if (!WRITING.includes(name)) return;
    expect(await inFork(() => (orders() as any)[name]({}, { customer: 'x' }, { flushFirst: true }))).toBe(
      'ForkedWrite',
    );
    expect(world.writes).toEqual([]);
  });

  it.each(Object.keys(UNIT))('UnitOfWork.%s', async (name) => {
    const code = await inFork((order, fork) => UNIT[name]?.(fork, order));
    expect(code).toBe(name === 'flush' ? 'ForkedWrite' : undefined);
    expect(world.writes).toEqual([]);
  });

  it('knows every method', () => {
    const inner = ['scope', 'writable', 'findEach'];
    expect(
      methodsOf(Repository)
        .filter((name) => !inner.includes(name))
        .sort(),
    ).toEqual(Object.keys(REPOSITORY).sort());
    expect(
      methodsOf(UnitOfWork)
        .filter((name) => !inner.includes(name))
        .sort(),
    ).toEqual(Object.keys(UNIT).sort());
  });
});
