import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Order } from '../support/models.js';
import { errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const orders = () => world.repository(Order);
const id = new ObjectId();

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  await world.raw(Order).insertOne({ _id: id, customer_id: 'ada', items: [] });
});

const tracked: [string, () => unknown][] = [
  ['find', () => orders().find()],
  ['find', () => orders().findOne({})],
  ['find', () => orders().getOne({})],
  ['findById', () => orders().findById(id)],
  ['findById', () => orders().getById(id)],
  ['findById', () => orders().findByIds([id])],
  ['add', () => orders().create()],
  ['add', () => orders().add(new Order())],
  ['assign', () => orders().assign(new Order(), {})],
  ['remove', () => orders().remove(new Order())],
  ['validate', () => orders().validate(new Order())],
];

describe('outside any unit of work', () => {
  it.each(tracked)('%s() is an error that says which of the three to use', async (method, call) => {
    const error = await errorOf(Promise.resolve().then(call));
    expect(error).toMatchObject({ code: 'NoUnitOfWork', status: 500 });
    expect(error.message).toContain(`Repository<Order>.${method}()`);
    expect(error.message).toMatch(/forRoot\(\)/);
    expect(error.message).toMatch(/@Transactional\(\)/);
    expect(error.message).toMatch(/unitOfWork\.run\(/);
    expect(world.commands.all()).toEqual([]);
  });

  it.each([
    ['flush', () => world.uow.flush()],
    ['rollback', () => world.uow.rollback()],
    ['changes', () => world.uow.changes()],
    ['isModified', () => world.uow.isModified()],
    ['expectUnchanged', () => world.uow.expectUnchanged({}, 'x')],
    ['expectVersion', () => world.uow.expectVersion({}, 1)],
    ['detach', () => world.uow.detach({})],
    ['onCommit', () => world.uow.onCommit(() => 1)],
    ['onRollback', () => world.uow.onRollback(() => 1)],
  ])('UnitOfWork.%s() is an error too', async (method, call) => {
    const error = await errorOf(Promise.resolve().then(call));
    expect(error.code).toBe('NoUnitOfWork');
    expect(error.message).toContain(`UnitOfWork.${method}()`);
  });

  it('what acts at once works', async () => {
    expect(await orders().count()).toBe(1);
    expect(await orders().exists({ id })).toBe(true);
    expect(await orders().aggregate([{ $count: 'n' }])).toEqual([{ n: 1 }]);
    for await (const order of orders().stream()) expect(order.customer).toBe('ada');
    await orders().insertMany([{ customer: 'bob', items: [] }]);
    await orders().updateMany({ customer: 'bob' }, { status: 'x' });
    await orders().upsert({ customer: 'bob' }, { status: 'y' });
    expect(await orders().deleteMany({ status: 'y' })).toBe(1);
    expect(orders().collection.collectionName).toBe('orders');
  });
});
