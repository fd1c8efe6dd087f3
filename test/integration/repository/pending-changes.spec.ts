import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Entity, Id, Prop } from '../../../lib/mapping/index.js';
import { op } from '../../../lib/query/index.js';
import { Note, Order } from '../support/models.js';
import { errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
let id: ObjectId;

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  id = await world.stored(Order, { customer_id: 'ada', status: 'open', total: 1, items: [] });
  world.commands.clear();
});

const direct: [string, (options?: { flushFirst: boolean }) => Promise<unknown>][] = [
  ['insertMany', (options) => orders().insertMany([{ customer: 'x' }], options)],
  ['updateMany', (options) => orders().updateMany({ total: 2 }, { note: 'direct' }, options)],
  ['updateEach', (options) => orders().updateEach([{ id, data: { note: 'direct' } }], options)],
  ['deleteMany', (options) => orders().deleteMany({ total: 99 }, options)],
  ['upsert', (options) => orders().upsert({ total: 2 }, { note: 'direct' }, options)],
];

describe.each(direct)('%s', (method, write) => {
  it('is refused while an entity of the class has uncommitted changes', () =>
    world.uow.run(
      async () => {
        const order = await orders().getById(id);
        order.total = 2;
        const error = await errorOf(write());
        expect(error).toMatchObject({ code: 'PendingChanges', entity: 'Order' });
        expect(error.message).toContain(`${method}()`);
        expect(world.writes).toEqual([]);
      },
      { flush: 'manual' },
    ));

  it('is refused while one is to be inserted or removed', () =>
    world.uow.run(
      async () => {
        const made = orders().create({ customer: 'new', items: [] });
        expect((await errorOf(write())).code).toBe('PendingChanges');
        orders().remove(made);
        await write();
        orders().remove(await orders().getById(id));
        expect((await errorOf(write())).code).toBe('PendingChanges');
      },
      { flush: 'manual' },
    ));

  it('flushes first when asked to', () =>
    world.uow.run(async () => {
      (await orders().getById(id)).total = 2;
      await write({ flushFirst: true });
      expect(await world.read(Order, id)).toMatchObject({ total: 2 });
      const names = world.writes.map(({ name }) => name);
      expect(names[0]).toBe('update');
      expect(names).toHaveLength(2);
    }));

  it('does not mind changes that were taken back, or those of another class', () =>
    world.uow.run(
      async () => {
        const order = await orders().getById(id);
        order.total = 2;
        order.total = 1;
        order.items.push({} as never);
        order.items.pop();
        world.repository(Note).create({ text: 'x' });
        await write();
      },
      { flush: 'manual' },
    ));
});

describe('a query whose filter names a field with uncommitted changes', () => {
  let warn: jest.SpiedFunction<typeof process.emitWarning>;
  beforeEach(() => {
    warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });
  afterEach(() => warn.mockRestore());

  // A class of its own for each test, since a warning is given once a class.
  let classes = 0;
  function fresh() {
    class Warned {
      @Id() id!: ObjectId;
      @Prop() total?: number;
      @Prop() status?: string;
    }
    Object.defineProperty(Warned, 'name', { value: `Warned${++classes}` });
    Entity({ collection: 'orders' })(Warned);
    return world.repository(Warned);
  }

  it('warns once and answers what the server has', () =>
    world.uow.run(
      async () => {
        const repository = fresh();
        (await repository.getById(id)).total = 5;
        expect(await repository.find({ total: op.gt(4) })).toEqual([]);
        await repository.find({ total: op.gt(4) });
        expect(warn).toHaveBeenCalledTimes(1);
        expect(warn).toHaveBeenCalledWith(expect.stringMatching(/Warned1.*flushFirst/), {
          type: 'CowWarning',
          code: 'QUERY_BEFORE_FLUSH',
        });
      },
      { flush: 'manual' },
    ));

  it('also for what is new, and for filters in a group', () =>
    world.uow.run(
      async () => {
        const repository = fresh();
        repository.create({ total: 5 });
        await repository.find(op.or({ total: 5 }, { status: 'x' }));
        expect(warn).toHaveBeenCalledTimes(1);
      },
      { flush: 'manual' },
    ));

  it('does not warn of other fields, other classes, or what was taken back', () =>
    world.uow.run(
      async () => {
        const repository = fresh();
        const one = await repository.getById(id);
        one.total = 5;
        world.repository(Note).create({ text: 'x' });
        await repository.find({ status: 'open' });
        one.total = 1;
        await repository.find({ total: 1 });
        expect(warn).not.toHaveBeenCalled();
      },
      { flush: 'manual' },
    ));

  it('sees the changes with flushFirst', () =>
    world.uow.run(async () => {
      const repository = fresh();
      const one = await repository.getById(id);
      one.total = 5;
      expect(await repository.find({ total: op.gt(4) }, { flushFirst: true })).toEqual([one]);
      expect(warn).not.toHaveBeenCalled();
    }));
});
