import { get } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Body,
  Controller,
  Get,
  Inject,
  Injectable,
  Param,
  Patch,
  Post,
  Req,
  Res,
  StreamableFile,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { catchError, concat, defer, map, NEVER, of, retry } from 'rxjs';
import { InjectRepository, ReadOnly, Repository, UnitOfWork } from '../../../lib/index.js';
import { currentScope } from '../../../lib/unit-of-work/context.js';
import type { Scope } from '../../../lib/unit-of-work/scope.js';
import { until } from '../../support/until.js';
import { outside, PLATFORMS, RunningApp } from './support/app.js';
import { Order } from './support/entities.js';

/** Units of work that tests look at after their end. */
const seen: (Scope | undefined)[] = [];
let attempts = 0;

/** Loads an order in the request's unit of work, as a strategy loads its user. */
@Injectable()
class LoadingGuard implements CanActivate {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  async canActivate(context: ExecutionContext) {
    const http = context
      .switchToHttp()
      .getRequest<{ params: { id: string }; headers: Record<string, string>; order?: Order }>();
    const order = await this.orders.getById(http.params.id);
    seen.push(currentScope());
    http.order = order;
    if (http.headers['x-guard'] === 'edit') order.note = 'by the guard';
    return http.headers['x-guard'] !== 'reject';
  }
}

class Swallow implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(catchError(() => of({ swallowed: true })));
  }
}

class Again implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(
      map((value: unknown) => value),
      retry(2),
    );
  }
}

class TooLate implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(
      map(() => {
        throw new Error('after the flush');
      }),
    );
  }
}

@Controller('orders')
class OrdersController {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
  ) {}

  @Get(':id')
  async read(@Param('id') id: string) {
    const { customer, note } = await this.orders.getById(id);
    return { customer, note };
  }

  @Patch(':id')
  async change(@Param('id') id: string, @Body() body: { note: string; fail?: boolean }) {
    const order = await this.orders.getById(id);
    order.note = body.note;
    seen.push(currentScope());
    if (body.fail) throw new Error('on purpose');
    return { note: order.note };
  }

  @Patch(':id/guarded')
  @UseGuards(LoadingGuard)
  async guarded(@Param('id') id: string, @Req() http: { order: Order }, @Body() body: { qty: number }) {
    const order = await this.orders.getById(id);
    order.qty = body.qty;
    seen.push(currentScope());
    return { same: order === http.order };
  }

  @Post(':id/stream')
  observable(@Param('id') id: string) {
    return concat(
      of(1, 2),
      defer(async () => {
        (await this.orders.getById(id)).note = 'streamed';
        return { last: true };
      }),
    );
  }

  @Get(':id/endless')
  endless(@Param('id') id: string) {
    return concat(
      defer(async () => {
        (await this.orders.getById(id)).note = 'never';
        seen.push(currentScope());
        return 1;
      }),
      NEVER,
    );
  }

  @Get(':id/slow')
  async slow(@Param('id') id: string) {
    const order = await this.orders.getById(id);
    seen.push(currentScope());
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.note = 'after the client has left';
  }

  @Patch(':id/swallowed')
  @UseInterceptors(Swallow)
  async swallowed(@Param('id') id: string) {
    (await this.orders.getById(id)).note = 'before the error';
    throw new Error('on purpose');
  }

  @Patch(':id/passthrough')
  async passthrough(@Param('id') id: string, @Res({ passthrough: true }) response: { status(code: number): unknown }) {
    (await this.orders.getById(id)).note = 'passthrough';
    response.status(202);
    return { accepted: true };
  }

  @Patch(':id/file')
  async file(@Param('id') id: string) {
    (await this.orders.getById(id)).note = 'file';
    return new StreamableFile(Buffer.from('content'));
  }

  @Patch(':id/rolled-back')
  async rolledBack(@Param('id') id: string) {
    (await this.orders.getById(id)).note = 'dropped';
    this.unitOfWork.rollback();
  }

  @ReadOnly()
  @Patch(':id/read-only')
  async readOnly(@Param('id') id: string) {
    this.orders.remove(await this.orders.getById(id));
  }

  @Patch(':id/again')
  async again(@Param('id') id: string) {
    const order = await this.orders.getById(id);
    seen.push(currentScope());
    order.note = `try ${++attempts}`;
    if (attempts < 3) throw new Error('not yet');
    return { attempts };
  }
}

