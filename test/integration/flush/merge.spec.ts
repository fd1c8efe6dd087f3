import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Long, ObjectId } from 'mongodb';
import { Entity, Id, Prop } from '../../../lib/mapping/index.js';
import { errorOf, useWorld } from '../support/world.js';

@Entity({ collection: 'counters' })
class Counter {
  @Id() id!: ObjectId;
  @Prop({ merge: 'sum' }) n?: number;
  @Prop({ merge: 'sum' }) big?: bigint;
  @Prop({ merge: 'sum' }) money?: Decimal128;
  @Prop({ type: Number, merge: 'sum', nullable: true }) maybe?: number | null;
  @Prop({ merge: 'max' }) best?: number;
  @Prop({ merge: 'max' }) latest?: Date;
  @Prop({ merge: 'min' }) least?: number;
  @Prop({ type: () => [String], merge: 'set' }) labels?: string[];
  @Prop({ type: Set, of: String, merge: 'set' }) roles?: Set<string>;
}

const world = useWorld();
const counters = () => world.repository(Counter);
let id: ObjectId;

const FIELDS = {
  n: 1,
  big: Long.fromNumber(1),
  money: Decimal128.fromString('1.50'),
  maybe: 1,
  best: 5,
  latest: new Date(5),
  least: 5,
  labels: ['a', 'b'],
  roles: ['r', 's'],
};

beforeEach(async () => {
  id = await world.stored(Counter, { _id: new ObjectId(), ...FIELDS });
});

/** Changes a counter after someone else has. */
const race = (mutate: (counter: Counter) => unknown, foreign?: object) =>
  world.uow.run(async () => {
    const counter = await counters().getById(id);
    if (foreign) await world.raw(Counter).updateOne({ _id: id }, foreign);
    world.commands.clear();
    await mutate(counter);
    await world.uow.flush();
    return counter;
  });

describe('a merge field', () => {
  it.each<[string, (c: Counter) => unknown, object, object, object]>([
    ['sum', (c) => (c.n! += 2), { $inc: { n: 10 } }, { $inc: { n: 2 } }, { n: 13 }],
    ['sum, taken away', (c) => (c.n! -= 2), { $inc: { n: 10 } }, { $inc: { n: -2 } }, { n: 9 }],
    [
      'sum of bigints',
      (c) => (c.big! += 2n),
      { $inc: { big: Long.fromNumber(10) } },
      { $inc: { big: 2 } },
      { big: 13 },
    ],
    [
      'sum of decimals',
      (c) => (c.money = Decimal128.fromString('1.75')),
      { $inc: { money: Decimal128.fromString('10.00') } },
      { $inc: { money: Decimal128.fromString('0.25') } },
      { money: Decimal128.fromString('11.75') },
    ],
    ['max', (c) => (c.best = 7), { $set: { best: 9 } }, { $max: { best: 7 } }, { best: 9 }],
    [
      'max of dates',
      (c) => (c.latest = new Date(9)),
      { $set: { latest: new Date(7) } },
      { $max: { latest: new Date(9) } },
      { latest: new Date(9) },
    ],
    ['min', (c) => (c.least = 3), { $set: { least: 1 } }, { $min: { least: 3 } }, { least: 1 }],
    [
      'set, added',
      (c) => c.labels!.push('c'),
      { $push: { labels: 'd' } },
      { $addToSet: { labels: { $each: ['c'] } } },
      { labels: ['a', 'b', 'd', 'c'] },
    ],
    [
      'set, removed',
      (c) => c.labels!.shift(),
      { $push: { labels: 'd' } },
      { $pullAll: { labels: ['a'] } },
      { labels: ['b', 'd'] },
    ],
    [
      'a Set',
      (c) => c.roles!.add('t'),
      { $pull: { roles: 'r' } },
      { $addToSet: { roles: { $each: ['t'] } } },
      { roles: ['s', 't'] },
    ],
  ])('%s: both survive', async (_, mutate, foreign, update, expected) => {
    await race(mutate, foreign);
    expect(world.onlyUpdate).toEqual({ q: { _id: id }, u: update, collation: { locale: 'simple' } });
    expect(await world.read(Counter, id)).toMatchObject(expected);
  });

  it('set, added and removed: two updates in one transaction', async () => {
    await race((c) => (c.labels = ['b', 'c']), { $push: { labels: 'd' } });
    expect(world.updates.map(({ u }) => u as object)).toEqual([
      { $pullAll: { labels: ['a'] } },
      { $addToSet: { labels: { $each: ['c'] } } },
    ]);
    expect(await world.read(Counter, id)).toMatchObject({ labels: ['b', 'd', 'c'] });
  });

  it('set: another order, or a duplicate, is no change', async () => {
    await race((c) => {
      c.labels = ['b', 'a', 'b'];
      c.roles = new Set(['s', 'r']);
    });
    expect(world.writes).toEqual([]);
  });

  it('starts where the field is missing', async () => {
    await world.raw(Counter).updateOne({ _id: id }, { $unset: { n: 1, best: 1, labels: 1, money: 1 } });
    await race((c) => {
      c.n = 3;
      c.best = 2;
      c.labels = ['x'];
      c.money = Decimal128.fromString('2.00');
    });
    expect(await world.read(Counter, id)).toMatchObject({ n: 3, best: 2, labels: ['x'] });
    expect(String((await world.read(Counter, id))!.money)).toBe('2.00');
  });

  it('does not conflict with itself in the next flush', async () => {
    await race(async (c) => {
      c.n! += 1;
      c.best = 8;
      c.labels!.push('c');
      c.money = Decimal128.fromString('2.50');
      await world.uow.flush();
      world.commands.clear();
      await world.uow.flush();
      expect(world.commands.all()).toEqual([]);
      c.n! += 1;
      c.labels!.push('d');
      c.money = Decimal128.fromString('3.50');
    });
    expect(await world.read(Counter, id)).toMatchObject({ n: 3, best: 8, labels: ['a', 'b', 'c', 'd'] });
    expect(String((await world.read(Counter, id))!.money)).toBe('3.50');
  });
});

