import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConflictException, Controller, Inject, Injectable, Param, Post, Query } from '@nestjs/common';
import type { Document } from 'mongodb';
import { InjectRepository, Repository, Transactional, UnitOfWork } from '../../../../lib/index.js';
import { Product } from '../../../../sample/products/product.entity.js';
import { useShop } from '../support/shop.js';

type Mode = 'required' | 'nested' | 'new' | 'mandatory' | 'supports' | 'never';

/** A method of each propagation: it changes the price, and throws when it is told to. */
@Injectable()
class Pricer {
  constructor(@InjectRepository(Product) private readonly products: Repository<Product>) {}

  @Transactional({ propagation: 'required' })
  required(throws: boolean) {
    return this.reprice(throws);
  }

  @Transactional({ propagation: 'nested' })
  nested(throws: boolean) {
    return this.reprice(throws);
  }

  @Transactional({ propagation: 'new' })
  new(throws: boolean) {
    return this.reprice(throws);
  }

  @Transactional({ propagation: 'mandatory' })
  mandatory(throws: boolean) {
    return this.reprice(throws);
  }

  @Transactional({ propagation: 'supports' })
  supports(throws: boolean) {
    return this.reprice(throws);
  }

  @Transactional({ propagation: 'never' })
  never(throws: boolean) {
    return this.reprice(throws);
  }

  private async reprice(throws: boolean): Promise<void> {
    const product = await this.products.getOne({ sku: 'T' });
    product.price += 1;
    if (throws) throw new Error('on purpose');
  }
}

@Controller('propagation')
class PropagationController {
  constructor(
    @Inject(Pricer) private readonly pricer: Pricer,
    @InjectRepository(Product) private readonly products: Repository<Product>,
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Changes the name, then calls the method, whose error it may catch; then says what will be written. */
  @Post('inside/:mode')
  async inside(@Param('mode') mode: Mode, @Query('throws') throws?: string, @Query('fails') fails?: string) {
    const product = await this.products.getOne({ sku: 'O' });
    product.name = 'outer';
    let failure: string | undefined;
    try {
      await this.pricer[mode](throws !== undefined);
    } catch (error) {
      failure = (error as { code?: string }).code ?? (error as Error).message;
    }
    const pending = this.unitOfWork.changes().map(({ entity }) => (entity as Product).sku);
    if (fails !== undefined) throw new ConflictException('the request itself fails');
    return { failure, pending: pending.sort() };
  }
}

describe('@Transactional() over HTTP, propagation', () => {
  const shop = useShop({}, { controllers: [PropagationController], providers: [Pricer] });
  const collection = () => shop.db.collection<Document>('products');
  const stored = async () => {
    const [outer, priced] = await Promise.all(['O', 'T'].map((sku) => collection().findOne({ sku })));
    return { name: outer!.name as string, price: priced!.price as number };
  };
  const commits = () => shop.commands.writes().filter(({ name }) => name === 'update' || name === 'commitTransaction');

  /** Where no unit of work is: a server beside the application, such as a worker has for its health. */
  let worker: Server;

  beforeAll(async () => {
    const pricer = shop.app.get(Pricer);
    worker = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://worker');
      const answer = (body: object) => void response.end(JSON.stringify(body));
      Promise.resolve(pathname.slice(1) as Mode)
        .then((mode) => pricer[mode](searchParams.has('throws')))
        .then(
          () => answer({}),
          (error: Error & { code?: string }) => answer({ failure: error.code ?? error.message }),
        );
    });
    worker.keepAliveTimeout = 300_000; // on a slow machine an idle connection would be closed just when it is used again
    worker.listen(0, '127.0.0.1');
    await once(worker, 'listening');
  });

  afterAll(() => {
    worker.closeAllConnections();
    worker.close();
  });

  beforeEach(async () => {
    const common = {
      description: '',
      price: 10,
      stock: 1,
      views: 0,
      version: 1,
      createdAt: new Date(),
      updatedAt: new Date(0),
    };
    await collection().insertMany([
      { ...common, sku: 'O', name: 'old' },
      { ...common, sku: 'T', name: 'T' },
    ]);
    shop.commands.clear();
  });

