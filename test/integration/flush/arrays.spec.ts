import { describe, expect, it } from '@jest/globals';
import { Double, Long, ObjectId, type Document } from 'mongodb';
import { Embedded, Entity, Id, Prop } from '../../../lib/mapping/index.js';
import { errorOf, useWorld } from '../support/world.js';

@Embedded()
class Step {
  @Prop() title!: string;
  @Prop() done?: boolean;
}

@Embedded()
class Room {
  @Prop() name!: string;
  @Prop() size?: number;
}

@Entity({ collection: 'plans' })
class Plan {
  @Id() id!: ObjectId;
  @Prop(() => [String]) tags?: string[];
  @Prop(() => [Step]) steps?: Step[];
  @Prop({ type: Set, of: String }) roles?: Set<string>;
  @Prop({ type: Set, of: Number }) sizes?: Set<number>;
  @Prop() left?: Room;
  @Prop() right?: Room;
  @Prop({ type: Map, of: Room }) rooms?: Map<string, Room>;
  @Prop() count?: number;
  @Prop({ type: Object }) free?: unknown[];
}

const world = useWorld();
const LONG = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'];
/** Larger than what a filter may compare. */
const STEPS = LONG.map((title) => ({ title, done: false, hidden: `of ${title}, at length`.repeat(4) }));

/** Loads a stored plan, lets another client write, changes it, flushes; answers what was sent and what is stored then. */
async function change(stored: Document, mutate: (plan: Plan) => unknown, foreign?: Document) {
  const id = await world.stored<ObjectId>(Plan, { _id: new ObjectId(), ...stored });
  await world.uow.run(async () => {
    const plan = await world.repository(Plan).getById(id);
    if (foreign !== undefined) await world.raw(Plan).updateOne({ _id: id }, foreign);
    world.commands.clear();
    mutate(plan);
  });
  const sent = world.updates.map(({ u }) => u as Document);
  const names = world.commands.all().map(({ name }) => name);
  const { _id, ...now } = (await world.read(Plan, id))!;
  return { sent, names, now };
}

const conflict = (...args: Parameters<typeof change>) => errorOf(change(...args));

describe('an array whose elements have no key', () => {
  it.each<[string, (plan: Plan) => unknown, Document]>([
    ['pop()', ({ steps }) => steps!.pop(), { $pop: { steps: 1 } }],
    ['shift()', ({ steps }) => steps!.shift(), { $pop: { steps: -1 } }],
    ['a shorter length', ({ steps }) => (steps!.length = 4), { $push: { steps: { $each: [], $slice: 4 } } }],
    ['splice() at the front', ({ steps }) => steps!.splice(0, 2), { $push: { steps: { $each: [], $slice: -4 } } }],
    ['no length at all', ({ steps }) => (steps!.length = 0), { $set: { steps: [] } }],
  ])('that lost elements by %s is told so, in one command', async (_title, mutate, update) => {
    const { sent, now } = await change({ steps: STEPS }, mutate);
    expect(sent).toEqual([update]);
    const expected = structuredClone(STEPS) as unknown as Step[];
    mutate({ steps: expected } as Plan);
    expect(now.steps).toEqual(expected);
  });

  it.each<[string, Document]>([
    ['pushed to', { $push: { steps: { title: 'new' } } }],
    ['shortened', { $pop: { steps: 1 } }],
    ['edited at its end', { $set: { 'steps.5.done': true } }],
    ['edited at its beginning', { $set: { 'steps.0.done': true } }],
  ])('and that another %s is a conflict', async (_title, foreign) => {
    expect(await conflict({ steps: STEPS }, ({ steps }) => steps!.pop(), foreign)).toMatchObject({
      code: 'ConcurrentModification',
      field: 'steps',
    });
  });

  it('edited and appended to: two statements in a transaction, where that is shorter', async () => {
    const mutate = ({ steps }: Plan) => {
      steps![1]!.done = true;
      steps!.push({ title: 'new' });
    };
    const { sent, names, now } = await change({ steps: STEPS }, mutate, { $set: { 'steps.5.done': true } });
    expect(sent).toEqual([{ $set: { 'steps.1.done': true } }, { $push: { steps: { $each: [{ title: 'new' }] } } }]);
    expect(names).toEqual(['find', 'update', 'commitTransaction']);
    const [first, second, third, fourth, fifth, sixth] = STEPS;
    expect(now.steps).toEqual([
      first,
      { ...second, done: true },
      third,
      fourth,
      fifth,
      { ...sixth, done: true },
      { title: 'new' },
    ]);
  });

  it('that is small is set whole by one command instead', async () => {
    const { sent, names } = await change(
      { tags: ['a', 'b', 'c', 'd'] },
      ({ tags }) => tags!.splice(0, 1, 'x') && tags!.push('e'),
    );
    expect(sent).toEqual([{ $set: { tags: ['x', 'b', 'c', 'd', 'e'] } }]);
    expect(names).toEqual(['update']);
  });

  it('edited and cut off: the same', async () => {
    const mutate = ({ steps }: Plan) => {
      steps![1]!.done = true;
      steps!.pop();
    };
    const { sent, now } = await change({ steps: STEPS }, mutate);
    expect(sent).toEqual([{ $set: { 'steps.1.done': true } }, { $pop: { steps: 1 } }]);
    expect(now.steps).toEqual(STEPS.slice(0, 5).map((step, index) => (index === 1 ? { ...step, done: true } : step)));
    expect(await conflict({ steps: STEPS }, mutate, { $push: { steps: { title: 'x' } } })).toMatchObject({
      code: 'ConcurrentModification',
    });
  });

  it('reordered is set whole: others’ elements have no place in the new order', async () => {
    const { sent } = await change({ tags: LONG }, ({ tags }) => ([tags![0], tags![5]] = [tags![5]!, tags![0]!]));
    expect(sent).toEqual([{ $set: { tags: ['zeta', 'beta', 'gamma', 'delta', 'epsilon', 'alpha'] } }]);
    expect(await conflict({ tags: LONG }, ({ tags }) => tags!.reverse(), { $push: { tags: 'x' } })).toMatchObject({
      field: 'tags',
    });
  });

  it('of scalars loses them by value, so that what others append stays', async () => {
    const { sent, names, now } = await change({ tags: ['a', 'b', 'a'] }, (plan) => (plan.tags = ['b']), {
      $push: { tags: 'c' },
    });
    expect(sent).toEqual([{ $pullAll: { tags: ['a'] } }]);
    expect(names).toEqual(['update']);
    expect(now.tags).toEqual(['b', 'c']);
    expect(await conflict({ tags: ['a', 'b'] }, ({ tags }) => tags!.shift(), { $push: { tags: 'a' } })).toMatchObject({
      field: 'tags',
    });
  });
});

