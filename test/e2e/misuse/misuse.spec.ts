import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  Body,
  Controller,
  Get,
  Injectable,
  Module,
  Param,
  Patch,
  Post,
  Version as NestVersion,
  type OnModuleInit,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ObjectId, UUID } from 'mongodb';
import {
  CowModule,
  Entity,
  Id,
  InjectRepository,
  Prop,
  ReadOnly,
  Repository,
  UnitOfWork,
  type Filter,
} from '../../../lib/index.js';
import { outside, RunningApp } from '../nest/support/app.js';
import { Log } from '../nest/support/log.js';
import { startStandalone } from '../nest/support/standalone.js';
import { present, settled, write, type Mistake } from './page.js';

@Entity({ collection: 'orders' })
class Order {
  @Id() id!: ObjectId;
  @Prop() customer!: string;
  @Prop() note?: string;
  @Prop() total!: number;
  forgotten?: string;
}

@Injectable()
class OrdersService {
  constructor(@InjectRepository(Order) readonly orders: Repository<Order>) {}
}

/** What a handler left running, and tests wait for. */
let left: Promise<unknown> = Promise.resolve();

@Controller('orders')
class OrdersController {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  @Post('new')
  unadded() {
    return Object.assign(new Order(), { customer: 'Ada' });
  }

  @Post()
  create(@Body() body: object) {
    return this.orders.create(body);
  }

  @Patch(':id/forgotten')
  async forgot(@Param('id') id: string) {
    const order = await this.orders.getById(id);
    order.forgotten = 'x';
    return order;
  }

  @Patch(':id/late')
  async late(@Param('id') id: string) {
    const order = await this.orders.getById(id);
    left = gate.promise.then(() => (order.note = 'late'));
    left.catch(() => undefined);
    return order;
  }

  @Patch(':id/unawaited')
  unawaited(@Param('id') id: string) {
    left = gate.promise.then(async () => {
      const order = await this.orders.getById(id);
      order.note = 'x';
    });
    left.catch(() => undefined);
    return { done: true };
  }

  @Patch(':id/branch')
  async branch(@Param('id') id: string) {
    const slow = gate.promise.then(() => this.orders.getById(id));
    left = slow;
    slow.catch(() => undefined);
    return Promise.all([slow, Promise.reject(new Error('the other one failed'))]);
  }

  @Get(':id')
  @ReadOnly()
  read(@Param('id') id: string) {
    void id;
    return this.orders.create({ customer: 'x' });
  }

  @Get(':id/projected')
  async projected(@Param('id') id: string) {
    const order = await this.orders.getById(id, { fields: ['customer'] });
    order.customer = 'x';
    return order.note;
  }

  @Post('search')
  search(@Body() body: Filter<Order>) {
    return this.orders.find(body);
  }

  @Patch(':id/foreign')
  async foreign(@Param('id') id: string) {
    const order = await new Promise<Order>((resolve, reject) => {
      outsideRun(async () => resolve(await this.orders.getById(id))).catch(reject);
    });
    this.orders.remove(order);
  }

  @Get(':id/other')
  other() {
    return this.orders.getById(new UUID().toString());
  }
}

/** Runs outside the request's context, in a unit of work of its own. */
let outsideRun: (fn: () => Promise<unknown>) => Promise<unknown>;
let gate = makeGate();

/** Opened by a test when the response is there. */
function makeGate() {
  let open!: () => void;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}

@Injectable()
class Seeder implements OnModuleInit {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  async onModuleInit() {
    await this.orders.find();
  }
}

/** `npm run docs:misuse`: what is said goes into the page, in the order of the tests. */
const UPDATES = process.env.UPDATE_DOCS === '1';
const said: Mistake[] = [];
const page = await present();

/** Holds that docs/errors.md shows what is said of a mistake, word for word. */
function saying(what: string, text: string): string {
  const says = settled(text);
  said.push({ what, says });
  if (!UPDATES) expect(page).toContainEqual({ what, says });
  return says;
}

