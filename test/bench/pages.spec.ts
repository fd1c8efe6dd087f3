import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { chart } from '../../bench/report/chart.mjs';
import { performancePage } from '../../bench/report/performance-page.mjs';
import { withReadmeBlock } from '../../bench/report/readme-block.mjs';
import { committedResult } from '../../bench/report/results.mjs';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

// When one of these fails: npm run docs:performance
it('docs/performance.md is made of the newest result', () => {
  expect(read('docs/performance.md')).toBe(performancePage(committedResult()));
});

it('its chart too', () => {
  expect(read('docs/performance.svg')).toBe(chart(committedResult()));
});

it('and the table in README.md', () => {
  const readme = read('README.md');
  expect(readme).toBe(withReadmeBlock(readme, committedResult()));
});

it('the page says of every target whether it is reached', () => {
  const result = committedResult();
  const page = performancePage(result);
  const slow = structuredClone(result);
  for (const one of slow.results) if (one.name === 'find-two-fields') one.figures.cow.wall.median *= 1000;
  expect(performancePage(slow)).not.toBe(page);
  expect(performancePage(slow)).toMatch(/find 10,000 orders, read 2 fields, wall +\| driver +\|.*\| missed/);
});

it('no result names a machine or a path', () => {
  expect(JSON.stringify(committedResult())).not.toMatch(/\/home\/|\/root\/|\/work\/|"host/);
});
