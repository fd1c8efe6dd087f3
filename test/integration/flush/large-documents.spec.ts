import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Entity, Id, Prop, UpdatedAt, Version } from '../../../lib/mapping/index.js';
import { stateOf } from '../../../lib/unit-of-work/index.js';
import { errorOf, useWorld } from '../support/world.js';

class Fields {
  @Id() id!: ObjectId;
  @Prop() name?: string;
  @Prop() count?: number;
  @Prop({ name: 't', type: () => [String] }) tags?: string[];
  @Prop({ type: Object }) meta?: Record<string, unknown>;
  @Prop() blob!: Buffer;
  @Prop() last?: string;
}

@Entity({ collection: 'large' })
class Large extends Fields {}

@Entity({ collection: 'large_versioned' })
class Versioned extends Fields {
  @Version() version!: number;
  @UpdatedAt() updatedAt!: Date;
}

const world = useWorld();
const blob = Buffer.alloc(300_000, 7);
let id: ObjectId;

// What a flush wrote of a large document is not put together with the rest of it: it must read as if it were.
describe.each([
  ['guarded by field', Large],
  ['guarded by its version', Versioned],
])('a large document, %s', (_, type) => {
  const work = (fn: (one: Fields) => unknown) =>
    world.uow.run(async () => fn(await world.repository<Fields>(type).getById(id)));
  const stored = () => world.read(type, id);

  beforeEach(async () => {
    await world.raw(type).deleteMany({});
    const fields = { name: 'a', count: 1, undeclared: [1], t: ['x'], meta: { a: 1 }, blob, last: 'z' };
    id = await world.stored(type, { ...fields, ...(type === Versioned ? { version: 1, updatedAt: new Date(0) } : {}) });
    world.commands.clear();
  });

  it('shows what was flushed, flush after flush', () =>
    work(async (one) => {
      for (const name of ['b', 'longer than it was', 'c']) {
        one.name = name;
        one.count = name.length;
        await world.uow.flush();
        expect(one).toMatchObject({ name, count: name.length, last: 'z', tags: ['x'] });
        expect(await stored()).toMatchObject({ name, count: name.length, undeclared: [1], t: ['x'], last: 'z' });
        expect(world.uow.isModified()).toBe(false);
      }
      expect(world.writes).toHaveLength(3);
    }));

  it('sends nothing for what it holds already, and knows originals', () =>
    work(async (one) => {
      one.name = 'b';
      await world.uow.flush();
      world.commands.clear();
      one.name = 'b';
      await world.uow.flush();
      expect(world.writes).toEqual([]);
      one.name = 'c';
      expect(stateOf(one).getOriginalValue('name')).toBe('b');
      world.uow.rollback();
      expect(one.name).toBe('b');
    }));

  it('finds what is changed in place, before and after a flush', () =>
    work(async (one) => {
      const { tags } = one;
      tags!.push('y');
      one.meta = { b: [2] };
      await world.uow.flush();
      tags!.push('w');
      (one.meta.b as number[]).push(3);
      await world.uow.flush();
      expect(await stored()).toMatchObject({ t: ['x', 'y', 'w'], meta: { b: [2, 3] } });
    }));

  it('takes new and removed fields after those that were set', () =>
    work(async (one) => {
      one.name = 'b';
      await world.uow.flush();
      delete one.last;
      one.count = 5;
      await world.uow.flush();
      one.last = 'back';
      await world.uow.flush();
      const { _id, undeclared, ...rest } = (await stored())!;
      expect(rest).toMatchObject({ name: 'b', count: 5, last: 'back' });
      expect(Object.keys(rest).at(-1)).toBe('last');
      expect([_id, undeclared]).toEqual([id, [1]]);
      expect(JSON.parse(JSON.stringify(one))).toMatchObject({ name: 'b', count: 5, last: 'back' });
    }));

  it('conflicts with what others wrote since the last flush', async () => {
    const error = await errorOf(
      work(async (one) => {
        one.name = 'b';
        await world.uow.flush();
        const theirs = { $set: { name: 'theirs' }, ...(type === Versioned ? { $inc: { version: 1 } } : {}) };
        await world.raw(type).updateOne({ _id: id }, theirs);
        one.name = 'c';
      }),
    );
    expect(error.code).toBe('ConcurrentModification');
    expect(await stored()).toMatchObject({ name: 'theirs' });
  });

  it('can be serialised, detached and forked after a flush', () =>
    work(async (one) => {
      one.name = 'b';
      await world.uow.flush();
      expect(JSON.parse(JSON.stringify(one))).toMatchObject({ name: 'b', last: 'z' });
      const fork = world.uow.fork();
      fork.own(one).count = 7;
      world.uow.union(fork);
      await world.uow.flush();
      expect(await stored()).toMatchObject({ name: 'b', count: 7 });
      world.uow.detach(one);
      expect(one).toMatchObject({ name: 'b', count: 7, tags: ['x'] });
    }));
});
