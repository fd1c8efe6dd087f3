import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ClassSerializerInterceptor,
  Controller,
  Get,
  Module,
  Param,
  Patch,
  UseInterceptors,
  type INestApplication,
  type Provider,
} from '@nestjs/common';
import { APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { Exclude, Expose } from 'class-transformer';
import { Binary, Decimal128, Long, ObjectId, UUID } from 'mongodb';
import {
  Embedded,
  Entity,
  Id,
  InjectRepository,
  Prop,
  ReadOnly,
  Repository,
  UpdatedAt,
  Version,
  type ClassType,
} from '../../../lib/index.js';
import { outside, PLATFORMS, RunningApp } from '../nest/support/app.js';

@Embedded()
class Part {
  @Prop() at!: Date;
  @Prop() price!: Decimal128;
  @Exclude() @Prop() cost?: number;
}

@Entity({ collection: 'everything' })
class Everything {
  @Id() id!: ObjectId;
  @Prop() string!: string;
  @Prop() date!: Date;
  @Prop() decimal!: Decimal128;
  @Prop() bigint!: bigint;
  @Prop() long!: Long;
  @Prop() binary!: Binary;
  @Prop() buffer!: Buffer;
  @Prop() uuid!: UUID;
  @Prop() regexp!: RegExp;
  @Prop({ type: Object }) free: unknown;
  @Prop({ type: Set, of: ObjectId }) owners!: Set<ObjectId>;
  @Prop({ type: Map, of: BigInt }) stock!: Map<string, bigint>;
  @Prop({ type: Map, of: Part }) parts!: Map<string, Part>;
  @Prop() part!: Part;
  @Prop(() => [Part]) list!: Part[];
  @Prop(() => [[Date]]) dates!: Date[][];
  @Exclude() @Prop() secret?: string;
  @Prop({ nullable: true }) note?: string;
  @Version() version!: number;
  @UpdatedAt() updatedAt!: Date;

  @Expose() get shout(): string {
    return this.string.toUpperCase();
  }
}

const id = new ObjectId('507f1f77bcf86cd799439011');
const uuid = new UUID('00112233-4455-4677-8899-aabbccddeeff');
const at = new Date('2026-01-02T03:04:05.678Z');
const part = { at, price: Decimal128.fromString('9.90') };
const PART = { at: at.toISOString(), price: '9.90' };

const STORED = {
  _id: id,
  ...{ string: 'é', date: at, decimal: Decimal128.fromString('1.50'), bigint: Long.fromBigInt(2n ** 60n) },
  ...{
    long: Long.fromBigInt(-(2n ** 60n)),
    binary: new Binary(Buffer.from('abc'), 5),
    buffer: Buffer.from([255, 254]),
  },
  ...{ uuid, regexp: /a\/b/i, free: { id, deep: [Long.fromBigInt(2n ** 60n), { at }] }, owners: [id] },
  ...{ stock: { graz: Long.fromNumber(4) }, parts: { lid: part }, part, list: [part], dates: [[at]], note: null },
  ...{ version: 1, updatedAt: at },
};

const JSON_FORM = {
  id: id.toHexString(),
  ...{ string: 'é', date: at.toISOString(), decimal: '1.50', bigint: '1152921504606846976' },
  ...{ long: '-1152921504606846976', binary: 'YWJj', buffer: '//4=', uuid: uuid.toHexString(), regexp: '/a\\/b/i' },
  free: { id: id.toHexString(), deep: ['1152921504606846976', { at: at.toISOString() }] },
  owners: [id.toHexString()],
  ...{ stock: { graz: '4' }, parts: { lid: PART }, part: PART, list: [PART], dates: [[at.toISOString()]], note: null },
  ...{ version: 1, updatedAt: at.toISOString() },
};

function controller(decorators: readonly ClassDecorator[], methods: readonly MethodDecorator[]): ClassType {
  @Controller('everything')
  class EverythingController {
    constructor(@InjectRepository(Everything) private readonly all: Repository<Everything>) {}

    @Get('list')
    list() {
      return this.all.find();
    }

    @Get('wrapped')
    async wrapped() {
      return { items: await this.all.find(), total: 1 };
    }

    @Get('untracked')
    @ReadOnly()
    untracked() {
      return this.all.find();
    }

    @Get(':id')
    read(@Param('id') given: string) {
      return this.all.getById(given);
    }

    @Patch(':id')
    async change(@Param('id') given: string) {
      const one = await this.all.getById(given);
      one.string += '!';
      return one;
    }
  }
  for (const decorate of decorators) decorate(EverythingController);
  const { prototype } = EverythingController;
  for (const name of ['list', 'wrapped', 'untracked', 'read', 'change']) {
    for (const decorate of methods) decorate(prototype, name, Object.getOwnPropertyDescriptor(prototype, name)!);
  }
  return EverythingController;
}

interface Way {
  readonly name: string;
  readonly providers?: Provider[];
  readonly imports?: ClassType[];
  readonly decorators?: ClassDecorator[];
  readonly methods?: MethodDecorator[];
  readonly configure?: (app: INestApplication) => void;
  /** Does it serialise before the flush, so that a warning is due? */
  readonly early?: true;
  readonly serializer: boolean;
}

const provided: Provider = { provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor };
@Module({ providers: [provided] })
class SerializerModule {}

const WAYS: Way[] = [
  { name: 'no serializer', serializer: false },
  { name: 'APP_INTERCEPTOR of the root module', serializer: true, providers: [provided] },
  { name: 'APP_INTERCEPTOR of an imported module', serializer: true, imports: [SerializerModule], early: true },
  {
    name: 'app.useGlobalInterceptors()',
    serializer: true,
    configure: (app) => app.useGlobalInterceptors(new ClassSerializerInterceptor(app.get(Reflector))),
    early: true,
  },
  {
    name: '@UseInterceptors() of the controller',
    serializer: true,
    decorators: [UseInterceptors(ClassSerializerInterceptor)],
    early: true,
  },
  {
    name: '@UseInterceptors() of the handlers',
    serializer: true,
    methods: [UseInterceptors(ClassSerializerInterceptor)],
    early: true,
  },
];

describe.each(WAYS)('answers with $name', (way) => {
  const { providers = [], imports = [], decorators = [], methods = [], configure } = way;
  const place = outside();
  afterAll(() => place.end());

  describe.each(PLATFORMS)('on %s', (platform) => {
    let app: RunningApp;
    beforeEach(async () => {
      await place.collection('everything').deleteMany({});
      await place.collection('everything').insertOne({ ...STORED, secret: 's' });
    });
    beforeAll(async () => {
      app = await RunningApp.start(place, {
        platform,
        entities: [Everything],
        controllers: [controller(decorators, methods) as never],
        providers,
        imports: imports as never[],
        ...(configure && { configure }),
      });
    });
    afterAll(() => app.stop());

    /** With class-transformer's decorators heard, or not. */
    const form = way.serializer ? { ...JSON_FORM, shout: 'É' } : { ...JSON_FORM, secret: 's' };

    it('are the documented JSON form of each type', async () => {
      expect((await app.http.get(`/everything/${id.toHexString()}`).expect(200)).body).toEqual(form);
      expect((await app.http.get('/everything/list').expect(200)).body).toEqual([form]);
      expect((await app.http.get('/everything/untracked').expect(200)).body).toEqual([form]);
    });

    it('are that inside of other objects, too', async () => {
      const { body } = (await app.http.get('/everything/wrapped').expect(200)) as { body: unknown };
      expect(body).toEqual({ items: [form], total: 1 });
    });

    it(
      way.early ? 'lack what the flush writes, and a warning at start says so' : 'hold what the flush wrote',
      async () => {
        const { body } = (await app.http.patch(`/everything/${id.toHexString()}`).expect(200)) as {
          body: { version: number; updatedAt: string };
        };
        expect(body.version).toBe(way.early ? 1 : 2);
        expect(body.updatedAt > at.toISOString()).toBe(!way.early);
        expect(app.log.with('ClassSerializerInterceptor')).toHaveLength(way.early ? 1 : 0);
      },
    );
  });
});