describe('a sum that cannot be added is a guarded write', () => {
  it.each<[string, (c: Counter) => unknown, object, string]>([
    ['a fraction', (c) => (c.n = 1.5), { n: 1.5 }, 'n'],
    ['null', (c) => (c.maybe = null), { maybe: null }, 'maybe'],
    ['a decimal of fewer places', (c) => (c.money = Decimal128.fromString('2')), {}, 'money'],
  ])('%s', async (_, mutate, expected, field) => {
    await race(mutate);
    expect(await world.read(Counter, id)).toMatchObject(expected);
    expect(Object.keys(world.onlyUpdate.u as object)).toEqual(['$set']);
    id = await world.stored(Counter, { _id: new ObjectId(), ...FIELDS });
    const inc = field === 'money' ? Decimal128.fromString('1') : 1;
    expect(await errorOf(race(mutate, { $inc: { [field]: inc } }))).toMatchObject({
      code: 'ConcurrentModification',
      field,
    });
  });

  it('a removal', async () => {
    await race((c) => delete c.n);
    expect(await world.read(Counter, id)).not.toHaveProperty('n');
    id = await world.stored(Counter, { _id: new ObjectId(), ...FIELDS });
    expect(await errorOf(race((c) => delete c.n, { $inc: { n: 1 } }))).toMatchObject({ field: 'n' });
  });

  it('from null', async () => {
    await world.raw(Counter).updateOne({ _id: id }, { $set: { maybe: null } });
    await race((c) => (c.maybe = 4));
    expect(world.onlyUpdate.u).toEqual({ $set: { maybe: 4 } });
  });

  it('from a fraction', async () => {
    await world.raw(Counter).updateOne({ _id: id }, { $set: { n: new Double(0.5) } });
    await race((c) => (c.n = 3));
    expect(world.onlyUpdate.u).toEqual({ $set: { n: 3 } });
  });
});

describe('a bound moved against its direction', () => {
  it.each<[string, (c: Counter) => unknown]>([
    ['best', (c) => (c.best = 4)],
    ['latest', (c) => (c.latest = new Date(4))],
    ['least', (c) => (c.least = 6)],
  ])('%s is an error at the flush that says so, and nothing is sent', async (field, mutate) => {
    const error = await errorOf(race(mutate));
    expect(error).toMatchObject({ code: 'InvalidValue', status: 400, entity: 'Counter', field });
    expect(error.message).toMatch(/declared merge/);
    expect(world.writes).toEqual([]);
  });

  it('may be removed', async () => {
    await race((c) => delete c.best);
    expect(await world.read(Counter, id)).not.toHaveProperty('best');
  });

  it('may replace NaN', async () => {
    await world.raw(Counter).updateOne({ _id: id }, { $set: { best: Number.NaN, least: Number.NaN } });
    await race(async (c) => {
      c.best = 1;
      c.least = 1;
      await world.uow.flush();
      world.commands.clear();
    });
    expect(world.commands.all()).toEqual([]);
    expect(await world.read(Counter, id)).toMatchObject({ best: 1, least: 1 });
  });
});

describe('an increment beyond 64 bits', () => {
  it('is the server’s error, not a conflict', async () => {
    const error = await errorOf(race((c) => (c.big! += 5n), { $set: { big: Long.MAX_VALUE } }));
    expect(error).toMatchObject({ code: 'WriteRefused', entity: 'Counter' });
    expect(String((await world.others.collection('counters').findOne({ _id: id }, { promoteLongs: false }))!.big)).toBe(
      String(Long.MAX_VALUE),
    );
  });
});
