import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { Binary, Decimal128, Long, ObjectId, UUID } from 'mongodb';
import { getRepositoryToken, InjectRepository, Repository, type EntityData } from '../../../lib/index.js';
import { createDocument } from '../../../lib/swagger/index.js';
import { outside, PLATFORMS, RunningApp } from '../nest/support/app.js';
import { Address, Card, Everything, Geo, Pick, Search, Status, Transfer, UpdateEverything } from './catalogue.js';

@Controller('everything')
class EverythingController {
  constructor(@InjectRepository(Everything) private readonly all: Repository<Everything>) {}

  @Get(':id')
  @ApiOkResponse({ type: Everything })
  read(@Param('id') id: string) {
    return this.all.getById(id);
  }

  @Post()
  create(@Body() body: Pick) {
    return this.all.create(body);
  }

  @Patch(':id')
  @ApiBody({ type: UpdateEverything })
  async update(@Param('id') id: string, @Body() body: object) {
    return this.all.assign(await this.all.getById(id), body);
  }

  @Get()
  @ApiOkResponse({ type: [Everything] })
  search(@Query() _search: Search) {
    return this.all.find();
  }
}

const made = (type: new () => object, values: object) => Object.assign(new type(), values);

function everything(): EntityData<Everything> {
  const home = made(Address, { city: 'Graz', geo: made(Geo, { lat: 47, lon: 15 }) }) as Address;
  const card = made(Card, { amount: Decimal128.fromString('9.90'), last4: '4242' }) as Card;
  return {
    ...{ string: 'é', number: 1.5, boolean: false, date: new Date('2026-01-02T03:04:05.678Z'), owner: new ObjectId() },
    ...{ decimal: Decimal128.fromString('1.50'), bigint: 2n ** 60n, long: Long.fromBigInt(-(2n ** 60n)) },
    ...{ binary: new Binary(Buffer.from('abc')), buffer: Buffer.from([255, 254]), uuid: new UUID(), regexp: /a/i },
    ...{
      free: { deep: [1n] },
      status: Status.shipped,
      tags: ['a'],
      grid: [[1], []],
      owners: new Set([new ObjectId()]),
    },
    ...{ stock: new Map([['graz', 4n]]), places: new Map([['home', home]]), address: home, billing: null },
    payment: card,
    history: [card, made(Transfer, { amount: Decimal128.fromString('1'), iban: 'AT61' })],
    ...{ note: null, height: 3, width: 2, size: 's' },
  };
}

type Schemas = Record<string, { properties: Record<string, object>; required?: string[] }>;

