import { describe, expect, it } from '@jest/globals';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { renderReliability, type Result } from './reliability-page.js';

const PAGE = new URL('../../docs/reliability.md', import.meta.url);
const RESULTS = new URL('results/', import.meta.url);

async function results(): Promise<Result[]> {
  const files = (await readdir(RESULTS)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(files.map(async (name) => JSON.parse(await readFile(new URL(name, RESULTS), 'utf8')) as Result));
}

describe('docs/reliability.md', () => {
  it('is what the results of the proofs say (npm run docs:reliability writes it)', async () => {
    const page = renderReliability(await results());
    if (process.env.UPDATE_DOCS === '1') await writeFile(PAGE, page);
    expect(await readFile(PAGE, 'utf8')).toBe(page);
  });

  it('has a result of every proof that it lists, and none of them failed', async () => {
    const found = await results();
    expect(found.filter(({ failures }) => failures > 0)).toEqual([]);
    expect(() => renderReliability(found.slice(1))).toThrow('There is no result of the proof');
  });
});
