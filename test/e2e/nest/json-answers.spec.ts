import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { ClassSerializerInterceptor, Controller, Get, Injectable, type NestInterceptor } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Exclude } from 'class-transformer';
import { Decimal128, Long, ObjectId } from 'mongodb';
import { map, type Observable } from 'rxjs';
import { JsonWriter } from '../../../lib/bson/json/json-writer.js';
import { Embedded, Entity, Id, InjectRepository, Prop, type Repository } from '../../../lib/index.js';
import { outside, PLATFORMS, RunningApp, type AppOptions } from './support/app.js';

@Embedded({ key: 'sku' })
class Line {
  @Prop() sku!: string;
  @Prop() qty!: number;
}

@Entity({ collection: 'orders' })
class Order {
  @Id() id!: ObjectId;
  @Prop() customer!: string;
  @Prop() placedAt!: Date;
  @Prop() price!: Decimal128;
  @Prop({ type: BigInt }) units!: bigint;
  @Prop(() => [Line]) lines!: Line[];
  @Prop({ type: Map, of: Number }) stock!: Map<string, number>;
  @Prop({ name: 'pw' }) @Exclude() secret!: string;
  @Prop({ default: 'open' }) status!: string;
}

@Entity({ collection: 'shown' })
class Shown {
  @Id() id!: ObjectId;
  @Prop() customer!: string;

  toJSON() {
    return { shown: this.customer };
  }
}

@Controller()
class Orders {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(Shown) private readonly shown: Repository<Shown>,
  ) {}

  @Get('all') all() {
    return this.orders.find({}, { sort: { customer: 1 } });
  }

  @Get('page') async page() {
    return { data: await this.all(), total: 2, next: undefined, 'a "name"': [null] };
  }

  @Get('changed') async changed() {
    const [ada, grace] = await this.all();
    ada!.customer = 'Ada "changed" é';
    ada!.lines.push({ sku: 'new', qty: 1 });
    (grace as object as { extra: number }).extra = 5;
    return [ada, grace];
  }

  @Get('none') async none() {
    return [...(await this.orders.find({ customer: 'nobody' })), { n: 1 }];
  }

  @Get('own') own() {
    return this.shown.find({}, { sort: { customer: 1 } });
  }
}

@Injectable()
class Wrapping implements NestInterceptor {
  intercept(_context: unknown, next: { handle(): Observable<unknown> }) {
    return next.handle().pipe(map((data) => ({ wrapped: data })));
  }
}

const at = outside();
const ids = ['6b015e530aefd284d2ac00e1', '6b015e530aefd284d2ac00e2'];

async function store() {
  await at.collection('orders').deleteMany({});
  await at.collection('shown').deleteMany({});
  await at.collection('shown').insertMany([{ customer: 'Ada' }, { customer: 'Grace\n日本' }]);
  await at.collection('orders').insertMany(
    ids.map((id, index) => ({
      _id: new ObjectId(id),
      customer: ['Ada', 'Grace\n日本'][index],
      placedAt: new Date(1_700_000_000_000 + index),
      price: Decimal128.fromString('1.50'),
      units: Long.fromBigInt(2n ** 60n),
      lines: [{ sku: 'a', qty: 1.5, hidden: true }],
      stock: { x: 1 },
      pw: 'secret',
      undeclared: true,
    })),
  );
}

async function withApp(options: AppOptions, use: (app: RunningApp) => Promise<void>) {
  const app = await RunningApp.start(at, { controllers: [Orders], entities: [Order, Shown], ...options });
  try {
    await use(app);
  } finally {
    await app.stop();
  }
}

const order = (index: number) => ({
  id: ids[index],
  customer: ['Ada', 'Grace\n日本'][index],
  placedAt: new Date(1_700_000_000_000 + index).toISOString(),
  price: '1.50',
  units: String(2n ** 60n),
  lines: [{ sku: 'a', qty: 1.5 }],
  stock: { x: 1 },
  secret: 'secret',
  status: 'open',
});

afterAll(() => at.end());

describe.each(PLATFORMS)('entities answered as JSON by %s', (platform) => {
  it('are written from their bytes, and are what JSON.stringify gives', async () => {
    await store();
    const write = jest.spyOn(JsonWriter.prototype, 'write');
    await withApp({ platform }, async ({ http }) => {
      const all = await http.get('/all').expect(200).expect('Content-Type', 'application/json; charset=utf-8');
      expect(all.text).toBe(JSON.stringify([order(0), order(1)]));
      expect(write).toHaveBeenCalled();
      const page = await http.get('/page').expect(200);
      expect(page.text).toBe(JSON.stringify({ data: [order(0), order(1)], total: 2, 'a "name"': [null] }));
    });
    write.mockRestore();
  });

  it('show what the handler changed', async () => {
    await store();
    await withApp({ platform }, async ({ http }) => {
      const { body } = await http.get('/changed').expect(200);
      const lines = [...order(0).lines, { sku: 'new', qty: 1 }];
      expect(body[0]).toEqual({ ...order(0), customer: 'Ada "changed" é', lines });
      expect(body[1]).toMatchObject({ customer: 'Grace\n日本', extra: 5 });
    });
    expect(await at.collection('orders').findOne({ _id: new ObjectId(ids[0]) } as never)).toMatchObject({
      customer: 'Ada "changed" é',
    });
  });

  it('are left to who serialises otherwise', async () => {
    await store();
    const providers = (useClass: new (...args: never[]) => NestInterceptor) => [{ provide: APP_INTERCEPTOR, useClass }];
    await withApp({ platform }, async ({ http }) => {
      expect((await http.get('/own').expect(200)).text).toBe('[{"shown":"Ada"},{"shown":"Grace\\n日本"}]');
      expect((await http.get('/none').expect(200)).text).toBe('[{"n":1}]');
    });
    await withApp({ platform, providers: providers(ClassSerializerInterceptor) }, async ({ http }) => {
      const { body } = await http.get('/all').expect(200);
      expect(body[0]).toMatchObject({ customer: 'Ada', price: '1.50' });
      expect(body[0]).not.toHaveProperty('secret');
    });
    await withApp({ platform, providers: providers(Wrapping) }, async ({ http }) => {
      expect((await http.get('/all').expect(200)).text).toBe(JSON.stringify({ wrapped: [order(0), order(1)] }));
    });
  });

  it('are the same without code generation', async () => {
    await store();
    await withApp({ platform, cow: { codeGeneration: false, rawBatches: false } }, async ({ http }) => {
      expect((await http.get('/all').expect(200)).text).toBe(JSON.stringify([order(0), order(1)]));
    });
    (await import('../../../lib/bson/code-generation.js')).setCodeGeneration(true);
  });
});

describe('settings of Express for JSON', () => {
  it('are respected', async () => {
    await store();
    const configure = (app: { getHttpAdapter(): { getInstance(): { set(name: string, value: unknown): void } } }) =>
      app.getHttpAdapter().getInstance().set('json spaces', 2);
    await withApp({ configure: configure as never }, async ({ http }) => {
      expect((await http.get('/all').expect(200)).text).toBe(JSON.stringify([order(0), order(1)], null, 2));
    });
  });
});
