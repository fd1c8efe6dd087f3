import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop } from '../../../lib/mapping/index.js';
import { errorOf, useWorld } from '../support/world.js';

@Embedded({ key: 'sku' })
class Line {
  @Prop() sku!: string;
  @Prop() qty!: number;
}

class Fields {
  @Prop() status?: string;
  @Prop() total?: number;
  @Prop(() => [String]) tags?: string[];
  @Prop({ type: () => [String], merge: 'set' }) labels?: string[];
  @Prop(() => [Line]) items?: Line[];
}

@Entity({ collection: 'folded' })
class Folded extends Fields {
  @Id() id!: ObjectId;
}

@Entity({ collection: 'folded_texts' })
class FoldedText extends Fields {
  @Id() id!: string;
}

const world = useWorld();
const COLLATION = { locale: 'en', strength: 2 };

beforeAll(async () => {
  await world.others.createCollection('folded', { collation: COLLATION });
  await world.others.createCollection('folded_texts', { collation: COLLATION });
});

beforeEach(async () => {
  await world.raw(Folded).deleteMany({});
  await world.raw(FoldedText).deleteMany({});
});

// Both a class whose ids are compared byte by byte anyway, and one whose ids are not.
describe.each([
  ['with ObjectIds', Folded, () => new ObjectId()],
  ['with ids of text', FoldedText, () => `id${Math.random()}`],
])('a case-insensitive collection %s', (_, type, newId) => {
  const stored = async (fields: object) => {
    const id = newId();
    await world.raw(type).insertOne({ _id: id as never, ...fields });
    return id;
  };
  const race = async (fields: object, mutate: (one: Fields) => unknown, foreign?: object) => {
    const id = await stored(fields);
    const error = await world.uow
      .run(async () => {
        const one = await world.repository<Folded | FoldedText>(type).getById(id);
        if (foreign) await world.raw(type).updateOne({ _id: id as never }, foreign);
        world.commands.clear();
        mutate(one);
      })
      .then(
        () => undefined,
        (reason: unknown) => reason as { code: string },
      );
    return { error, document: await world.read(type, id) };
  };

  it.each<[string, object, (one: Fields) => unknown, object]>([
    ['a value', { status: 'a' }, (one) => (one.status = 'x'), { $set: { status: 'A' } }],
    ['a list', { tags: ['a', 'b'] }, (one) => one.tags!.reverse(), { $set: { tags: ['A', 'b'] } }],
    [
      'an element',
      { items: [{ sku: 'x', qty: 1 }] },
      (one) => (one.items![0]!.qty = 2),
      { $set: { items: [{ sku: 'X', qty: 1 }] } },
    ],
  ])('guards exactly: %s of another case is a conflict', async (_, fields, mutate, foreign) => {
    expect((await race(fields, mutate, foreign)).error).toMatchObject({ code: 'ConcurrentModification' });
  });

  it('changes the element of the very key', async () => {
    const items = [
      { sku: 'x', qty: 1 },
      { sku: 'X', qty: 1 },
    ];
    const { document } = await race({ items }, (one) => (one.items![1]!.qty = 5));
    expect(document!.items).toEqual([
      { sku: 'x', qty: 1 },
      { sku: 'X', qty: 5 },
    ]);
  });

  it('removes the very values', async () => {
    const long = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
    const tags = [long, long.toUpperCase(), 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'ccccccccccccccccccccccccccccc'];
    const { document, error } = await race({ tags }, (one) => one.tags!.shift());
    expect(error).toBeUndefined();
    expect(document!.tags).toEqual(tags.slice(1));
  });

  it('removes the element of the very key', async () => {
    const items = [
      { sku: 'x', qty: 1 },
      { sku: 'X', qty: 2 },
    ];
    const { document } = await race({ items }, (one) => one.items!.shift());
    expect(document!.items).toEqual([{ sku: 'X', qty: 2 }]);
  });

  it('adds to a set what differs by case only', async () => {
    const { document } = await race({ labels: ['a'] }, (one) => one.labels!.push('A'));
    expect(document!.labels).toEqual(['a', 'A']);
  });

  it('finds the document by its index', async () => {
    const { error } = await race({ status: 'a' }, (one) => (one.status = 'x'));
    expect(error).toBeUndefined();
    const update = world.updates[0]!;
    const explained = await world.others.command({
      explain: { update: world.store(type).map.collection, updates: [update] },
      verbosity: 'queryPlanner',
    });
    expect(JSON.stringify(explained.queryPlanner.winningPlan)).not.toContain('COLLSCAN');
  });

  it('tells the ids of two documents apart, or says that one is there already', async () => {
    const repository = world.repository<Folded | FoldedText>(type);
    if (type === Folded) return;
    await world.uow.run(() => void repository.create({ id: 'a' }));
    expect((await errorOf(world.uow.run(() => void repository.create({ id: 'A' })))).code).toBe('DuplicateKey');
    await world.uow.run(async () => {
      expect(await repository.findById('A')).toBeNull();
      expect(await repository.findById('a')).not.toBeNull();
    });
  });
});
