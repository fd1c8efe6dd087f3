import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { CreatedAt, Entity, Id, Prop, UpdatedAt } from '../../../lib/mapping/index.js';
import { anError, useWorld } from '../support/world.js';

@Entity({ collection: 'timed' })
class Timed {
  @Id() id!: ObjectId;
  @Prop() n?: number;
  @Prop() m?: number;
  @CreatedAt({ name: 'created' }) createdAt!: Date;
  @UpdatedAt({ name: 'updated' }) updatedAt!: Date;
}

const world = useWorld();
const timed = () => world.repository(Timed);
const OLD = new Date('2001-01-01');

describe('@CreatedAt and @UpdatedAt', () => {
  it('are set by the insert, to one time', async () => {
    const before = Date.now();
    const made = await world.uow.run(() => timed().create({ n: 1 }));
    const stored = (await world.read(Timed, made.id))!;
    expect(stored.created).toEqual(stored.updated);
    expect((stored.created as Date).getTime()).toBeGreaterThanOrEqual(before);
    expect(made.createdAt).toEqual(stored.created);
    expect(made.updatedAt).toEqual(stored.updated);
  });

  it('keep what a new entity brings', async () => {
    const made = await world.uow.run(() => timed().create({ createdAt: OLD }));
    expect(await world.read(Timed, made.id)).toMatchObject({ created: OLD });
  });

  it('an update moves the second only, and the entity shows it', async () => {
    const id = await world.stored<ObjectId>(Timed, { n: 1, created: OLD, updated: OLD });
    const before = Date.now();
    await world.uow.run(async () => {
      const one = await timed().getById(id);
      one.n = 2;
      await world.uow.flush();
      expect(one.updatedAt.getTime()).toBeGreaterThanOrEqual(before);
    });
    const stored = (await world.read(Timed, id))!;
    expect(stored.created).toEqual(OLD);
    expect((stored.updated as Date).getTime()).toBeGreaterThanOrEqual(before);
  });

  it('nothing moves when nothing changed', async () => {
    const id = await world.stored<ObjectId>(Timed, { n: 1, created: OLD, updated: OLD });
    await world.uow.run(async () => {
      const one = await timed().getById(id);
      void one.updatedAt.getTime(); // handed out
      one.n = 1;
    });
    expect(world.writes).toEqual([]);
  });

  it('the second moves only forward', async () => {
    const future = new Date(Date.now() + 1e9);
    const id = await world.stored<ObjectId>(Timed, { n: 1, updated: future });
    await world.uow.run(async () => {
      const one = await timed().getById(id);
      one.n = 2;
      await world.uow.flush();
      expect(one.updatedAt).toEqual(future);
      await world.uow.flush();
    });
    expect(world.writes).toHaveLength(1);
    expect(await world.read(Timed, id)).toMatchObject({ n: 2, updated: future });
  });

  it('is never guarded: changes of other fields both survive', async () => {
    const id = await world.stored<ObjectId>(Timed, { n: 1, m: 1, updated: OLD });
    await world.uow.run(async () => {
      const one = await timed().getById(id);
      void one.updatedAt;
      await world.raw(Timed).updateOne({ _id: id }, { $set: { m: 2, updated: new Date() } });
      one.n = 2;
    });
    expect(await world.read(Timed, id)).toMatchObject({ n: 2, m: 2 });
  });

  it('starts where a document has none', async () => {
    const id = await world.stored<ObjectId>(Timed, { n: 1 });
    await world.uow.run(async () => {
      (await timed().getById(id)).n = 2;
    });
    expect(await world.read(Timed, id)).toMatchObject({ updated: expect.any(Date) });
    expect(await world.read(Timed, id)).not.toHaveProperty('created');
  });

  it('cannot be written', async () => {
    const id = await world.stored<ObjectId>(Timed, { n: 1, updated: OLD });
    await world.uow.run(async () => {
      const one = await timed().getById(id);
      expect(() => (one.updatedAt = new Date())).toThrow(anError({ code: 'ImmutableField', field: 'updatedAt' }));
      one.updatedAt.setTime(5); // behind our back: it is the library's field
    });
    expect(await world.read(Timed, id)).toMatchObject({ updated: OLD });
    expect(world.writes).toEqual([]);
  });
});