describe('the mistakes of the first hour', () => {
  const at = outside();
  let app: RunningApp;
  let id: string;
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);

  beforeAll(async () => {
    app = await RunningApp.start(at, { entities: [Order], controllers: [OrdersController] });
    const unitOfWork = app.nest.get(UnitOfWork);
    const { AsyncLocalStorage } = await import('node:async_hooks');
    const root = AsyncLocalStorage.snapshot();
    outsideRun = (fn) => root(() => unitOfWork.run(fn));
    id = await at.insert('orders', { customer: 'Ada', note: 'n', total: 1 });
  });
  afterAll(async () => {
    warnings.mockRestore();
    await app.stop();
    await at.end();
    if (UPDATES) await write(said);
  });

  /** The whole text of an answer: what happened and what to do. */
  const textOf = (response: { body: unknown }) => {
    const { message, remedy } = response.body as { message: string; remedy: string };
    return `${message} ${remedy}`;
  };
  const warned = () => String(warnings.mock.calls.at(-1)?.[0]);
  const starting = async (options: Parameters<typeof Test.createTestingModule>[0]) => {
    const error = await Test.createTestingModule(options)
      .setLogger(new Log())
      .compile()
      .then(async (module) => {
        try {
          await module.init();
          return undefined;
        } finally {
          await module.close();
        }
      })
      .catch((thrown: unknown) => thrown as Error);
    return error?.message ?? 'It started.';
  };

  it('forgot forFeature()', async () => {
    @Module({ providers: [OrdersService] })
    class OrdersModule {}
    // A client of its own would stay open: Nest runs no hook when a provider fails.
    const text = await starting({ imports: [CowModule.forRoot({ client: at.client }), OrdersModule] });
    const says = saying('forFeature() was forgotten: start fails', text.split('\n')[0]!);
    expect(says).toContain('Repository<Order>: import CowModule.forFeature([Order]) in this module');
  });

  it('forgot @Prop()', async () => {
    await app.http.patch(`/orders/${id}/forgotten`).expect(200);
    expect(saying('@Prop() was forgotten: a warning when it is assigned', warned())).toBe(
      'Order.forgotten is not declared: it stays in memory and is not stored. Put @Prop() above it if it should be.',
    );
    const response = await app.http.post('/orders/search').send({ forgotten: 'x' }).expect(400);
    expect(saying('@Prop() was forgotten: 400 where a filter names it', textOf(response))).toContain('Order.forgotten');
  });

  it('answered new Order() without add()', async () => {
    await app.http.post('/orders/new').expect(201);
    expect(saying('new Order() was answered and never added: a warning', warned())).toBe(
      'OrdersController.unadded() answered a new Order that is in no unit of work: it is not stored. ' +
        'Make it by repository.create(data), or pass it to repository.add().',
    );
  });

  it('changed an entity after the response', async () => {
    gate = makeGate();
    await app.http.patch(`/orders/${id}/late`).expect(200);
    gate.open();
    const error = await left.then(String, (thrown: Error) => thrown.message);
    expect(saying('An entity was changed after the response', error)).toMatch(
      /^The unit of work has ended, and Order\.note with it\. Await everything .* unitOfWork\.run\(\)\.$/,
    );
  });

  it('awaited nothing', async () => {
    gate = makeGate();
    await app.http.patch(`/orders/${id}/unawaited`).expect(200);
    gate.open();
    const error = await left.then(String, (thrown: Error) => thrown.message);
    expect(saying('The handler awaited nothing', error)).toMatch(/^The unit of work has ended\. Await everything/);
  });

  it('left a branch of Promise.all running', async () => {
    gate = makeGate();
    await app.http.patch(`/orders/${id}/branch`).expect(500);
    gate.open();
    const error = await left.then(String, (thrown: Error) => thrown.message);
    expect(saying('A branch of Promise.all() ran on after another had thrown', error)).toMatch(/Await everything/);
  });

  it('mixed two units of work', async () => {
    const response = await app.http.patch(`/orders/${id}/foreign`).expect(500);
    expect(saying('An entity of another unit of work was used', textOf(response))).toMatch(
      /^This Order .*unit of work.*\. Load it in this unit of work/,
    );
  });

  it("imported Nest's Version", () => {
    const misuse = () => {
      class Account {
        version!: number;
      }
      (NestVersion('1') as PropertyDecorator)(Account.prototype, 'version'); // as `@Version('1') version` calls it
    };
    let says = '';
    try {
      misuse();
    } catch (error) {
      says = (error as Error).message;
    }
    // Nest's own words: it runs before the library does, and TypeScript refuses it (TS1240).
    expect(says).toContain('undefined');
    saying(
      "Version was imported from '@nestjs/common': TypeScript reports TS1240, and Nest throws",
      `${says}\n(Import it from 'nestjs-cow': Nest's is for the version of a route.)`,
    );
  });

  it('passed the id of another class', async () => {
    const other = await app.http.get(`/orders/${id}/other`).expect(400);
    expect(saying('An id of another type was given: 400', textOf(other))).toMatch(/is no valid id of Order\. Give an/);
    const { status, body } = (await app.http.patch(`/orders/${new ObjectId().toHexString()}/late`)) as {
      status: number;
      body: { message: string; remedy: string };
    };
    expect(status).toBe(404);
    saying('An id of another class was given: 404', textOf({ body }));
  });

  it('called a repository in onModuleInit()', async () => {
    const options = { imports: [CowModule.forRoot(at.options), CowModule.forFeature([Order])], providers: [Seeder] };
    expect(saying('A repository was called in onModuleInit(): start fails', await starting(options))).toMatch(
      /^Repository<Order>\.find\(\) was used outside any unit of work\. .*unitOfWork\.run/,
    );
  });

  it('wrote in a @ReadOnly() handler', async () => {
    const response = await app.http.get(`/orders/${id}`).expect(500);
    expect(saying('A @ReadOnly() handler wrote', textOf(response))).toContain('Remove @ReadOnly()');
  });

  it('mistyped an operator', async () => {
    const sent = { total: { $gtt: 5 } };
    const response = await app.http.post('/orders/search').send(sent).expect(400);
    expect(saying('An operator was written as MongoDB’s, or mistyped: 400', textOf(response))).toContain('op.');
  });

  it('saved a DTO with extra keys', async () => {
    const { body } = (await app.http.post('/orders').send({ customer: 'Ada', isAdmin: true }).expect(201)) as {
      body: { id: string };
    };
    expect(await at.collection('orders').findOne({ _id: new ObjectId(body.id) })).not.toHaveProperty('isAdmin');
    expect(saying('create() or assign() was given keys that are not declared: a warning', warned())).toBe(
      'Order.isAdmin is not declared: create() left it out. Put @Prop() above it if it should be stored, or keep it ' +
        'from the data: new ValidationPipe({ whitelist: true }).',
    );
  });

  it('projected, and used more', async () => {
    const response = await app.http.get(`/orders/${id}/projected`).expect(500);
    expect(saying('A field was used that the projection had left out', textOf(response))).toContain(
      'Name the field in the projection',
    );
  });

  it('ran against a standalone server', async () => {
    const { uri, stop } = await startStandalone();
    try {
      const text = await starting({ imports: [CowModule.forRoot({ uri, retryAttempts: 0 })] });
      expect(saying('The server is no replica set: start fails', text)).toContain('mongod --replSet rs0');
    } finally {
      await stop();
    }
  });

  it('gave a wrong password', async () => {
    const uri = at.database.uri.replace('mongodb://', 'mongodb://ada:wrong@');
    const text = await starting({ imports: [CowModule.forRoot({ uri })] });
    expect(saying('The password is wrong: start fails at once', text)).toMatch(
      /Authentication failed\.+ It was not tried again: check user, password and options\.$/,
    );
  });

  it('met an expired certificate', async () => {
    const read = (name: string) => readFile(new URL(`expired/${name}`, import.meta.url));
    const server = createServer({ cert: await read('server.pem'), key: await read('server.key') });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const tlsCAFile = fileURLToPath(new URL('expired/ca.pem', import.meta.url));
      const uri = `mongodb://127.0.0.1:${port}/?tls=true`;
      const options = { uri, clientOptions: { tlsCAFile, serverSelectionTimeoutMS: 2_000 } };
      const text = await starting({ imports: [CowModule.forRoot({ ...options, retryDelay: 10 })] });
      expect(saying('The certificate of the server has expired: start fails at once', text)).toMatch(
        /certificate has expired\. It was not tried again: renew the certificate of the server\.$/,
      );
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('are all of docs/errors.md (npm run docs:misuse writes it)', () => {
    expect(page).toHaveLength(19); // each of which a test holds
    expect(new Set(page.map(({ what }) => what)).size).toBe(19);
  });
});
