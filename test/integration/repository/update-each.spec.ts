import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal128, ObjectId, UUID, type Document } from 'mongodb';
import { Embedded, Entity, Id, Prop, UpdatedAt, Version } from '../../../lib/mapping/index.js';
import { errorOf, useWorld } from '../support/world.js';

@Embedded()
class Size {
  @Prop() width!: number;
  @Prop() unit?: string;
}

@Entity({ collection: 'goods' })
class Goods {
  @Id() id!: ObjectId;
  @Prop({ name: 'n' }) name?: string;
  @Prop() price?: number;
  @Prop({ unique: true }) sku?: string;
  @Version() version!: number;
  @UpdatedAt() updatedAt!: Date;
}

@Entity({ collection: 'values' })
class Values {
  @Id() id!: ObjectId;
  @Prop({ name: 'ñ' }) text?: string;
  @Prop() count?: number;
  @Prop() flag?: boolean;
  @Prop() at?: Date;
  @Prop() ref?: ObjectId;
  @Prop() uuid?: UUID;
  @Prop() exact?: Decimal128;
  @Prop() big?: bigint;
  @Prop({ type: String, nullable: true }) maybe?: string | null;
  @Prop({ enum: ['a', 'b'] }) letter?: string;
  @Prop() size?: Size;
  @Prop(() => [Size]) sizes?: Size[];
  @Prop({ type: Map, of: Number }) stock?: Map<string, number>;
  @Prop({ type: () => [String] }) tags?: string[];
  @Prop({ type: Object }) meta?: object;
  @Prop() bytes?: Buffer;
}

@Entity({ collection: 'beings', discriminator: 'kind' })
abstract class Being {
  @Id() id!: ObjectId;
  @Prop() name!: string;
}
@Entity()
class Dog extends Being {
  @Prop() tricks?: number;
}
@Entity()
class Cat extends Being {
  @Prop() lives?: number;
}

const world = useWorld();
const goods = () => world.repository(Goods);
let ids: ObjectId[];
const all = () => world.raw(Goods).find().sort({ _id: 1 }).toArray();
const names = () => world.writes.map(({ name }) => name);

beforeEach(async () => {
  for (const type of [Goods, Values, Being]) await world.raw(type).deleteMany({});
  await world.raw(Goods).createIndex({ sku: 1 }, { unique: true, sparse: true });
  ids = ['a', 'b', 'c'].map(() => new ObjectId());
  await world.raw(Goods).insertMany([
    { _id: ids[0], n: 'a', price: 1, version: 1, updatedAt: new Date(0) },
    { _id: ids[1], n: 'b', price: 1, version: 7, updatedAt: new Date(0) },
    { _id: ids[2], n: 'c', price: 1, kept: 'as it is' },
  ] as Document[]);
  world.commands.clear();
});

