import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Injectable, Param, Patch, SetMetadata, type OnModuleInit } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { InjectRepository, Repository, Transactional, UnitOfWork } from '../../../lib/index.js';
import { outside, PLATFORMS, RunningApp } from './support/app.js';
import { Order } from './support/entities.js';

/** Like `@Cron()` or `@OnEvent()`: metadata on the method, which an explorer of its package finds and calls. */
const OnTick = (name: string) => SetMetadata('test:tick', name);

@Injectable()
class Ticker implements OnModuleInit {
  private readonly listeners = new Map<string, () => unknown>();

  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit() {
    for (const { instance } of this.discovery.getProviders() as { instance?: Record<string, () => unknown> }[]) {
      if (!instance || typeof instance !== 'object') continue;
      for (const method of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object)) {
        const name = Reflect.getMetadata('test:tick', instance[method]!) as string | undefined;
        if (name !== undefined) this.listeners.set(name, () => instance[method]!.call(instance));
      }
    }
  }

  async tick(name: string) {
    return this.listeners.get(name)!();
  }
}

let meanwhile: (attempt: number) => Promise<unknown> = async () => undefined;

@Injectable()
class Jobs {
  attempts = 0;

  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  @Transactional()
  @OnTick('above')
  async above() {
    for (const order of await this.orders.find()) order.note = 'above';
  }

  @OnTick('below')
  @Transactional()
  async below() {
    for (const order of await this.orders.find()) order.note = 'below';
  }

  @OnTick('without')
  async without() {
    return this.orders.find();
  }

  @OnTick('failing')
  @Transactional()
  async failing() {
    for (const order of await this.orders.find()) order.note = 'failing';
    throw new Error('on purpose');
  }

  @Transactional()
  async join(id: string) {
    const order = await this.orders.getById(id);
    order.note = 'joined';
    return order;
  }

  @Transactional({ propagation: 'new' })
  async audit(id: string) {
    (await this.orders.getById(id)).note = 'audited';
  }

  @Transactional({ retries: 3 })
  async increment(id: string) {
    const order = await this.orders.getById(id);
    await meanwhile(++this.attempts);
    order.qty++;
    return order.qty;
  }
}

@Controller('jobs/:id')
class JobsController {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @InjectRepository(Order) private readonly orders: Repository<Order>,
  ) {}

  @Patch('join')
  async join(@Param('id') id: string) {
    const order = await this.jobs.join(id);
    return { same: order === (await this.orders.getById(id)) };
  }

  @Patch('audit')
  async audit(@Param('id') id: string) {
    await this.jobs.audit(id);
    throw new Error('on purpose');
  }

  @Transactional({ retries: 2 })
  @Patch('retried')
  async above(@Param('id') id: string) {
    return { qty: await this.change(id) };
  }

  @Get('retried')
  @Transactional({ retries: 2 })
  async below(@Param('id') id: string) {
    return { qty: await this.change(id) };
  }

  private async change(id: string) {
    const order = await this.orders.getById(id);
    await meanwhile(++this.jobs.attempts);
    return ++order.qty;
  }
}

describe('@Transactional()', () => {
  const at = outside();
  let id: string;
  const stored = () => at.collection('orders').findOne({}, { projection: { _id: 0 } });
  const increment = () => at.collection('orders').updateOne({}, { $inc: { qty: 10 } });

  beforeEach(async () => {
    await at.collection('orders').deleteMany({});
    id = await at.insert('orders', { note: 'old', qty: 1 });
    meanwhile = async () => undefined;
  });
  afterAll(() => at.end());

  describe.each(PLATFORMS)('on %s', (platform) => {
    let app: RunningApp;
    beforeAll(async () => {
      app = await RunningApp.start(at, {
        platform,
        entities: [Order],
        imports: [DiscoveryModule],
        controllers: [JobsController],
        providers: [Jobs, Ticker],
      });
    });
    beforeEach(() => {
      app.commands.clear();
      app.nest.get(Jobs).attempts = 0;
    });
    afterAll(() => app.stop());

    it.each(['above', 'below'])('a job with it %s has a unit of work', async (name) => {
      await app.nest.get(Ticker).tick(name);
      expect(await stored()).toEqual({ note: name, qty: 1 });
      expect(app.log.with(`Jobs.${name} → orders.updateOne { $set: { note } }`)).toHaveLength(1);
    });

    it('a job without it is told what to use', async () => {
      await expect(app.nest.get(Ticker).tick('without')).rejects.toThrow(/@Transactional\(\)/);
    });

    it('a job that throws sends nothing', async () => {
      await expect(app.nest.get(Ticker).tick('failing')).rejects.toThrow('on purpose');
      expect(app.commands.writes()).toEqual([]);
    });

    it('joins the unit of work of the request', async () => {
      await app.http.patch(`/jobs/${id}/join`).expect(200, { same: true });
      expect(app.commands.writes()).toHaveLength(1);
      expect(await stored()).toMatchObject({ note: 'joined' });
    });

    it('of its own is written whatever becomes of the request', async () => {
      await app.http.patch(`/jobs/${id}/audit`).expect(500);
      expect(await stored()).toMatchObject({ note: 'audited' });
    });

    it('runs again after a conflict, and so loses nothing', async () => {
      meanwhile = async (attempt) => attempt < 3 && increment();
      expect(await app.nest.get(Jobs).increment(id)).toBe(22);
      expect(await stored()).toMatchObject({ qty: 22 });
    });

    it('gives up in the end', async () => {
      meanwhile = increment;
      await expect(app.nest.get(Jobs).increment(id)).rejects.toMatchObject({ code: 'ConcurrentModification' });
      expect(app.nest.get(Jobs).attempts).toBe(4);
      expect(await stored()).toMatchObject({ qty: 41 });
    });

    it.each(['patch', 'get'] as const)('stands on handlers, above or below the route (%s)', async (method) => {
      meanwhile = async (attempt) => attempt === 1 && increment();
      await app.http[method](`/jobs/${id}/retried`).expect(200, { qty: 12 });
      meanwhile = increment;
      const { body } = await app.http[method](`/jobs/${id}/retried`).expect(409);
      expect(body).toMatchObject({ code: 'ConcurrentModification', entity: 'Order' });
    });

    it('leaves the rest to unitOfWork.run()', async () => {
      const orders = app.nest.get(Jobs);
      await app.nest.get(UnitOfWork).run(async () => {
        await orders.join(id);
        expect(app.commands.writes()).toEqual([]);
      });
      expect(await stored()).toMatchObject({ note: 'joined' });
    });
  });
});
