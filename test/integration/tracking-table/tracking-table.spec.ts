import { beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { groups, rows, type Row } from '../../../bench/tracking-rows/rows.mjs';
import { useWorld } from '../support/world.js';
import { outdatedPackages, outdatedRows, PAGE, pageOf, readPeers } from './page.js';
import { runRows, type RowResult } from './run-rows.js';

const world = useWorld();
let results: Map<Row, RowResult>;

beforeAll(async () => {
  const all = await runRows(world, rows);
  results = new Map(rows.map((row, index) => [row, all[index]!]));
}, 300_000);

describe.each(groups)('$name', ({ rows: own }) => {
  it.each(own)('$title', (row) => {
    const { outcome, error, again, loadedOtherwise } = results.get(row)!;
    expect({ outcome, error, again, loadedOtherwise }).toEqual({
      outcome: row.refused === undefined ? 'same' : 'refused',
      error: row.refused,
      again: [],
      loadedOtherwise: [],
    });
    if (row.refused !== undefined) expect(results.get(row)!.sent).toEqual([]);
  });
});

it.each(groups.find(({ name }) => name === 'Nothing, net')!.rows)('sends nothing for $title', (row) => {
  expect(results.get(row)!.sent).toEqual([]);
});

describe('docs/tracking.md', () => {
  it('is rendered from measurements of these very rows, with the packages that bench/ pins', () => {
    const outdated = [...outdatedPackages(readPeers()), ...outdatedRows(readPeers())];
    if (outdated.length === 0) return;
    throw new Error(
      `bench/tracking-rows/peers.json is out of date in ${outdated.length} places, such as ${outdated[0]}. ` +
        'Measure the peers: npm ci && npm run tracking-rows, in bench/.',
    );
  });

  it('says what was sent', () => {
    const page = pageOf(results, readPeers());
    if (process.env.UPDATE_DOCS) writeFileSync(PAGE, page);
    const committed = existsSync(PAGE) ? readFileSync(PAGE, 'utf8').replaceAll('\r\n', '\n') : '';
    const differing = page.split('\n').find((line, index) => line !== committed.split('\n')[index]);
    if (committed === page) return;
    throw new Error(
      `docs/tracking.md is out of date; read what changes as a user would, then run "npm run docs:tracking". ` +
        `The first line that differs should be:\n${differing ?? '(the end)'}`,
    );
  });
});