describe('a free-form array', () => {
  // Seed 20261124 of the proof `tracking`, cases 84151 and 86979.
  it('of which NaN becomes null, which have one JSON, is edited and not taken for reordered', async () => {
    const { sent, now } = await change({ free: [Number.NaN, 'a', 'b'] }, ({ free }) => (free![0] = null));
    expect(sent).toEqual([{ $set: { 'free.0': null } }]);
    expect(now.free).toEqual([null, 'a', 'b']);
  });

  it('of which the parts are appended to sends one operator, where two would be shorter each by itself', async () => {
    const { sent, now } = await change({ free: [[['x', 7, 'longer']], [null, ['$a']], 1.5] }, ({ free }) => {
      const [first, second] = free as unknown[][][];
      first![0]!.push([]);
      second![1]!.push([new Date(12_000)]);
    });
    expect(sent).toEqual([{ $push: { 'free.0.0': { $each: [[]] }, 'free.1.1': { $each: [[new Date(12_000)]] } } }]);
    expect(now.free).toEqual([[['x', 7, 'longer', []]], [null, ['$a', [new Date(12_000)]]], 1.5]);
  });

  it('that comes to contain itself is refused by name, and nothing is sent', async () => {
    const stored = { free: [1, [2], 'a'] };
    const error = await conflict(stored, ({ free }) => (free![1] = free));
    expect(error).toMatchObject({ code: 'InvalidValue', entity: 'Plan', field: 'free.1' });
    expect(world.updates).toEqual([]);
  });

  it('of which elements change places is set whole', async () => {
    const { sent } = await change({ free: [1, [2], 'a', Number.NaN] }, ({ free }) => free!.reverse());
    expect(sent).toEqual([{ $set: { free: [Number.NaN, 'a', [2], 1] } }]);
  });
});

describe('a Set', () => {
  it('gets elements without regard to what others add', async () => {
    const { sent, now } = await change({ roles: ['a'] }, ({ roles }) => roles!.add('b').add('c'), {
      $push: { roles: { $each: ['c', 'x'] } },
    });
    expect(sent).toEqual([{ $addToSet: { roles: { $each: ['b', 'c'] } } }]);
    expect(now.roles).toEqual(['a', 'c', 'x', 'b']);
  });

  it('loses elements, every occurrence of them, and keeps what others added', async () => {
    const { sent, now } = await change({ roles: ['a', 'b', 'a'] }, ({ roles }) => roles!.delete('a'), {
      $push: { roles: 'x' },
    });
    expect(sent).toEqual([{ $pullAll: { roles: ['a'] } }]);
    expect(now.roles).toEqual(['b', 'x']);
  });

  it('an element that another removed meanwhile cannot be removed again', async () => {
    const error = await conflict({ roles: ['a', 'b'] }, ({ roles }) => roles!.delete('a'), { $pull: { roles: 'a' } });
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'roles' });
  });

  it('that got and lost some is set whole, or takes two statements where they are shorter', async () => {
    const swap = ({ roles }: Plan) => roles!.delete('alpha') && roles!.add('new');
    expect((await change({ roles: ['alpha'] }, swap)).sent).toEqual([{ $set: { roles: ['new'] } }]);
    const many = [...LONG, ...LONG.map((one) => `${one} and more`.repeat(6))];
    const { sent, now } = await change({ roles: many }, swap, { $push: { roles: 'x' } });
    expect(sent).toEqual([{ $pullAll: { roles: ['alpha'] } }, { $addToSet: { roles: { $each: ['new'] } } }]);
    expect(now.roles).toEqual([...many.slice(1), 'x', 'new']);
  });

  it('in another order, or with an element added and removed, is unchanged', async () => {
    const { names } = await change({ roles: ['a', 'b', 'b'] }, (plan) => {
      plan.roles = new Set(['b', 'a']);
      plan.roles.add('c');
      plan.roles.delete('c');
    });
    expect(names).toEqual([]);
  });

  it('takes numbers of every type for the same', async () => {
    const { sent, now } = await change({ sizes: [new Double(5), Long.fromNumber(5), 7, 9] }, ({ sizes }) =>
      sizes!.delete(5),
    );
    expect(sent).toEqual([{ $pullAll: { sizes: [5] } }]);
    expect(now.sizes).toEqual([7, 9]);
  });
});

