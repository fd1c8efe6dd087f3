import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { encodeDocument } from '../../../lib/bson/raw-value.js';
import { commandFor, expectedMatches, guardProjection } from '../../../lib/flush/commands.js';
import type { Guard, PathChange } from '../../../lib/flush/change.js';
import { makePlan, statementsOf, type UpdateWrite, type Write, type WriteTarget } from '../../../lib/flush/plan.js';

const target = (collection: string, indexes: object[] = []) =>
  ({ client: {}, db: {}, isCollated: false, map: { name: collection, collection, indexes } }) as unknown as WriteTarget;
const [as, bs] = [target('as'), target('bs')];

let next = 0;
const base = (of: WriteTarget, name: string) => ({ target: of, id: name, filter: { _id: ++next } });
const insert = (of: WriteTarget, name: string): Write => ({
  ...base(of, name),
  kind: 'insert',
  value: { _id: name },
  document: encodeDocument({ _id: name }),
});
const remove = (of: WriteTarget, name: string): Write => ({ ...base(of, name), kind: 'delete', guards: [] });
const lock = (of: WriteTarget, name: string): Write => ({ ...base(of, name), kind: 'lock', guards: [] });
const update = (of: WriteTarget, name: string, from: object = {}, to: object = {}): UpdateWrite => ({
  ...base(of, name),
  kind: 'update',
  changes: [{ op: '$set', path: 'x', value: 1 }],
  guards: [],
  base: encodeDocument({ ...from }),
  next: encodeDocument({ ...to }),
});
const names = (writes: readonly Write[]) => makePlan('f', writes).writes.map(({ kind, id }) => `${kind} ${id}`);

describe('makePlan', () => {
  it('puts what frees a value before what takes it, collections together', () => {
    expect(
      names([insert(as, '1'), update(bs, '2'), remove(as, '3'), insert(bs, '4'), update(as, '5'), lock(bs, '6')]),
    ).toEqual(['lock 6', 'delete 3', 'update 5', 'update 2', 'insert 1', 'insert 4']);
  });

  it('keeps the order of what is alike', () => {
    expect(names([update(as, '1'), update(as, '2'), update(as, '3')])).toEqual(['update 1', 'update 2', 'update 3']);
  });

  it('is frozen', () => {
    const plan = makePlan('f', [insert(as, '1')]);
    expect(Object.isFrozen(plan) && Object.isFrozen(plan.writes)).toBe(true);
  });
});

describe('updates over unique indexes', () => {
  const unique = target('us', [{ key: { m: 1 }, options: { unique: true } }]);
  const pair = target('ps', [
    { key: { a: 1, b: 1 }, options: { unique: true } },
    { key: { x: 1 }, options: {} },
  ]);
  const moves = (...steps: [name: string, from: string | undefined, to: string | undefined][]) =>
    steps.map(([name, from, to]) => update(unique, name, from ? { m: from } : {}, to ? { m: to } : {}));

  it('follow a chain from its end', () => {
    expect(names(moves(['1', 'a', 'b'], ['2', 'b', 'c'], ['3', 'c', 'd']))).toEqual([
      'update 3',
      'update 2',
      'update 1',
    ]);
  });

  it('park one of a circle', () => {
    const plan = makePlan('f', moves(['1', 'a', 'b'], ['2', 'b', 'c'], ['3', 'c', 'a']));
    expect(plan.writes.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['park 1', 'update 3', 'update 2', 'update 1']);
    expect(plan.writes[0]).toMatchObject({ values: { m: expect.any(ObjectId) } });
  });

  it('need no order where nothing is taken that another gives up', () => {
    expect(names(moves(['1', 'a', 'z'], ['2', 'b', undefined], ['3', undefined, 'c']))).toEqual([
      'update 1',
      'update 2',
      'update 3',
    ]);
  });

  it('park a part of the value that the update itself writes', () => {
    const plan = makePlan('f', [
      update(pair, '1', { a: 't', b: 1 }, { a: 't', b: 2 }),
      update(pair, '2', { a: 't', b: 2 }, { a: 't', b: 1 }),
    ]);
    expect(plan.writes[0]).toMatchObject({ kind: 'park', values: { b: expect.any(ObjectId) } });
    expect(Object.keys((plan.writes[0] as { values: object }).values)).toEqual(['b']);
  });

  it('know a value by what it is to the server', () => {
    const number = (value: unknown) => ({ m: value });
    const plan = [update(unique, '1', number(1), number(2)), update(unique, '2', number(2), number(3.5))];
    expect(names(plan)).toEqual(['update 2', 'update 1']);
  });
});

describe('commands', () => {
  const overlapping: PathChange[] = [
    { op: '$set', path: 'items.$[e0].qty', value: 2 },
    { op: '$push', path: 'items', values: [1] },
  ];

  it('have as many statements as the server needs, and expect as many matches', () => {
    const write: UpdateWrite = { ...update(as, '1'), changes: overlapping };
    expect(statementsOf(write)).toBe(2);
    expect(commandFor([write], false).updates).toHaveLength(2);
    expect(expectedMatches([write, update(as, '2')])).toBe(3);
    expect(expectedMatches([lock(as, '1'), lock(as, '2')])).toBe(4);
    expect(commandFor([lock(as, '1')], false).updates).toHaveLength(2);
  });

  it('use the simple collation, but where ids need the collection’s own', () => {
    expect(commandFor([update(as, '1')], true).updates[0]).toMatchObject({ collation: { locale: 'simple' } });
    expect(commandFor([remove(as, '1')], true).deletes[0]).toMatchObject({ collation: { locale: 'simple' }, limit: 1 });
    const collated = { ...as, isCollated: true } as WriteTarget;
    expect(commandFor([update(collated, '1')], true).updates[0]).not.toHaveProperty('collation');
  });

  it('have the guards in the filter when asked to', () => {
    const guards: Guard[] = [{ kind: 'array', path: 'a.b', field: 'a.b' }];
    const write: UpdateWrite = { ...update(as, '1'), guards };
    expect(commandFor([write], true).updates[0].q).toEqual({ ...write.filter, 'a.b': { $type: 'array' } });
    expect(commandFor([write], false).updates[0].q).toEqual(write.filter);
    expect(guardProjection([write])).toEqual({ _id: 1, a: 1 });
  });
});
