import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { IsPositive } from 'class-validator';
import { Long, ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop, Version, CreatedAt } from '../../../lib/mapping/index.js';
import { World } from '../support/world.js';

@Embedded({ key: 'sku' })
class Line {
  @Prop() sku!: string;
  @Prop() qty!: number;
}

@Entity({ collection: 'parcels' })
class Parcel {
  @Id() id!: ObjectId;
  @Prop({ unique: true }) code!: string;
  @Prop() @IsPositive() weight!: number;
  @Prop(() => [Line]) lines!: Line[];
  @Version() version!: number;
  @CreatedAt() createdAt!: Date;

  get label() {
    return `${this.code}: ${this.weight} kg`;
  }
}

const world = new World();
const parcels = () => world.repository(Parcel);

async function* made(count: number, each: (index: number) => object = () => ({})) {
  for (let index = 0; index < count; index++) {
    yield { code: `P${index}`, weight: index + 1, lines: [{ sku: 'a', qty: index }], ...each(index) };
    if (index % 100 === 0) await Promise.resolve();
  }
}

beforeAll(async () => {
  await world.open({});
  await world.raw(Parcel).createIndex({ code: 1 }, { unique: true });
});
beforeEach(async () => {
  await world.raw(Parcel).deleteMany({});
  world.commands.clear();
});
afterAll(() => world.close());

describe('insertMany()', () => {
  it('lets others have their turn while it encodes many', async () => {
    let turns = 0;
    let turnsWhileEncoding = 0;
    const records = Array.from({ length: 2_500 }, (_, index) => ({ code: `T${index}`, weight: 1, lines: [] }));
    Object.defineProperty(records[2_400], 'weight', { get: () => ((turnsWhileEncoding = turns), 1), enumerable: true });
    setImmediate(() => turns++);
    await parcels().insertMany(records, { validate: false });
    expect(turnsWhileEncoding).toBe(1);
    expect(await world.raw(Parcel).countDocuments()).toBe(2_500);
  });
});

describe('import()', () => {
  it('inserts batch by batch what a stream yields, and tells how far it is', async () => {
    const told: number[] = [];
    const count = await parcels().import(made(250) as never, { batchSize: 100, progress: (done) => told.push(done) });
    expect(count).toBe(250);
    expect(told).toEqual([100, 200, 250]);
    expect(world.commands.named('insert')).toHaveLength(3);
    const stored = await world.raw(Parcel).findOne({ code: 'P7' });
    expect(stored).toMatchObject({ weight: 8, lines: [{ sku: 'a', qty: 7 }], version: 1 });
    expect(stored!._id).toBeInstanceOf(ObjectId);
    expect(stored!.createdAt).toBeInstanceOf(Date);
    expect(await world.raw(Parcel).countDocuments()).toBe(250);
  });

  it('takes instances and records of JSON alike, from any iterable', async () => {
    const instance = Object.assign(new Parcel(), { code: 'I', weight: 1, lines: [] });
    const json = {
      id: '6b015e530aefd284d2ac00e2',
      code: 'J',
      weight: 2,
      lines: [],
      createdAt: '2020-01-01T00:00:00.000Z',
    };
    await parcels().import([instance, json] as never);
    expect(await world.raw(Parcel).findOne({ code: 'J' })).toMatchObject({
      _id: new ObjectId('6b015e530aefd284d2ac00e2'),
      createdAt: new Date('2020-01-01T00:00:00.000Z'),
    });
    expect(await world.raw(Parcel).countDocuments()).toBe(2);
  });

  it('validates, unless that is switched off; what is no value of the type is refused in any case', async () => {
    const light = (index: number) => (index === 150 ? { weight: -1 } : {});
    await expect(parcels().import(made(200, light) as never, { batchSize: 100 })).rejects.toMatchObject({
      code: 'ValidationFailed',
    });
    expect(await world.raw(Parcel).countDocuments()).toBe(100); // batches before it stay
    await world.raw(Parcel).deleteMany({});
    expect(await parcels().import(made(200, light) as never, { validate: false })).toBe(200);
    const wrong = [{ code: 'W', weight: { $gt: 1 }, lines: [] }];
    await expect(parcels().import(wrong as never, { validate: false })).rejects.toMatchObject({ code: 'InvalidValue' });
    const foreign = [{ id: 'no id', code: 'W', weight: 1, lines: [] }];
    await expect(parcels().import(foreign as never, { validate: false })).rejects.toMatchObject({
      code: 'InvalidValue',
    });
  });

  it('ends with an error where the source does, or the server refuses', async () => {
    async function* failing() {
      yield* made(1);
      throw new Error('the file ended');
    }
    await expect(parcels().import(failing() as never)).rejects.toThrow('the file ended');
    await world.stored(Parcel, { code: 'P1' });
    await expect(parcels().import(made(3) as never)).rejects.toMatchObject({ code: 'DuplicateKey' });
  });
});

describe('insertMany()', () => {
  it('sends more than one command holds, in order', async () => {
    const records = Array.from({ length: 30 }, (_, index) => ({
      code: `${index}`.padEnd(1_000_000, '.'),
      weight: 1,
      lines: [],
    }));
    const ids = await parcels().insertMany(records);
    expect(ids).toHaveLength(30);
    expect(world.commands.named('insert').length).toBeGreaterThan(1);
    expect(await world.raw(Parcel).countDocuments()).toBe(30);
  }, 300_000);

  it('gives each record what its class says, without an instance too', async () => {
    await parcels()
      .insertMany([{ code: 'A', weight: Long.fromNumber(5) as never, lines: [] }])
      .catch(() => undefined);
    expect(await world.raw(Parcel).countDocuments()).toBe(0); // a Long is no number
    const [id] = await parcels().insertMany([
      { code: 'A', weight: 2, lines: [{ sku: 'x', qty: 1, more: 1 } as never] },
    ]);
    expect(await world.read(Parcel, id)).toEqual({
      _id: id,
      code: 'A',
      weight: 2,
      lines: [{ sku: 'x', qty: 1 }],
      version: 1,
      createdAt: expect.any(Date),
    });
  });
});

describe('stream()', () => {
  it('goes through all, batch by batch, and tells how far it is', async () => {
    await parcels().import(made(250) as never);
    const told: number[] = [];
    const labels: string[] = [];
    for await (const parcel of parcels().stream({}, { batchSize: 100, progress: (done) => told.push(done) })) {
      expect(parcel).toBeInstanceOf(Parcel);
      labels.push(parcel.label);
    }
    expect(labels).toHaveLength(250);
    expect(told).toEqual([100, 200, 250]);
  });

  it('may be left early; the cursor is closed', async () => {
    await parcels().import(made(250) as never);
    for await (const parcel of parcels().stream({}, { batchSize: 10 })) {
      expect(parcel.code).toBeDefined();
      break;
    }
    expect(world.commands.named('killCursors')).toHaveLength(1);
  });
});
