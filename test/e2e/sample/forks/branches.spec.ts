import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConflictException, Controller, Get, Inject, Injectable, Param, Post } from '@nestjs/common';
import { ObjectId, type Document } from 'mongodb';
import { InjectRepository, op, ParseObjectIdPipe, Repository, UnitOfWork } from '../../../../lib/index.js';
import { Product } from '../../../../sample/products/product.entity.js';
import { barrier } from '../support/barrier.js';
import { useShop } from '../support/shop.js';

/** Branches that meet at each step: whatever one does, the others look at it before anyone goes on. */
@Injectable()
class Branching {
  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
  ) {}

  /** One adds, one changes, one removes, and one reads and iterates; answers what the reader saw at each step. */
  async mixed(failing: boolean): Promise<{ seen: string[][]; after: string[] }> {
    await this.all();
    const meet = barriers(4, 3);
    const seen: string[][] = [];
    await this.unitOfWork.branches(
      [
        async () => {
          await meet[0]!();
          this.products.create(productData('added'));
          await meet[1]!();
          seen.push(['adder', ...(await this.shown())]);
          await meet[2]!();
        },
        async () => {
          const own = await this.all();
          await meet[0]!();
          for (const product of own) product.name = `${product.name} (changed)`;
          await meet[1]!();
          seen.push(['changer', ...(await this.shown())]);
          await meet[2]!();
        },
        async () => {
          const [first] = await this.all();
          await meet[0]!();
          this.products.remove(first!);
          await meet[1]!();
          seen.push(['remover', ...(await this.shown())]);
          await meet[2]!();
          if (failing) throw new ConflictException('on purpose');
        },
        async () => {
          const own = await this.all();
          const names: string[] = [];
          for (const product of own) {
            if (names.length === 1) await meet[0]!(); // the others go to work in the middle of this loop
            if (names.length === 2) await meet[1]!();
            names.push(product.name);
          }
          await meet[2]!();
          seen.push(['reader', ...names]);
        },
      ],
      { onConflict: ({ theirs }) => theirs },
    ); // edit against removal
    return { seen, after: await this.shown() };
  }

  private all(): Promise<Product[]> {
    return this.products.find({ sku: op.in(['A', 'B', 'C']) }, { sort: { sku: 1 } });
  }

  /** What this branch would write, and what it reads. */
  private async shown(): Promise<string[]> {
    const changes = this.unitOfWork.changes().map(({ entity, kind }) => `${kind} ${(entity as Product).name}`);
    return [...(await this.all()).map(({ name }) => name), ...changes.sort()];
  }
}

function barriers(parties: number, count: number): (() => Promise<void>)[] {
  return Array.from({ length: count }, () => barrier(parties));
}

function productData(sku: string) {
  return { sku, name: sku, description: '', price: 1, stock: 1, views: 0 };
}

@Controller('branching')
class BranchingController {
  constructor(
    @Inject(Branching) private readonly branching: Branching,
    @InjectRepository(Product) private readonly products: Repository<Product>,
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
  ) {}

  @Post('mixed')
  mixed() {
    return this.branching.mixed(false);
  }

  @Post('failing')
  failing() {
    return this.branching.mixed(true);
  }

  @Post('failing-caught')
  async caught() {
    const [, b] = await this.products.find({ sku: op.in(['A', 'B', 'C']) }, { sort: { sku: 1 } });
    b!.name = 'before the branches';
    const failure = await this.branching.mixed(true).catch((error: Error) => error.message);
    b!.price = 22;
    return { failure, changed: this.unitOfWork.changes().length };
  }

  /** 64 branches at once: each adds to a counter, and takes elements of a shared list. */
  @Post('many/:id')
  async many(@Param('id', ParseObjectIdPipe) id: ObjectId) {
    const branches = Array.from({ length: 64 }, (_, nth) => async () => {
      const product = await this.products.getById(id);
      product.views += nth;
      const added = this.products.create(productData(`many-${String(nth).padStart(2, '0')}`));
      if (nth % 2 === 1) this.products.remove(added);
      return product.views;
    });
    return this.unitOfWork.branches(branches);
  }

  @Get('reading')
  async reading() {
    const read = () => this.products.find({ sku: op.in(['A', 'B', 'C']) });
    const found = await this.unitOfWork.branches([read, read, read]);
    return found.map((products) => products.length);
  }
}

