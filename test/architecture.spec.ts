import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { findingsOf, type Manifest } from './support/house.js';
import { importsOf, type Source } from './support/imports.js';

const project = fileURLToPath(new URL('../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as Manifest;

/** Every source of lib/. */
const sources: Source[] = readdirSync(join(project, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.[cm]?ts$/.test(name))
  .map((name) => ({ path: `lib/${name.split(sep).join('/')}`, text: readFileSync(join(project, 'lib', name), 'utf8') }))
  .sort((a, b) => (a.path < b.path ? -1 : 1));

describe('lib/', () => {
  it('keeps the rules of the house', () => {
    const found = findingsOf(sources, manifest).map(
      (each) => `${each.file}:${each.line} ${each.rule}: ${each.message}`,
    );
    expect(found).toEqual([]);
  });

  it('was really read', () => {
    const paths = sources.map((source) => source.path);
    expect(paths).toEqual(expect.arrayContaining(['lib/bson/values.ts', 'lib/tracking/index.ts']));
    expect(sources.flatMap(importsOf).length).toBeGreaterThan(sources.length);
  });
});
