import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Entity, Id, Prop, UpdatedAt, Version } from '../../../lib/mapping/index.js';
import { Product } from '../support/models.js';
import { errorOf, useWorld } from '../support/world.js';

const world = useWorld();
const products = () => world.repository(Product);
let id: ObjectId;

beforeEach(async () => {
  id = await world.stored(Product, { name: 'p', stock: 5, tags: ['a'], views: 1, best: 3, version: 7 });
});

const change = (mutate: (product: Product) => unknown) =>
  world.uow.run(async () => {
    const product = await products().getById(id);
    world.commands.clear();
    await mutate(product);
    return product;
  });
const foreign = (update: object) => world.raw(Product).updateOne({ _id: id }, update);

describe('@Version', () => {
  it('guards by the loaded version alone, and raises it', async () => {
    const product = await change((p) => (p.stock = 4));
    expect(world.onlyUpdate.q).toEqual({ _id: id, version: { $eq: 7, $not: { $elemMatch: { $eq: 7 } } } });
    expect(world.onlyUpdate.u).toMatchObject({ $set: { stock: 4 }, $inc: { version: 1 } });
    expect(product.version).toBe(8);
    expect(await world.read(Product, id)).toMatchObject({ version: 8, stock: 4 });
  });

  it('goes on with the new version in the next flush', async () => {
    const product = await change(async (p) => {
      p.stock = 4;
      await world.uow.flush();
      expect(p.version).toBe(8);
      p.stock = 3;
    });
    expect(product.version).toBe(9);
    expect(await world.read(Product, id)).toMatchObject({ version: 9, stock: 3 });
  });

  it('makes an update of another field conflict, arrays included', async () => {
    for (const mutate of [(p: Product) => (p.name = 'q'), (p: Product) => p.tags!.push('b')]) {
      const error = await errorOf(
        change(async (p) => {
          await foreign({ $set: { stock: 1 }, $inc: { version: 1 } });
          mutate(p);
        }),
      );
      expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'version', id: id.toHexString() });
    }
    expect(await world.read(Product, id)).toMatchObject({ name: 'p', tags: ['a'], version: 9 });
  });

  it('is raised by an append to nothing, which needs no other guard', async () => {
    @Entity({ collection: 'lists' })
    class List {
      @Id() id!: ObjectId;
      @Prop(() => [String]) tags: string[] = [];
      @Version() version!: number;
    }
    const list = await world.stored<ObjectId>(List, { version: 1 });
    await world.uow.run(async () => {
      (await world.repository(List).getById(list)).tags.push('first');
    });
    expect(world.onlyUpdate.u).toEqual({ $push: { tags: { $each: ['first'] } }, $inc: { version: 1 } });
    expect(await world.read(List, list)).toEqual({ _id: list, tags: ['first'], version: 2 });
  });

  it('lets those who do not raise it pass', async () => {
    await change(async (p) => {
      await foreign({ $set: { name: 'foreign' } });
      p.stock = 1;
    });
    expect(await world.read(Product, id)).toMatchObject({ name: 'foreign', stock: 1, version: 8 });
  });

  it('starts at 1 on insert', async () => {
    const made = await world.uow.run(() => products().create({ name: 'n', stock: 1 }));
    expect(made.version).toBe(1);
    expect(await world.read(Product, made.id)).toMatchObject({ version: 1 });
  });

  it('of a document that has none is guarded by its absence, then starts', async () => {
    await foreign({ $unset: { version: 1 } });
    const product = await change((p) => (p.stock = 1));
    expect(world.onlyUpdate.q).toEqual({ _id: id, version: { $exists: false } });
    expect(product.version).toBe(1);
    expect(await world.read(Product, id)).toMatchObject({ version: 1 });
    await foreign({ $unset: { version: 1 } });
    const error = await errorOf(
      change(async (p) => {
        await foreign({ $set: { version: 1 } });
        p.stock = 2;
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'version' });
  });

  it('is not raised when nothing changed', async () => {
    await change((p) => (p.stock = 5));
    expect(world.writes).toEqual([]);
  });

  it('guards a removal', async () => {
    const error = await errorOf(
      change(async (p) => {
        await foreign({ $inc: { version: 1 } });
        products().remove(p);
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', entity: 'Product', field: 'version' });
    expect(await world.read(Product, id)).toMatchObject({ version: 8 });
    await change((p) => products().remove(p));
    expect(await world.read(Product, id)).toBeNull();
  });

  it('cannot be written', async () => {
    await change((p) => {
      expect(() => (p.version = 1)).toThrow(expect.objectContaining({ code: 'ImmutableField' }));
      p.version = 7; // what it is
    });
    expect(world.writes).toEqual([]);
  });
});

describe('an update made of commuting fields alone', () => {
  it('neither checks nor raises the version', async () => {
    await change(async (p) => {
      await foreign({ $inc: { version: 1 } });
      p.views! += 2;
      p.best = 9;
    });
    expect(world.onlyUpdate.q).toEqual({ _id: id });
    expect(world.onlyUpdate.u).toMatchObject({ $inc: { views: 2 }, $max: { best: 9 } });
    expect(await world.read(Product, id)).toMatchObject({ views: 3, best: 9, version: 8 });
  });

  it('beside another field does both', async () => {
    const error = await errorOf(
      change(async (p) => {
        await foreign({ $inc: { version: 1 } });
        p.views! += 2;
        p.name = 'q';
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'version' });
    await change((p) => {
      p.views! += 2;
      p.name = 'q';
    });
    expect(await world.read(Product, id)).toMatchObject({ views: 3, name: 'q', version: 9 });
  });

  it('that cannot commute is guarded by its own value too: others do not raise the version', async () => {
    const error = await errorOf(
      change(async (p) => {
        await foreign({ $inc: { views: 1 } }); // as another unit of work would
        p.views = 1.5;
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'views' });
    await change((p) => delete p.views);
    expect(await world.read(Product, id)).not.toHaveProperty('views');
  });
});

describe('@Version with concurrency none', () => {
  @Entity({ collection: 'lax', concurrency: 'none' })
  class Lax {
    @Id() id!: ObjectId;
    @Prop() n!: number;
    @Version() version!: number;
    @UpdatedAt() at!: Date;
  }

  it('guards nothing', async () => {
    const lax = await world.stored<ObjectId>(Lax, { n: 1, version: 1 });
    await world.uow.run(async () => {
      const found = await world.repository(Lax).getById(lax);
      await world.raw(Lax).updateOne({ _id: lax }, { $set: { n: 5, version: 2 } });
      world.commands.clear();
      found.n = 2;
    });
    expect(world.onlyUpdate.q).toEqual({ _id: lax });
    expect(await world.read(Lax, lax)).toMatchObject({ n: 2 });
  });
});

describe('expectVersion', () => {
  it('passes for the loaded version, as a number or an ETag', () =>
    change((p) => {
      world.uow.expectVersion(p, 7);
      world.uow.expectVersion(p, '7');
      world.uow.expectVersion(p, '"7"');
      world.uow.expectVersion(p, 'W/"7"');
    }));

  it.each([[6], [8], ['"6"'], ['x'], [Number.NaN], ['']])('conflicts for %p', async (version) => {
    const error = await errorOf(
      change((p) => {
        p.stock = 1;
        world.uow.expectVersion(p, version);
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', status: 409, entity: 'Product', field: 'version' });
    expect(world.writes).toEqual([]);
  });

  it('guards the way to the flush, even of what commutes', async () => {
    const error = await errorOf(
      change(async (p) => {
        world.uow.expectVersion(p, 7);
        await foreign({ $inc: { version: 1 } });
        p.views!++;
      }),
    );
    expect(error).toMatchObject({ code: 'ConcurrentModification', field: 'version' });
    expect(await world.read(Product, id)).toMatchObject({ views: 1 });
  });

  it('needs a version', async () => {
    @Entity({ collection: 'plain' })
    class Plain {
      @Id() id!: ObjectId;
    }
    const plain = await world.stored<ObjectId>(Plain, {});
    await world.uow.run(async () => {
      const found = await world.repository(Plain).getById(plain);
      expect(() => world.uow.expectVersion(found, 1)).toThrow(/has no version/);
    });
  });
});