describe('branches over HTTP', () => {
  const shop = useShop({}, { controllers: [BranchingController], providers: [Branching] });
  const collection = () => shop.db.collection<Document>('products');
  let before: Document[];

  beforeEach(async () => {
    await collection().insertMany(
      ['A', 'B', 'C'].map((sku) => ({
        ...productData(sku),
        version: 1,
        createdAt: new Date(),
        updatedAt: new Date(0),
      })),
    );
    before = await collection()
      .find({ sku: { $in: ['A', 'B', 'C', 'added'] } })
      .sort({ sku: 1 })
      .toArray();
  });

  afterEach(() => collection().deleteMany({ $or: [{ sku: { $in: ['A', 'B', 'C', 'added'] } }, { sku: /^many-/ }] }));

  it('add, change and remove while siblings read and iterate: none sees another, all of it is committed', async () => {
    const call = shop.http.post('/branching/mixed').expect(201);
    const writes = await shop.writesOf(call);
    const { seen, after } = (await call).body as { seen: string[][]; after: string[] };
    expect(Object.fromEntries(seen.map(([who, ...what]) => [who, what]))).toEqual({
      adder: ['A', 'B', 'C', 'new added'],
      changer: [
        ...['A (changed)', 'B (changed)', 'C (changed)'],
        ...['changed A (changed)', 'changed B (changed)', 'changed C (changed)'],
      ],
      remover: ['B', 'C', expect.stringMatching(/^removed /)],
      reader: ['A', 'B', 'C'],
    });
    expect(after.filter((text) => !/^(new|changed|removed) /.test(text))).toEqual(['B (changed)', 'C (changed)']);
    const stored = await collection()
      .find({ sku: { $in: ['A', 'B', 'C', 'added'] } })
      .sort({ sku: 1 })
      .toArray();
    expect(stored.map(({ sku, name, version }) => [sku, name, version])).toEqual([
      ['B', 'B (changed)', 2],
      ['C', 'C (changed)', 2],
      ['added', 'added', 1],
    ]);
    expect(writes.filter(({ name }) => name === 'commitTransaction')).toHaveLength(1); // one transaction for all
  });

  it('leave nothing behind when one throws, whatever the others did', async () => {
    const call = shop.http.post('/branching/failing').expect(409);
    expect(await shop.writesOf(call)).toEqual([]);
    expect(
      await collection()
        .find({ sku: { $in: ['A', 'B', 'C', 'added'] } })
        .sort({ sku: 1 })
        .toArray(),
    ).toEqual(before);
  });

  it('that failed leave the unit of work as it was before them, and usable', async () => {
    const call = shop.http.post('/branching/failing-caught').expect(201);
    const writes = await shop.writesOf(call);
    expect((await call).body).toEqual({ failure: 'on purpose', changed: 1 });
    expect(writes.map(({ name }) => name)).toEqual(['update']);
    expect(writes[0]!.command.updates[0].u.$set).toEqual({ name: 'before the branches', price: 22 });
    expect(await collection().countDocuments({ sku: 'added' })).toBe(0);
  });

  it('64 at once: each sees only itself, sums add up, and what was added and removed again was never sent', async () => {
    const [{ _id }] = before as [Document];
    const call = shop.http.post(`/branching/many/${_id}`).expect(201);
    const writes = await shop.writesOf(call);
    const reads = shop.commands.named('find').filter(({ command }) => command.find === 'products');
    expect(reads.filter(({ command }) => command.txnNumber === undefined)).toHaveLength(1); // all ask in one tick
    expect((await call).body).toEqual(Array.from({ length: 64 }, (_, nth) => nth));
    expect(await collection().findOne({ _id })).toMatchObject({ views: (63 * 64) / 2, version: 1 });
    expect(await collection().countDocuments({ sku: /^many-/ })).toBe(32);
    const sent = writes.flatMap(({ command }) => command.documents ?? []) as Document[];
    expect(sent).toHaveLength(32);
  });

  it('that only read send nothing', async () => {
    const call = shop.http.get('/branching/reading').expect(200);
    expect(await shop.writesOf(call)).toEqual([]);
    expect((await call).body).toEqual([3, 3, 3]);
  });
});
