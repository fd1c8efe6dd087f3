import { beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId, type Document } from 'mongodb';
import { isCowError, op, type CowError } from '../../../lib/index.js';
import { SERVER_OPERATORS } from '../../proofs/reliability/hostile-values.js';
import { Order } from '../support/models.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, Map.prototype];
const shape = () => PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype));
const before = shape();
let victims: Document[];
let id: ObjectId;

const repository = () => world.repository(Order);
const victim = (customer_id: string) => ({
  _id: new ObjectId(),
  customer_id,
  status: 'secret',
  tags: ['a'],
  items: [],
  isAdmin: false,
});

beforeEach(async () => {
  await world.raw(Order).deleteMany({});
  await world.raw(Order).insertMany([victim('ada'), victim('bob')]);
  victims = await world.raw(Order).find().sort({ _id: 1 }).toArray();
  id = victims[0]!._id as ObjectId;
  world.commands.clear();
});

/** What an operator is given: enough for each to match or write something, were it let through. */
const PAYLOADS: readonly unknown[] = [
  null,
  '',
  1,
  'secret',
  ['secret'],
  { isAdmin: true },
  [{ $set: { isAdmin: true } }],
  'return true',
];

/** What `JSON.parse` makes of a body with an operator in it. */
const bodies = (operator: string) => PAYLOADS.map((payload) => JSON.parse(JSON.stringify({ [operator]: payload })));

/** Values that have it at some depth. */
const around = (body: unknown) => [
  ...[{ meta: { deep: body } }, { meta: { deep: [body] } }, { address: { city: body } }],
  ...[{ items: [body] }, { items: { note: body } }, { tags: [body] }],
];

type Method = (hostile: any) => Promise<unknown>;

const last = async (entities: AsyncIterable<unknown>) => {
  for await (const _ of entities) throw new Error('something was found');
};

/** Each method that takes a filter, with the operator where a client could bring it. */
const FILTERS: Readonly<Record<string, Method>> = {
  find: (filter) => repository().find(filter),
  findOne: (filter) => repository().findOne(filter),
  getOne: (filter) => repository().getOne(filter),
  count: (filter) => repository().count(filter),
  exists: (filter) => repository().exists(filter),
  stream: (filter) => last(repository().stream(filter)),
  updateMany: (filter) => repository().updateMany(filter, { status: 'changed' }),
  deleteMany: (filter) => repository().deleteMany(filter),
  upsert: (filter) => repository().upsert(filter, { status: 'changed' }),
};

const IDS: Readonly<Record<string, Method>> = {
  findById: (hostile) => repository().findById(hostile),
  getById: (hostile) => repository().getById(hostile),
  findByIds: (hostile) => repository().findByIds([hostile]),
  updateEach: (hostile) => repository().updateEach([{ id: hostile, data: { status: 'changed' } }]),
};

const OPERATORS: Readonly<Record<string, (value: any) => object>> = {
  eq: (value) => op.eq(value),
  ne: (value) => op.ne(value),
  gt: (value) => op.gt(value),
  gte: (value) => op.gte(value),
  lt: (value) => op.lt(value),
  lte: (value) => op.lte(value),
  in: (value) => op.in(value),
  'in a list': (value) => op.in([value]),
  nin: (value) => op.nin([value]),
  contains: (value) => op.contains(value),
  startsWith: (value) => op.startsWith(value),
  endsWith: (value) => op.endsWith(value),
  all: (value) => op.all([value]),
  'all of a value': (value) => op.all(value),
  elemMatch: (value) => op.elemMatch(value),
  size: (value) => op.size(value),
  mod: (value) => op.mod(value, 1),
  matches: (value) => op.matches(value),
  exists: (value) => op.exists(value),
  allOf: (value) => op.allOf(op.ne(null), value),
};

/** Each way to join filters. */
const GROUPS: Readonly<Record<string, (filter: any) => object>> = {
  and: (filter) => op.and(filter),
  or: (filter) => op.or({ status: 'none' }, filter),
  nor: (filter) => op.nor(filter),
};

const DATA: Readonly<Record<string, Method>> = {
  create: (data) => world.uow.run(() => void repository().create({ customer: 'new', items: [], ...data })),
  insertMany: (data) => repository().insertMany([{ customer: 'new', items: [], ...data }]),
  import: (data) => repository().import([{ customer: 'new', items: [], ...data }]),
  updateMany: (data) => repository().updateMany({ customer: 'ada' }, data),
  updateEach: (data) => repository().updateEach([{ id, data }]),
  upsert: (data) => repository().upsert({ customer: 'ada' }, data),
  assign: (data) =>
    world.uow.run(async () => {
      repository().assign(await repository().getById(id), data);
    }),
};

/** The call is refused as a client's mistake. */
async function refused(name: string, call: () => Promise<unknown>): Promise<void> {
  const error = await world.uow.run(() => call().then(() => 'it was taken', (thrown: unknown) => thrown), { flush: 'manual' }); // prettier-ignore
  if (!isCowError(error) || error.status >= 500) throw new Error(`${name}: ${String((error as Error).stack ?? error)}`);
}

async function expectUntouched(): Promise<void> {
  expect(await world.raw(Order).find().sort({ _id: 1 }).toArray()).toEqual(victims);
  expect(world.commands.all().map(({ name }) => name)).toEqual([]);
  expect(shape()).toEqual(before);
}