  afterEach(() => collection().deleteMany({ sku: { $in: ['O', 'T'] } }));

  const inside = (mode: Mode, query = '') => shop.http.post(`/propagation/inside/${mode}${query}`);
  const outside = async (mode: Mode, query = '') => {
    const answer = await fetch(`http://127.0.0.1:${(worker.address() as AddressInfo).port}/${mode}${query}`);
    return answer.json();
  };

  describe('inside a unit of work', () => {
    it.each(['required', 'nested', 'mandatory', 'supports'] as const)(
      '%s: written with it, in one transaction',
      async (mode) => {
        const { body } = await inside(mode).expect(201);
        expect(body).toEqual({ pending: ['O', 'T'] });
        expect(await stored()).toEqual({ name: 'outer', price: 11 });
        expect(shop.commands.named('commitTransaction')).toHaveLength(1);
      },
    );

    it('new: written by itself, before it and whatever becomes of it', async () => {
      const { body } = await inside('new').expect(201);
      expect(body).toEqual({ pending: ['O'] });
      expect(await stored()).toEqual({ name: 'outer', price: 11 });
      expect(commits().map(({ name }) => name)).toEqual(['update', 'update']);
      await collection().updateOne({ sku: 'O' }, { $set: { name: 'old' } });
      await inside('new', '?fails').expect(409);
      expect(await stored()).toEqual({ name: 'old', price: 12 });
    });

    it('never: an error, and the unit of work goes on', async () => {
      const { body } = await inside('never').expect(201);
      expect(body).toEqual({ failure: 'UnexpectedUnitOfWork', pending: ['O'] });
      expect(await stored()).toEqual({ name: 'outer', price: 10 });
    });

    it.each(['nested', 'new'] as const)('%s, thrown and caught: nothing of the method remains', async (mode) => {
      const { body } = await inside(mode, '?throws').expect(201);
      expect(body).toEqual({ failure: 'on purpose', pending: ['O'] });
      expect(await stored()).toEqual({ name: 'outer', price: 10 });
      expect(commits().map(({ name }) => name)).toEqual(['update']);
    });

    it.each(['required', 'mandatory', 'supports'] as const)(
      '%s, thrown and caught: it had joined, and is no savepoint',
      async (mode) => {
        const { body } = await inside(mode, '?throws').expect(201);
        expect(body).toEqual({ failure: 'on purpose', pending: ['O', 'T'] });
        expect(await stored()).toEqual({ name: 'outer', price: 11 });
      },
    );

    it.each(['required', 'nested', 'mandatory', 'supports'] as const)(
      '%s: nothing remains of a request that fails',
      async (mode) => {
        await inside(mode, '?fails').expect(409);
        expect(await stored()).toEqual({ name: 'old', price: 10 });
        expect(shop.commands.writes()).toEqual([]);
      },
    );
  });

  describe('outside of any', () => {
    it.each(['required', 'nested', 'new'] as const)('%s: opens one, and writes it at its end', async (mode) => {
      expect(await outside(mode)).toEqual({});
      expect((await stored()).price).toBe(11);
      expect(commits().map(({ name }) => name)).toEqual(['update']);
    });

    it.each(['required', 'nested', 'new'] as const)('%s, thrown: nothing is written', async (mode) => {
      expect(await outside(mode, '?throws')).toEqual({ failure: 'on purpose' });
      expect((await stored()).price).toBe(10);
      expect(shop.commands.writes()).toEqual([]);
    });

    it('mandatory: an error that says so', async () => {
      expect(await outside('mandatory')).toEqual({ failure: 'NoUnitOfWork' });
    });

    it.each(['supports', 'never'] as const)(
      '%s: runs without, where a repository has nothing to work on',
      async (mode) => {
        expect(await outside(mode)).toEqual({ failure: 'NoUnitOfWork' });
        expect((await stored()).price).toBe(10);
      },
    );
  });
});