describe.each(PLATFORMS)('requests on %s', (platform) => {
  describe.each(['', 'api/v1'])('with the prefix "%s"', (prefix) => {
    const at = outside();
    let app: RunningApp;
    let id: string;
    const path = (rest = '') => `${prefix && `/${prefix}`}/orders/${id}${rest}`;
    const stored = () => at.collection('orders').findOne({ customer: 'ada' }, { projection: { _id: 0 } });

    beforeAll(async () => {
      app = await RunningApp.start(at, {
        platform,
        entities: [Order],
        controllers: [OrdersController],
        configure: (nest) => {
          if (prefix) nest.setGlobalPrefix(prefix);
        },
      });
    });
    afterAll(async () => {
      await app.stop();
      await at.end();
    });
    beforeEach(async () => {
      await at.collection('orders').deleteMany({});
      id = await at.insert('orders', { customer: 'ada', note: 'old', qty: 1 });
      app.commands.clear();
      seen.length = 0;
      attempts = 0;
    });
    afterEach(() => until(() => seen.every((scope) => scope?.closed)));

    it('a change is one update', async () => {
      await app.http.patch(path()).send({ note: 'new' }).expect(200, { note: 'new' });
      expect(await stored()).toEqual({ customer: 'ada', note: 'new', qty: 1 });
      const [update, ...more] = app.commands.writes();
      expect(more).toEqual([]);
      expect(update?.command.updates[0].u).toEqual({ $set: { note: 'new' } });
      expect(seen[0]?.options.label).toBe(`PATCH ${path()}`);
    });

    it('no change is no write, and a read is none', async () => {
      await app.http.patch(path()).send({ note: 'old' }).expect(200);
      await app.http.get(path()).expect(200, { customer: 'ada', note: 'old' });
      expect(app.commands.writes()).toEqual([]);
    });

    it('a handler that throws sends nothing', async () => {
      await app.http.patch(path()).send({ note: 'new', fail: true }).expect(500);
      expect(app.commands.writes()).toEqual([]);
    });

    it('an unknown id is a 404, and a wrong one a 400', async () => {
      await at.collection('orders').deleteMany({});
      const { body } = await app.http.get(path()).expect(404);
      expect(body).toMatchObject({ statusCode: 404, code: 'EntityNotFound', entity: 'Order', id });
      id = 'nonsense';
      expect((await app.http.get(path()).expect(400)).body).toMatchObject({ code: 'InvalidId' });
    });

    it('a guard shares the unit of work', async () => {
      const { body } = await app.http.patch(path('/guarded')).set('x-guard', 'edit').send({ qty: 2 }).expect(200);
      expect(body).toEqual({ same: true });
      expect(seen[0]).toBe(seen[1]);
      expect(await stored()).toEqual({ customer: 'ada', note: 'by the guard', qty: 2 });
      expect(app.commands.writes()).toHaveLength(1);
      expect(app.commands.named('find', 'aggregate')).toHaveLength(1);
    });

    it('a guard that rejects leaves nothing sent, and its unit of work ends', async () => {
      await app.http.patch(path('/guarded')).set('x-guard', 'reject').send({ qty: 2 }).expect(403);
      expect(app.commands.writes()).toEqual([]);
      await until(() => seen[0]!.closed);
      expect(app.commands.writes()).toEqual([]);
    });

    it('a library error of a guard is answered by its status', async () => {
      await at.collection('orders').deleteMany({});
      const { body } = await app.http.patch(path('/guarded')).send({}).expect(404);
      expect(body).toMatchObject({ code: 'EntityNotFound', remedy: expect.any(String) });
    });

    it('an observable is flushed once, at its end', async () => {
      await app.http.post(path('/stream')).expect(201, { last: true });
      expect(await stored()).toMatchObject({ note: 'streamed' });
      expect(app.commands.writes()).toHaveLength(1);
    });

    it('an observable whose client leaves is dropped', async () => {
      const client = get(`${app.url}${path('/endless')}`, { agent: false }).on('error', () => undefined);
      await until(() => seen.length > 0);
      client.destroy();
      await until(() => seen[0]!.closed);
      expect(app.commands.writes()).toEqual([]);
    });

    it('a promise whose client leaves is written all the same', async () => {
      const client = get(`${app.url}${path('/slow')}`, { agent: false }).on('error', () => undefined);
      await until(() => seen.length > 0);
      client.destroy();
      await until(() => seen[0]!.closed);
      expect(await stored()).toMatchObject({ note: 'after the client has left' });
    });

    it('an inner interceptor that swallows the error lets the flush run', async () => {
      await app.http.patch(path('/swallowed')).expect(200, { swallowed: true });
      expect(await stored()).toMatchObject({ note: 'before the error' });
    });

    it('passthrough and files are flushed before they are answered', async () => {
      await app.http.patch(path('/passthrough')).expect(202, { accepted: true });
      expect(await stored()).toMatchObject({ note: 'passthrough' });
      await app.http.patch(path('/file')).expect(200);
      expect(await stored()).toMatchObject({ note: 'file' });
    });

    it('a rollback in the handler drops its changes', async () => {
      await app.http.patch(path('/rolled-back')).expect(200);
      expect(app.commands.writes()).toEqual([]);
    });

    it('@ReadOnly() makes writes an error', async () => {
      expect((await app.http.patch(path('/read-only')).expect(500)).body).toMatchObject({ code: 'ReadOnlyViolation' });
      expect(app.log.with('error CowModule: Order cannot be written')).not.toHaveLength(0);
      expect(app.commands.writes()).toEqual([]);
    });
  });

  it('an outer interceptor that tries again gets a fresh unit of work', async () => {
    const at = outside();
    const id = await at.insert('orders', { customer: 'ada', note: 'old', qty: 1 });
    attempts = 0;
    seen.length = 0;
    const app = await RunningApp.start(at, {
      platform,
      entities: [Order],
      controllers: [OrdersController],
      providers: [{ provide: APP_INTERCEPTOR, useClass: Again }],
    });
    try {
      await app.http.patch(`/orders/${id}/again`).expect(200, { attempts: 3 });
      expect(new Set(seen).size).toBe(3);
      expect(seen.every((scope) => scope?.closed)).toBe(true);
      expect(app.commands.writes()).toHaveLength(1);
    } finally {
      await app.stop();
      await at.end();
    }
  });

  it('an outer interceptor that fails after the flush answers its error, and takes nothing back', async () => {
    const at = outside();
    const id = await at.insert('orders', { customer: 'ada', note: 'old', qty: 1 });
    const app = await RunningApp.start(at, {
      platform,
      entities: [Order],
      controllers: [OrdersController],
      providers: [{ provide: APP_INTERCEPTOR, useClass: TooLate }],
    });
    try {
      await app.http.patch(`/orders/${id}`).send({ note: 'committed' }).expect(500);
      expect(await at.collection('orders').findOne()).toMatchObject({ note: 'committed' });
      expect(app.commands.writes()).toHaveLength(1);
    } finally {
      await app.stop();
      await at.end();
    }
  });

  it('without the middleware guards are outside, and handlers are not', async () => {
    const at = outside();
    const id = await at.insert('orders', { customer: 'ada', note: 'old', qty: 1 });
    const app = await RunningApp.start(at, {
      platform,
      entities: [Order],
      controllers: [OrdersController],
      cow: { middleware: false },
    });
    try {
      await app.http.patch(`/orders/${id}`).send({ note: 'new' }).expect(200);
      const { body } = await app.http.patch(`/orders/${id}/guarded`).send({}).expect(500);
      expect(body).toMatchObject({ code: 'NoUnitOfWork' });
    } finally {
      await app.stop();
      await at.end();
    }
  });

  it("with flush: 'manual' only what is flushed is written", async () => {
    const at = outside();
    const id = await at.insert('orders', { customer: 'ada', note: 'old', qty: 1 });
    const app = await RunningApp.start(at, {
      platform,
      entities: [Order],
      controllers: [OrdersController],
      cow: { flush: 'manual' },
    });
    try {
      await app.http.patch(`/orders/${id}`).send({ note: 'new' }).expect(200);
      expect(app.commands.writes()).toEqual([]);
    } finally {
      await app.stop();
      await at.end();
    }
  });
});