describe('an object that was read at another place of the document', () => {
  const rooms = {
    left: { name: 'L', size: 1, hidden: 'of L' },
    right: { name: 'R', size: 2, secret: 'of R' },
  };

  it('brings along what its class does not declare, when two are swapped', async () => {
    const { now } = await change(rooms, (plan) => ([plan.left, plan.right] = [plan.right!, plan.left!]));
    expect(now).toEqual({ left: rooms.right, right: rooms.left });
  });

  it('brings it from one entry of a Map to another', async () => {
    const { now } = await change({ rooms }, (plan) => {
      plan.rooms!.set('right', plan.rooms!.get('left')!);
      plan.rooms!.delete('left');
    });
    expect(now).toEqual({ rooms: { right: rooms.left } });
  });

  it('brings it along after a flush of something else, too', async () => {
    const id = await world.stored<ObjectId>(Plan, { _id: new ObjectId(), ...rooms });
    await world.uow.run(async () => {
      const plan = await world.repository(Plan).getById(id);
      const { left, right } = plan;
      plan.count = 1;
      await world.uow.flush();
      world.commands.clear();
      left!.size = 9; // at home: nothing of it moves
      await world.uow.flush();
      expect(world.onlyUpdate.u).toEqual({ $set: { 'left.size': 9 } });
      [plan.left, plan.right] = [right!, left!];
    });
    const now = (await world.read(Plan, id))!;
    expect(now).toMatchObject({ left: rooms.right, right: { ...rooms.left, size: 9 } });
    expect([Object.keys(now.left as object), Object.keys(now.right as object)]).toEqual([
      ['name', 'size', 'secret'],
      ['name', 'size', 'hidden'],
    ]);
  });

  it('brings it along from another document', async () => {
    const [one, other] = [await world.stored<ObjectId>(Plan, { ...rooms }), await world.stored<ObjectId>(Plan, {})];
    for (const left of [undefined, { name: 'O', size: 1, kept: 'until now' }]) {
      if (left !== undefined) await world.raw(Plan).updateOne({ _id: other }, { $set: { left } });
      await world.uow.run(async () => {
        const from = await world.repository(Plan).getById(one);
        const to = await world.repository(Plan).getById(other); // by another reply
        to.left = from.left!;
      });
      expect((await world.read(Plan, other))!.left).toEqual(rooms.left);
    }
  });

  it('is a change of the fields that differ where nothing is undeclared', async () => {
    const [left, right] = [
      { name: 'L', size: 1 },
      { name: 'R', size: 1 },
    ];
    const { sent } = await change({ left, right }, (plan) => (plan.left = plan.right!));
    expect(sent).toEqual([{ $set: { 'left.name': 'R' } }]);
  });

  it('conflicts with what another wrote there', async () => {
    const error = await conflict(rooms, (plan) => (plan.left = plan.right!), { $set: { 'left.size': 9 } });
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'left' });
  });
});

describe('a number that JavaScript cannot hold', () => {
  const count = Long.fromString('9007199254740993');

  it('is not lost by reading or by writing another field', async () => {
    const { now } = await change({ count, tags: ['a'] }, (plan) => plan.tags!.push('b'));
    expect(now.count).toEqual(count);
  });

  it('can be overwritten, under its guard', async () => {
    const { sent } = await change({ count }, (plan) => (plan.count = 5));
    expect(sent).toEqual([{ $set: { count: 5 } }]);
    const error = await conflict({ count }, (plan) => (plan.count = 5), { $inc: { count: 2 } });
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'count' });
  });

  it('can be removed', async () => {
    expect((await change({ count }, (plan) => delete plan.count)).sent).toEqual([{ $unset: { count: '' } }]);
  });
});