describe('updateEach', () => {
  it('sets of each document its own values in one transaction, and reads none', async () => {
    const before = Date.now();
    const changed = await goods().updateEach([
      { id: ids[0]!, data: { price: 10, name: 'A' } },
      { id: ids[1]!.toHexString(), data: { price: 20 } },
      { id: ids[2]!, data: { price: 30 }, unset: ['name'] },
    ]);
    expect(changed).toBe(3);
    expect(world.commands.all().map(({ name }) => name)).toEqual(['update', 'commitTransaction']);
    const [a, b, c] = await all();
    expect(a).toEqual({ _id: ids[0], n: 'A', price: 10, version: 2, updatedAt: expect.any(Date) });
    expect(b).toMatchObject({ n: 'b', price: 20, version: 8 });
    expect(c).toEqual({ _id: ids[2], price: 30, kept: 'as it is', version: 1, updatedAt: expect.any(Date) });
    expect((a!.updatedAt as Date).getTime()).toBeGreaterThanOrEqual(before);
  });

  it('sends one alone under a number of its own', async () => {
    expect(await goods().updateEach([{ id: ids[0]!, data: { price: 2 } }])).toBe(1);
    expect(names()).toEqual(['update']);
    expect(world.writes[0]!.command).toHaveProperty('txnNumber');
  });

  it('of nothing sends nothing', async () => {
    expect(await goods().updateEach([])).toBe(0);
    expect(world.commands.all()).toEqual([]);
  });

  it('takes any iterable, in its order: of two for one document the later one holds', async () => {
    function* updates() {
      for (const price of [5, 6, 7]) yield { id: ids[0]!, data: { price } };
    }
    expect(await goods().updateEach(updates())).toBe(3);
    expect((await all())[0]).toMatchObject({ price: 7, version: 4 });
  });

  it('passes over ids that no document has, and counts what was changed', async () => {
    const changed = await goods().updateEach([
      { id: new ObjectId(), data: { price: 2 } },
      { id: ids[1]!, data: { price: 2 } },
    ]);
    expect(changed).toBe(1);
  });

  it('makes a stale copy conflict', async () => {
    const error = await errorOf(
      world.uow.run(async () => {
        const one = await goods().getById(ids[0]!);
        await goods().updateEach([{ id: ids[0]!, data: { price: 5 } }]);
        one.name = 'changed';
      }),
    );
    expect(error.code).toBe('ConcurrentModification');
  });

  it('writes all or nothing, and says by whose id', async () => {
    const error = await errorOf(
      goods().updateEach([
        { id: ids[0]!, data: { sku: 'x', price: 9 } },
        { id: ids[1]!, data: { sku: 'x' } },
      ]),
    );
    expect(error).toMatchObject({ code: 'DuplicateKey', status: 409, entity: 'Goods', field: 'sku' });
    expect(error).toMatchObject({ id: ids[1]!.toHexString() });
    expect((await all())[0]).toMatchObject({ price: 1, version: 1 });
  });

  it('sends a thousand in one transaction, and more in several', async () => {
    const many = Array.from({ length: 2_100 }, (_, index) => ({ _id: new ObjectId(), price: 0, n: `g${index}` }));
    await world.raw(Goods).insertMany(many);
    world.commands.clear();
    const updates = many.map(({ _id }, index) => ({ id: _id, data: { price: index } }));
    expect(await goods().updateEach(updates)).toBe(2_100);
    expect(names().filter((name) => name === 'commitTransaction')).toHaveLength(3);
    expect(world.updates.map(({ u }) => (u as Document).$set as Document)).toEqual(
      many.map((_, index) => ({ price: index })),
    );
    const stored = await world.raw(Goods).find({ n: /^g/ }).toArray();
    expect(stored.every(({ n, price }) => n === `g${price}`)).toBe(true);
  });

  it.each([
    ['what is not declared', { data: { nope: 1 } }, 'InvalidQuery'],
    ['undefined', { data: { name: undefined } }, 'InvalidQuery'],
    ['nothing', {}, 'InvalidQuery'],
    ['what is both set and removed', { data: { name: 'x' }, unset: ['name'] }, 'InvalidQuery'],
    ['to remove what is not declared', { unset: ['nope'] }, 'InvalidQuery'],
    ['the id', { data: { id: new ObjectId() } }, 'ImmutableField'],
    ['the version', { data: { version: 1 } }, 'ImmutableField'],
    ['the time of the last change', { data: { updatedAt: new Date() } }, 'ImmutableField'],
    ['a wrong type', { data: { price: { $gt: 1 } } }, 'InvalidValue'],
    ['half a character', { data: { name: '\ud800' } }, 'InvalidValue'],
    ['what is no id', { id: { $gt: '' }, data: { price: 1 } }, 'InvalidId'],
  ])('refuses %s before it sends any', async (_, update, code) => {
    const error = await errorOf(
      goods().updateEach([{ id: ids[0]!, data: { price: 2 } }, { id: ids[1]!, ...update } as never]),
    );
    expect(error).toMatchObject({ code, entity: 'Goods' });
    expect(world.commands.all()).toEqual([]);
  });

  it('changes documents of its own class only', async () => {
    const [rex, tom] = [new ObjectId(), new ObjectId()];
    await world.raw(Dog).insertMany([
      { _id: rex, kind: 'Dog', name: 'Rex' },
      { _id: tom, kind: 'Cat', name: 'Tom' },
    ]);
    const both = [rex, tom].map((id) => ({ id, data: { name: 'x' } }));
    expect(await world.repository(Dog).updateEach(both)).toBe(1);
    expect(await world.read(Cat, tom)).toMatchObject({ name: 'Tom' });
    expect(await world.repository<Being>(Being).updateEach([{ id: tom, data: { name: 'y' } }])).toBe(1);
  });
});

describe('what updateEach stores', () => {
  const values: [field: string, value: unknown][] = [
    ['text', 'Grüße, 世界'],
    ['text', 'a text that is longer than what is written byte by byte'],
    ...[1, 1.5, -0, 2 ** 31, -1, NaN].map((value): [string, unknown] => ['count', value]),
    ['flag', false],
    ['at', new Date(-1)],
    ['at', '2020-02-03T04:05:06.007Z'],
    ['ref', new ObjectId()],
    ['ref', '6b015e530aefd284d2ac00e2'],
    ['uuid', new UUID()],
    ['exact', Decimal128.fromString('1.50')],
    ['big', 2n ** 60n],
    ['maybe', null],
    ['letter', 'b'],
    ['size', { width: 2, evil: 1 }],
    ['sizes', [{ width: 1 }, { width: 2.5, unit: 'cm' }]],
    ['stock', new Map([['a', 1]])],
    ['tags', ['x', '', 'ü']],
    ['bytes', Buffer.from('abc')],
    ['bytes', new Uint8Array(0)],
    ['bytes', 'YWJj'],
    ['meta', { any: [1, { thing: null }] }],
  ];

  it.each(values)('as %s is, byte for byte, what updateMany stores', async (field, value) => {
    const [one, other] = [new ObjectId(), new ObjectId()];
    await world.raw(Values).insertMany([{ _id: one }, { _id: other }]);
    const data = { [field]: value } as never;
    await world.repository(Values).updateMany({ id: one }, data);
    expect(await world.repository(Values).updateEach([{ id: other, data }])).toBe(1);
    const [a, b] = (await world.raw(Values).find({}, { raw: true }).sort({ _id: 1 }).toArray()) as unknown as Buffer[];
    const afterId = 4 + 5 + 12;
    expect(b!.subarray(afterId).equals(a!.subarray(afterId))).toBe(true);
    expect(b!.length).toBeGreaterThan(afterId + 1);
  });
});

describe('updateEach without transactions', () => {
  const standalone = useWorld({ atomicity: 'single-document' });

  it('sends a command for all', async () => {
    const id = await standalone.stored<ObjectId>(Goods, { n: 'a' });
    const other = await standalone.stored<ObjectId>(Goods, { n: 'b' });
    standalone.commands.clear();
    expect(await standalone.repository(Goods).updateEach([id, other].map((one) => ({ id: one, data: { price: 3 } })))).toBe(2); // prettier-ignore
    expect(standalone.writes.map(({ name }) => name)).toEqual(['update']);
    expect(await standalone.read(Goods, other)).toMatchObject({ n: 'b', price: 3 });
  });
});
