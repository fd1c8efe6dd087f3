import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Body,
  Catch,
  ClassSerializerInterceptor,
  Controller,
  Get,
  HttpException,
  Param,
  Patch,
  Post,
  Sse,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { IsEmail } from 'class-validator';
import { defer, of } from 'rxjs';
import { ObjectId } from 'mongodb';
import {
  CowError,
  Entity,
  Id,
  InjectRepository,
  ParseObjectIdPipe,
  Prop,
  Repository,
  UnitOfWork,
} from '../../../lib/index.js';
import { outside, PLATFORMS, RunningApp } from './support/app.js';
import { Account, Order } from './support/entities.js';

@Entity({ collection: 'customers' })
class Customer {
  @Id() id!: ObjectId;
  @Prop() @IsEmail() email!: string;
}

/** What a handler waits for before it returns, so that others can write meanwhile. */
let meanwhile: () => Promise<unknown> = async () => undefined;

@Controller()
class Shop {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(Account) private readonly accounts: Repository<Account>,
    @InjectRepository(Customer) private readonly customers: Repository<Customer>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  @Patch('orders/:id')
  async change(@Param('id', ParseObjectIdPipe) id: ObjectId, @Body() body: { note: string }) {
    const order = await this.orders.getById(id);
    order.note = body.note;
    await meanwhile();
    return order;
  }

  @Post('accounts')
  open(@Body() body: { email: string }) {
    return this.accounts.create(body);
  }

  @Post('customers')
  register(@Body() body: { email: string }) {
    return this.customers.create(body);
  }

  @Get('unavailable')
  unavailable() {
    throw new CowError('StoreUnavailable');
  }

  @Get('unknown')
  unknown() {
    throw new CowError('FlushOutcomeUnknown', { flushId: 'f1' });
  }

  @Sse('events/:id')
  events(@Param('id') id: string) {
    return defer(async () => {
      (await this.orders.getById(id)).note = 'streamed';
      await meanwhile();
      await this.unitOfWork.flush();
      return { data: 'changed' };
    });
  }
}

/** An application's own filter for everything, as many have one. */
@Catch()
class CatchAll implements ExceptionFilter {
  static seen: unknown;
  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost) {
    CatchAll.seen = error;
    const status = error instanceof HttpException ? error.getStatus() : 500;
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), { mine: true }, status);
  }
}

describe.each(PLATFORMS)('errors on %s', (platform) => {
  const at = outside();
  let app: RunningApp;
  let id: string;
  const others = (note: string) => async () => at.collection('orders').updateMany({}, { $set: { note } });

  beforeAll(async () => {
    app = await RunningApp.start(at, { platform, entities: [Order, Account, Customer], controllers: [Shop] });
  });
  afterAll(async () => {
    await app.stop();
    await at.end();
  });
  beforeEach(async () => {
    meanwhile = async () => undefined;
    await at.collection('orders').deleteMany({});
    id = await at.insert('orders', { customer: 'ada', note: 'old', qty: 1 });
    app.commands.clear();
  });

  it('a conflict is a 409 that names entity and field, and no value', async () => {
    meanwhile = others('theirs-secret');
    const { body, text } = await app.http.patch(`/orders/${id}`).send({ note: 'ours-secret' }).expect(409);
    expect(body).toMatchObject({ statusCode: 409, code: 'ConcurrentModification', entity: 'Order', id, field: 'note' });
    expect(text).not.toContain('secret');
    expect(await at.collection('orders').findOne()).toMatchObject({ note: 'theirs-secret' });
  });

  it('a duplicate is a 409', async () => {
    await app.http.post('/accounts').send({ email: 'a@b.c' }).expect(201);
    const { body, text } = await app.http.post('/accounts').send({ email: 'a@b.c' }).expect(409);
    expect(body).toMatchObject({ code: 'DuplicateKey', entity: 'Account', field: 'email' });
    expect(text).not.toContain('a@b.c');
  });

  it('what is invalid is a 400 that lists it, and nothing is sent', async () => {
    const { body } = await app.http.post('/customers').send({ email: 'nonsense' }).expect(400);
    expect(body).toMatchObject({
      code: 'ValidationFailed',
      issues: [{ entity: 'Customer', field: 'email', constraints: { isEmail: expect.any(String) } }],
    });
    expect(app.commands.writes()).toEqual([]);
  });

  it('an id that is none is a 400', async () => {
    const { body } = await app.http.patch('/orders/42').send({}).expect(400);
    expect(body).toMatchObject({ code: 'InvalidId', message: expect.stringContaining('"id"') });
  });

  it('says when to try again, unless the outcome is unknown', async () => {
    const unavailable = await app.http.get('/unavailable').expect(503);
    expect(unavailable.headers['retry-after']).toBe('1');
    const unknown = await app.http.get('/unknown').expect(503);
    expect(unknown.headers).not.toHaveProperty('retry-after');
    expect(unknown.body).toMatchObject({ code: 'FlushOutcomeUnknown', flushId: 'f1' });
    expect(app.log.with('error CowModule: The connection was lost')).toHaveLength(1);
  });

  it('server-sent events report what their own flush does', async () => {
    const fine = await app.http.get(`/events/${id}`).expect(200);
    expect(fine.text).toContain('data: changed');
    expect(await at.collection('orders').findOne()).toMatchObject({ note: 'streamed' });
    await at.collection('orders').updateMany({}, { $set: { note: 'old' } });
    meanwhile = others('theirs');
    const { text } = await app.http.get(`/events/${id}`).expect(200);
    expect(text).toContain('event: error');
    expect(text).not.toContain('data: changed');
    expect(await at.collection('orders').findOne()).toMatchObject({ note: 'theirs' });
  });

  it('stand whatever filters the application has', async () => {
    const own = await RunningApp.start(at, {
      platform,
      entities: [Order, Account, Customer],
      controllers: [Shop],
      configure: (nest) => nest.useGlobalFilters(new CatchAll(nest.get(HttpAdapterHost))),
    });
    meanwhile = others('theirs');
    await own.http.patch(`/orders/${id}`).send({ note: 'ours' }).expect(409, { mine: true });
    expect(CatchAll.seen).toMatchObject({ code: 'ConcurrentModification', cause: { entity: 'Order', field: 'note' } });
    await own.stop();
  });
});

describe('a serializer', () => {
  const at = outside();
  afterAll(() => at.end());

  it('that runs before the flush is warned of', async () => {
    const app = await RunningApp.start(at, {
      configure: (nest) => nest.useGlobalInterceptors(new ClassSerializerInterceptor(nest.get(Reflector))),
    });
    expect(app.log.with('warn CowModule: ClassSerializerInterceptor')).toHaveLength(1);
    await app.stop();
  });

  it('elsewhere is not', async () => {
    const app = await RunningApp.start(at, {
      configure: (nest) => nest.useGlobalInterceptors({ intercept: (_context, next) => next.handle() ?? of() }),
    });
    expect(app.log.with('ClassSerializerInterceptor')).toEqual([]);
    await app.stop();
  });
});
