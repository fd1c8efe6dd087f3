import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Entity, Id, Prop } from '../../../lib/mapping/index.js';
import { errorOf, useWorld } from '../support/world.js';

@Entity({ collection: 'animals', discriminator: 'kind' })
abstract class Animal {
  @Id() id!: ObjectId;
  @Prop() name!: string;
}
@Entity()
class Dog extends Animal {
  @Prop() tricks?: number;
  bark() {
    return `${this.name}!`;
  }
}
@Entity({ discriminatorValue: 'puppy' })
class Puppy extends Dog {
  @Prop() weeks?: number;
}
@Entity()
class Cat extends Animal {
  @Prop() lives?: number;
}

const world = useWorld();
const animals = () => world.repository<Animal>(Animal);
const dogs = () => world.repository(Dog);
const puppies = () => world.repository(Puppy);
const cats = () => world.repository(Cat);
const ids = { rex: new ObjectId(), bit: new ObjectId(), tom: new ObjectId() };

beforeEach(async () => {
  await world.raw(Dog).deleteMany({});
  await world.raw(Dog).insertMany([
    { _id: ids.rex, kind: 'Dog', name: 'Rex', tricks: 1 },
    { _id: ids.bit, kind: 'puppy', name: 'Bit', weeks: 5 },
    { _id: ids.tom, kind: 'Cat', name: 'Tom', lives: 9 },
  ]);
});

const names = (found: readonly Animal[]) => found.map(({ name }) => name).sort();

describe('the repository of a base class', () => {
  it('answers each as its own class', () =>
    world.uow.run(async () => {
      const found = await animals().find({}, { sort: { name: 1 } });
      expect(found.map((one) => one.constructor)).toEqual([Puppy, Dog, Cat]);
      expect((found[1] as Dog).bark()).toBe('Rex!');
      expect(found[2]).toMatchObject({ lives: 9 });
    }));

  it('writes what the subclass declares', async () => {
    await world.uow.run(async () => {
      ((await animals().getById(ids.tom)) as Cat).lives = 8;
    });
    expect(world.onlyUpdate.u).toEqual({ $set: { lives: 8 } });
  });

  it('takes an instance of any of them', async () => {
    const cat = Object.assign(new Cat(), { name: 'Kit', lives: 9 });
    await world.uow.run(() => void animals().add(cat));
    expect(await world.read(Cat, cat.id)).toEqual({ _id: cat.id, kind: 'Cat', name: 'Kit', lives: 9 });
  });

  it('counts all', async () => {
    expect(await animals().count()).toBe(3);
  });
});

describe('the repository of a subclass', () => {
  it('answers its own documents, and those of the classes below', () =>
    world.uow.run(async () => {
      expect(names(await dogs().find())).toEqual(['Bit', 'Rex']);
      expect(names(await puppies().find())).toEqual(['Bit']);
      expect(names(await cats().find())).toEqual(['Tom']);
      expect(await dogs().count()).toBe(2);
      expect(await dogs().exists({ name: 'Tom' })).toBe(false);
      expect(await puppies().findOne({ name: 'Rex' })).toBeNull();
    }));

  it('does not answer a sibling by its id, loaded before or not', () =>
    world.uow.run(async () => {
      expect(await cats().findById(ids.rex)).toBeNull();
      const rex = await animals().getById(ids.rex);
      expect(await cats().findById(ids.rex)).toBeNull();
      expect((await errorOf(cats().getById(ids.rex))).code).toBe('EntityNotFound');
      expect(await dogs().findById(ids.rex)).toBe(rex);
      expect(await puppies().findById(ids.rex)).toBeNull();
    }));

  it('shares the identity map of its family', () =>
    world.uow.run(async () => {
      const [bit] = await puppies().find();
      expect(await animals().getById(ids.bit)).toBe(bit);
      expect(await dogs().findById(ids.bit)).toBe(bit);
    }));

  it('stores its value when it makes one', async () => {
    const made = await world.uow.run(() => puppies().create({ name: 'New' }));
    expect(await world.read(Dog, made.id)).toEqual({ _id: made.id, kind: 'puppy', name: 'New' });
  });

  it('writes at once to its own only', async () => {
    expect(await dogs().updateMany({}, { name: 'Dog' })).toBe(2);
    expect(await puppies().deleteMany({})).toBe(1);
    expect(await cats().count({ name: 'Tom' })).toBe(1);
    await dogs().insertMany([{ name: 'A' }, Object.assign(new Puppy(), { name: 'B' })]);
    expect(
      await world
        .raw(Dog)
        .find({ name: { $in: ['A', 'B'] } })
        .map(({ kind }) => kind as string)
        .toArray(),
    ).toEqual(['Dog', 'puppy']);
  });

  it('upserts a document of its class', async () => {
    await dogs().upsert({ name: 'Up' }, { tricks: 3 });
    expect(await world.raw(Dog).findOne({ name: 'Up' })).toMatchObject({ kind: 'Dog', tricks: 3 });
    await dogs().upsert({ name: 'Up' }, { tricks: 4 });
    expect(await world.raw(Dog).find({ name: 'Up' }).toArray()).toMatchObject([{ kind: 'Dog', tricks: 4 }]);
  });

  it('refuses an instance of another class', () =>
    world.uow.run(() => {
      const cat = Object.assign(new Cat(), { name: 'x' });
      expect(() => dogs().add(cat as never)).toThrow(/no instance of Dog/);
    }));
});
