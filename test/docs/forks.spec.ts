import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Inject, Injectable } from '@nestjs/common';
import { ObjectId, type Document } from 'mongodb';
import ts from 'typescript';
import * as library from '../../lib/index.js';
import { useWorld } from '../integration/support/world.js';
import { asStatements } from './as-module.js';
import { blocksOf } from './blocks.js';
import { Guide, LineItem, Order, Product, stored } from './prelude.js';

const { ForkConflictError, isCowError, op, Repository, stateOf, UnitOfWork } = library;

/** What the blocks of the page find around them. Constructor parameters are given by the tests. */
const around = {
  ...{ ForkConflictError, isCowError, op, Repository, stateOf, UnitOfWork },
  ...{ Guide, Injectable, ObjectId, Order, Product, InjectRepository: () => Inject('repository') },
};

/** The only block of docs/forks.md that contains `words`, run. @returns the class that it is, or stands in */
function classOf<C>(words: string, given: Record<string, unknown> = {}): new (...services: unknown[]) => C {
  const blocks = blocksOf('docs/forks.md').filter(({ info, text }) => info === 'ts' && text.includes(words));
  expect(blocks).toHaveLength(1);
  const text = asStatements(blocks[0]!);
  const [, name] = /^class (\w+)/m.exec(text)!;
  const code = ts.transpile(`${text}\nreturn ${name};`, {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    experimentalDecorators: true,
  });
  const scope = { ...around, ...given };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- our own page
  return (new Function(...Object.keys(scope), code) as (...values: unknown[]) => ReturnType<typeof classOf<C>>)(
    ...Object.values(scope),
  );
}

interface Example {
  example(): Promise<unknown>;
}