describe(`${SERVER_OPERATORS.length} operators of the server`, () => {
  it.each(Object.entries(FILTERS))('are no operators in a filter of %s(), and nothing is sent', async (_, method) => {
    for (const operator of SERVER_OPERATORS) {
      for (const body of bodies(operator)) {
        const name = JSON.stringify(body);
        await refused(name, () => method(body));
        for (const field of ['status', 'total', 'items', 'tags', 'address', 'meta', 'id']) {
          await refused(`${field}: ${name}`, () => method({ [field]: body }));
        }
      }
      const [body] = bodies(operator);
      for (const within of around(body)) await refused(JSON.stringify(within), () => method(within));
    }
    await expectUntouched();
  });

  it.each(Object.entries(OPERATORS))('are no operators inside op.%s()', async (_, operand) => {
    for (const operator of SERVER_OPERATORS) {
      for (const body of bodies(operator)) {
        for (const field of ['status', 'total', 'meta', 'tags', 'items', 'address']) {
          await refused(`${field}: ${JSON.stringify(body)}`, async () =>
            repository().find({ [field]: operand(body) } as never),
          );
        }
      }
    }
    await expectUntouched();
  });

  it.each(Object.entries(GROUPS))('are no operators inside op.%s()', async (_, join) => {
    for (const operator of SERVER_OPERATORS) {
      for (const body of bodies(operator)) {
        await refused(JSON.stringify(body), () => repository().find(join(body)));
        await refused(`meta: ${JSON.stringify(body)}`, () => repository().find(join({ meta: { deep: body } })));
      }
    }
    await expectUntouched();
  });

  it.each(Object.entries(IDS))('are no ids for %s()', async (_, method) => {
    for (const operator of SERVER_OPERATORS) {
      for (const body of bodies(operator)) await refused(JSON.stringify(body), () => method(body));
    }
    await expectUntouched();
  });

  it.each(Object.entries(DATA))('write nothing but values by %s()', async (_, method) => {
    for (const operator of SERVER_OPERATORS) {
      const [body] = bodies(operator).slice(5); // { $…: { isAdmin: true } }
      await method({ ...body, status: 'changed' }).catch(mistakeOnly);
      await method({ status: body }).catch(mistakeOnly);
      await method({ meta: { deep: body } }).catch(mistakeOnly);
    }
    const stored = await world.raw(Order).find().toArray();
    expect(stored.some(({ isAdmin }) => isAdmin === true)).toBe(false);
    expect(new Set(stored.flatMap((document) => Object.keys(document)).filter((key) => key.startsWith('$')))).toEqual(
      new Set(),
    );
    for (const { u } of world.updates) {
      expect(Array.isArray(u)).toBe(false);
      const paths = Object.values(u as Record<string, object>).flatMap((fields) => Object.keys(fields));
      expect(paths.filter((path) => /(^|\.)\$(?!\[)/.test(path))).toEqual([]);
    }
    expect(shape()).toEqual(before);
  });
});

function mistakeOnly(error: unknown): void {
  // An id in the data of a direct write is a mistake of the application, and as refused as the rest.
  if (isCowError(error, 'ImmutableField')) return;
  if (!isCowError(error) || error.status >= 500) throw error;
}

describe('a DTO', () => {
  const hostile = () =>
    JSON.parse(
      `{"status":"changed","id":"650000000000000000000009","_id":"650000000000000000000009","isAdmin":true,"version":9,
        "__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toJSON":"x","items.0.qty":9,
        "address":{"city":"Graz","__proto__":{"polluted":true},"isAdmin":true},"$set":{"isAdmin":true}}`,
    ) as object;

  it.each(Object.entries(DATA))('assigns no id, nothing undeclared and no prototype by %s()', async (_, method) => {
    await method(hostile()).catch(mistakeOnly);
    const stored = await world.raw(Order).find().toArray();
    for (const document of stored) {
      expect(Object.keys(document).filter((key) => !DECLARED.has(key))).toEqual([]);
      expect(document.isAdmin ?? false).toBe(false);
      expect(Object.keys((document.address ?? {}) as object).filter((key) => key !== 'city')).toEqual([]);
    }
    expect(stored.filter(({ _id }) => victims.some((each) => (each._id as ObjectId).equals(_id)))).toHaveLength(2);
    expect(shape()).toEqual(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('is otherwise taken by assign()', async () => {
    await DATA.assign!(hostile());
    expect(await world.raw(Order).findOne({ _id: id })).toMatchObject({ status: 'changed', address: { city: 'Graz' } });
  });

  it('of more levels or bytes than a document may have is refused before anything is sent', async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 150; level++) deep = { deep };
    for (const meta of [deep, { text: 'x'.repeat(16 * 1024 * 1024) }]) {
      world.commands.clear();
      const error = await world.uow
        .run(() => void repository().create({ customer: 'new', items: [], meta: meta as Record<string, unknown> }))
        .catch((thrown: unknown) => thrown as CowError);
      expect(isCowError(error) && error.status < 500).toBe(true);
      expect(world.writes).toEqual([]);
    }
  });
});

const DECLARED = new Set([
  '_id',
  'customer_id',
  'status',
  'tags',
  'items',
  'isAdmin',
  'address',
  'total',
  'meta',
  'note',
]);

describe('text that reads as a pattern', () => {
  it.each(['.*', '^(a+)+$', '[', '(?:)', '\\', 'secre.', '$where'])('%s is searched for as it is', async (text) => {
    const { id: made } = await world.uow.run(() => repository().create({ customer: `x${text}y`, items: [] }));
    for (const operand of [op.contains(text), op.startsWith(`x${text}`), op.endsWith(`${text}y`)]) {
      const found = await world.uow.run(() => repository().find({ customer: operand }));
      expect(found.map((each) => each.id.toHexString())).toEqual([made.toHexString()]);
    }
  });
});