describe('nestjs-cow/swagger', () => {
  const at = outside();
  let app: RunningApp;
  let document: OpenAPIObject;
  let schemas: Schemas;
  let id: string;

  beforeAll(async () => {
    app = await RunningApp.start(at, { entities: [Everything], controllers: [EverythingController] });
    document = createDocument(app.nest, new DocumentBuilder().build());
    schemas = document.components!.schemas as Schemas;
    const repository = app.nest.get<Repository<Everything>>(getRepositoryToken(Everything));
    [id] = (await repository.insertMany([everything()])).map(String) as [string];
  });
  afterAll(async () => {
    await app.stop();
    await at.end();
  });

  it('describes each type by its JSON form', () => {
    expect(schemas.Everything!.properties).toEqual({
      id: { ...OBJECT_ID, readOnly: true },
      string: { type: 'string' },
      number: { type: 'number' },
      boolean: { type: 'boolean' },
      date: { type: 'string', format: 'date-time' },
      owner: OBJECT_ID,
      decimal: DECIMAL,
      bigint: INT64,
      long: INT64,
      binary: { type: 'string', format: 'byte' },
      buffer: { type: 'string', format: 'byte' },
      uuid: { type: 'string', format: 'uuid' },
      regexp: { type: 'string', format: 'regex', example: '/^a/i' },
      free: {},
      status: { type: 'string', enum: ['open', 'shipped'], default: 'open' },
      tags: { type: 'array', items: { type: 'string' } },
      grid: { type: 'array', items: { type: 'array', items: { type: 'number' } } },
      owners: { type: 'array', uniqueItems: true, items: OBJECT_ID },
      stock: { type: 'object', additionalProperties: INT64 },
      places: { type: 'object', additionalProperties: ref('Address') },
      address: ref('Address'),
      billing: { type: 'object', nullable: true, allOf: [ref('Address')] },
      payment: PAYMENT,
      history: { type: 'array', items: PAYMENT },
      note: { type: 'string', nullable: true },
      height: { type: 'number', description: 'Of the box.', maximum: 9 },
      width: { type: 'number', minimum: 1 },
      size: { type: 'string', enum: ['s', 'm'] },
      absent: { type: 'string' },
      version: { type: 'number', readOnly: true },
      createdAt: { type: 'string', format: 'date-time', readOnly: true },
      updatedAt: { type: 'string', format: 'date-time', readOnly: true },
    });
    expect(schemas.Everything!.required).toEqual(['id']);
  });

  it('describes embedded classes by property, and tells those of a union apart', () => {
    expect(schemas.Address).toEqual({
      type: 'object',
      properties: { city: { type: 'string', description: 'Where the door is.' }, geo: ref('Geo') },
      required: ['city'],
    });
    expect(schemas.Card).toEqual({
      type: 'object',
      properties: { amount: DECIMAL, last4: { type: 'string' }, kind: { type: 'string', enum: ['card'] } },
      required: ['kind'],
    });
    expect(schemas.Geo!.properties).toEqual({ lat: { type: 'number' }, lon: { type: 'number' } });
  });

  it('reaches the DTOs that PartialType(), OmitType() and PickType() derive', () => {
    const { id: _id, version: _v, createdAt: _c, updatedAt: _u, ...writable } = schemas.Everything!.properties;
    expect(schemas.UpdateEverything!.properties).toEqual(writable);
    expect(schemas.UpdateEverything!.required).toBeUndefined();
    expect(schemas.Pick!.properties).toEqual({
      payment: PAYMENT,
      places: { type: 'object', additionalProperties: ref('Address') },
      owner: OBJECT_ID,
    });
  });

  it('describes parameters of a query', () => {
    expect(document.paths['/everything']!.get!.parameters).toEqual([
      { name: 'date', in: 'query', required: false, schema: { type: 'string', format: 'date-time' } },
      { name: 'owner', in: 'query', required: false, schema: OBJECT_ID },
      {
        name: 'status',
        in: 'query',
        required: false,
        schema: { type: 'string', enum: ['open', 'shipped'], default: 'open' },
      },
    ]);
  });

  it('leaves no mark and no dangling reference in the document', () => {
    const text = JSON.stringify(document);
    expect(text).not.toContain('x-nestjs-cow');
    const names = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name!);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !(name in schemas))).toEqual([]);
  });

  it('says null as OpenAPI 3.1 does', () => {
    const config = new DocumentBuilder().setOpenAPIVersion('3.1.0').build();
    const { Everything: schema } = createDocument(app.nest, config).components!.schemas as unknown as Schemas;
    expect(schema!.properties.note).toEqual({ type: ['string', 'null'] });
    expect(schema!.properties.billing).toEqual({ oneOf: [ref('Address'), { type: 'null' }] });
  });

  it('can be set up by Swagger', async () => {
    const other = await RunningApp.start(at, {
      entities: [Everything],
      controllers: [EverythingController],
      configure: (nest) => SwaggerModule.setup('docs', nest, () => createDocument(nest, new DocumentBuilder().build())),
    });
    try {
      const { body } = (await other.http.get('/docs-json').expect(200)) as { body: unknown };
      expect(body).toEqual(JSON.parse(JSON.stringify(document)));
    } finally {
      await other.stop();
    }
  });

  describe.each(PLATFORMS)('on %s', (platform) => {
    it('agrees with what is answered', async () => {
      const other = await RunningApp.start(at, {
        platform,
        entities: [Everything],
        controllers: [EverythingController],
      });
      try {
        const { body } = (await other.http.get(`/everything/${id}`).expect(200)) as { body: Record<string, unknown> };
        expect(Object.keys(body)).toHaveLength(Object.keys(schemas.Everything!.properties).length - 1); // but `absent`
        expect(problems('Everything', body)).toEqual([]);
        // The check itself can fail: a date as a number, an id as an object, an unknown class.
        expect(problems('Everything', { ...body, date: 1 })).toEqual(['/date must be string']);
        expect(problems('Everything', { ...body, id: {} })).toEqual(['/id must be string']);
        expect(problems('Everything', { ...body, payment: { kind: 'cash' } })).not.toEqual([]);
        const { version: _v, createdAt: _c, updatedAt: _u, id: _id, ...sent } = body;
        const answer = await other.http.patch(`/everything/${id}`).send(sent).expect(200);
        expect(answer.body).toEqual(body); // what it says is accepted as it stands, and changes nothing
      } finally {
        await other.stop();
      }
    });
  });

  /** What is wrong with a body, by the schema of this name. Of the two dialects 3.1 is the one that is JSON Schema. */
  function problems(name: string, body: unknown): string[] {
    const { components } = createDocument(app.nest, new DocumentBuilder().setOpenAPIVersion('3.1.0').build());
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    addFormats.default(ajv);
    const validate = ajv.compile({ $ref: `#/components/schemas/${name}`, components });
    validate(body);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
  }
});

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const OBJECT_ID = { type: 'string', pattern: '^[0-9a-f]{24}$', example: '507f1f77bcf86cd799439011' };
const DECIMAL = { type: 'string', format: 'decimal', example: '9.90' };
const INT64 = { type: 'string', format: 'int64', pattern: '^-?\\d+$', example: '9007199254740993' };
const PAYMENT = {
  oneOf: [ref('Payment'), ref('Card'), ref('Transfer')],
  discriminator: {
    propertyName: 'kind',
    mapping: {
      Payment: '#/components/schemas/Payment',
      card: '#/components/schemas/Card',
      transfer: '#/components/schemas/Transfer',
    },
  },
};