describe('the examples of docs/forks.md, run as they stand', () => {
  const world = useWorld();
  const reserve = jest.fn<(order: Order) => Promise<void>>();
  let id: ObjectId;

  const services = () => [world.repository(Order), world.repository(Product), world.uow, reserve];
  const example = (words: string, given: Record<string, unknown> = {}) =>
    new (classOf<Example>(words, { id, ...given }))(...services()).example();
  const inside = <T>(fn: () => Promise<T>) => world.uow.run(fn);
  const order = async () => (await world.read(Order, id))!;
  const names = () => world.writes.map(({ name }) => name);

  beforeEach(async () => {
    reserve.mockReset();
    reserve.mockResolvedValue();
    for (const type of [Order, Product]) await world.raw(type).deleteMany({});
    const items = [2000, 1000, 500].map((price, nth) => ({ sku: 'abc'[nth], qty: 4 * (nth + 1), price }));
    id = await world.stored(Order, { ...stored, items });
    for (const sku of 'abc') await world.stored(Product, { sku, name: `Product ${sku}`, price: 100 });
  });

  const item = Object.assign(new LineItem(), { sku: 'd', qty: 1, price: 7 });

  it('a savepoint: kept when the function returns', async () => {
    await inside(() => example('this.reserve(order)', { item }));
    expect((await order()).items).toHaveLength(4);
    expect(reserve).toHaveBeenCalledTimes(1);
  });

  it('a savepoint: gone when it throws', async () => {
    reserve.mockRejectedValue(new Error('sold out'));
    await inside(() => expect(example('this.reserve(order)', { item })).rejects.toThrow('sold out'));
    expect(names()).toEqual([]);
  });

  it('what-if pricing: reports one conflict, and sends nothing', async () => {
    const conflicts = await inside(() => example('fork.drop()'));
    const [, claim] = /return error\.conflicts; \/\/ \[\{ (.*), … \}\]/.exec(blockOf('fork.drop()'))!;
    const said = JSON.parse(`{${claim!.replace(/(\w+):/g, '"$1":').replaceAll("'", '"')}}`) as Document;
    expect(said).toHaveProperty('path');
    expect(conflicts).toEqual([expect.objectContaining(said)]);
    expect(names()).toEqual([]);
  });

  it('what-if pricing: a function decides, and one command has both sides', async () => {
    const orders = world.repository(Order);
    await inside(async () => {
      const mine = await orders.getById(id);
      const fork = world.uow.fork();
      const tried = fork.own(mine);
      for (const one of tried.items) one.price -= 300;
      mine.items[0]!.price -= 100;
      mine.note = 'agreed';
      await example('Math.min(', { fork });
    });
    expect(names()).toEqual(['update']);
    const { items, note } = await order();
    expect([note, ...items.map(({ price }: LineItem) => price)]).toEqual(['agreed', 1700, 700, 200]);
  });

  it.each([
    [0, 0.85],
    [19_800, 0.9], // of 22,000
    [99_000, 1],
  ])('several plans: with a minimum of %d prices are %d of what they were', async (minimum, share) => {
    const before = (await order()).items as LineItem[];
    await inside(() => example('unitOfWork.branches(\n', { minimum }));
    const after = (await order()).items as LineItem[];
    expect(after.map(({ price }) => price)).toEqual(before.map(({ price }) => price * share));
    expect(names()).toEqual(share === 1 ? [] : ['update']);
    expect(world.commands.named('find')).toHaveLength(1); // the plans share it
  });

  it('an import: a report for each row, the good ones in one transaction', async () => {
    interface Import {
      import(rows: unknown[]): Promise<unknown>;
    }
    const service = new (classOf<Import>('class ImportService'))(world.repository(Product), world.uow);
    const rows = [
      { sku: 'a', name: 'Apple', price: 100 },
      { sku: 'b', name: 'Pear', price: -1 },
      { sku: 'c', name: 'Product c', price: 100 },
      { sku: 'd', name: 'Plum', price: 5 },
    ];
    const report = await inside(() => service.import(rows));
    const reason = expect.stringContaining('price') as unknown;
    expect(report).toEqual([
      { outcome: 'changed' },
      { outcome: 'rejected', reason },
      { outcome: 'unchanged' },
      { outcome: 'added' },
    ]);
    const found = await world.raw(Product).find().sort({ sku: 1 }).toArray();
    expect(found.map(({ name }) => name as string)).toEqual(['Apple', 'Product b', 'Product c', 'Plum']);
    const outside = world.commands.named('find').filter(({ command }) => command.startTransaction !== true);
    expect(outside).toHaveLength(1);
    expect(new Set(world.writes.map(({ command }) => String(command.txnNumber))).size).toBe(1);
    expect(names().at(-1)).toBe('commitTransaction');
  });

  it('parallel enrichment: every branch counts, in one command', async () => {
    interface Enrichment {
      enrich(id: ObjectId): Promise<Order>;
    }
    const service = new (classOf<Enrichment>('async enrich('))(...services());
    await inside(() => service.enrich(id));
    const { items, address, tags } = await order();
    expect(items.map(({ name }: LineItem) => name)).toEqual(['Product a', 'Product b', 'Product c']);
    expect(address).toMatchObject({ street: 'Ring 1', country: 'AT' });
    expect(tags).toEqual(['red', 'big', 'bulky']);
    expect(names()).toEqual(['update']);
  });

  it('a union: lists the conflicts, then is told how to decide', async () => {
    const log = jest.fn();
    await inside(async () => {
      const mine = await world.repository(Order).getById(id);
      await example('const trial', { order: mine, console: { log } });
    });
    expect(log.mock.calls).toEqual([['note', 'ring twice', 'ours', 'theirs']]);
    expect((await order()).note).toBe('theirs');
  });

  it('are all of its blocks', () => {
    const tried = [
      ...['this.reserve(order)', 'fork.drop()', 'Math.min(', 'unitOfWork.branches(\n', 'class ImportService'],
      ...['async enrich(', 'const trial'],
    ];
    expect(blocksOf('docs/forks.md').filter(({ info }) => info.startsWith('ts'))).toHaveLength(tried.length);
    for (const words of tried) blockOf(words);
  });

  function blockOf(words: string): string {
    const [block, ...others] = blocksOf('docs/forks.md').filter(
      ({ info, text }) => info.startsWith('ts') && text.includes(words),
    );
    expect([block, others]).toEqual([expect.anything(), []]);
    return block!.text;
  }
});
