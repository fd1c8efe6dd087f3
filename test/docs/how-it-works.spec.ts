import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Document, ObjectId } from 'mongodb';
import { useWorld } from '../integration/support/world.js';
import { project } from './blocks.js';
import { Order, stored } from './prelude.js';

/** A row of the table "you did | is sent". */
interface Row {
  readonly did: string;
  readonly sent: string;
}

const page = readFileSync(join(project, 'docs/how-it-works.md'), 'utf8');
const [, table] = /^\| you did .*\n\|.*\n((?:\|.*\n)+)/m.exec(page)!;
const rows = table!
  .trim()
  .split('\n')
  .map((line): Row => {
    const [, did, sent] = line.split('|').map((cell) => cell.trim());
    return { did: did!, sent: sent! };
  });

/** What a row writes in code comes first in its cell; `…` stands for anything. */
const codeOf = (cell: string) => /^`([^`]+)`/.exec(cell)?.[1];

function evaluate(text: string): unknown {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- our own page
  const make = new Function('anything', `return ({ ${text.replaceAll('…', 'anything')} })`) as (
    value: unknown,
  ) => unknown;
  return make(expect.anything());
}

describe('the table of docs/how-it-works.md', () => {
  const world = useWorld();

  /** The one update that a change of a stored order becomes. */
  async function sentFor(code: string): Promise<Document> {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- our own page
    const change = new Function('order', code.replace('{ …,', '{ ...order.address,')) as (order: Order) => void;
    const id = await world.stored<ObjectId>(Order, { ...stored });
    await world.uow.run(async () => {
      const order = await world.repository(Order).getById(id);
      world.commands.clear();
      change(order);
    });
    const { updates } = world;
    expect(updates).toHaveLength(1);
    return updates[0]!;
  }

  it.each(rows.filter(({ did }) => codeOf(did)))('$did', async ({ did, sent }) => {
    const { u, arrayFilters } = await sentFor(codeOf(did)!);
    const claim = sent.startsWith('the same') ? rows[rows.findIndex((row) => row.did === did) - 1]!.sent : sent;
    expect(u).toEqual(evaluate(codeOf(claim)!));
    const [, filters] = /`(arrayFilters: [^`]+)`/.exec(claim) ?? [];
    expect({ arrayFilters }).toEqual(filters === undefined ? {} : evaluate(filters));
  });

  it('anything else in an array is one $set of the whole', async () => {
    const others = rows.filter(({ did }) => !codeOf(did));
    expect(others).toEqual([{ did: 'anything else in an array', sent: 'one `$set` of the whole array' }]);
    expect((await sentFor('order.tags.reverse()')).u).toEqual({ $set: { tags: ['big', 'red'] } });
  });
});
