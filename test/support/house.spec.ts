import { describe, expect, it } from '@jest/globals';
import { findingsOf, roomOf, type Manifest, type Rule } from './house.js';

const MANIFEST: Manifest = {
  peerDependencies: { '@nestjs/common': '^12', mongodb: '^7', 'class-validator': '^0.15', 'other-optional': '^1' },
  peerDependenciesMeta: { 'class-validator': { optional: true }, 'other-optional': { optional: true } },
};

/** A house of these files; imports of files that are not given lead to empty ones. */
function rulesBrokenBy(files: Record<string, string>, manifest: Manifest = MANIFEST): Rule[] {
  const sources = Object.entries({ ...EMPTY, ...files }).map(([path, text]) => ({ path: `lib/${path}`, text }));
  return [...new Set(findingsOf(sources, manifest).map((finding) => finding.rule))];
}

const EMPTY: Record<string, string> = {
  'index.ts': '',
  'cow.module.ts': '',
  'nest/cow.interceptor.ts': '',
  'repository/repository.ts': '',
  'unit-of-work/unit-of-work.ts': '',
  'query/filter.ts': '',
  'flush/plan.ts': '',
  'tracking/index.ts': '',
  'bson/codec.ts': '',
  'bson/values.ts': `export { ObjectId, Long } from 'mongodb';`,
  'mapping/index.ts': '',
  'errors/index.ts': '',
};

/** A file of each room, and the files that it may import beside those of its own room. */
const ALLOWED: [from: string, to: string[]][] = [
  ['errors/a.ts', ['bson/values.ts']],
  ['mapping/a.ts', ['errors/index.ts', 'bson/values.ts']],
  ['bson/a.ts', ['mapping/index.ts', 'errors/index.ts']],
  ['bson/codecs/a.ts', ['mapping/index.ts', 'errors/index.ts']],
  ['tracking/a.ts', ['mapping/index.ts', 'errors/index.ts']],
  ['query/a.ts', ['bson/codec.ts', 'bson/values.ts', 'mapping/index.ts', 'errors/index.ts']],
  ['flush/a.ts', ['tracking/index.ts', 'bson/codec.ts', 'bson/values.ts', 'mapping/index.ts', 'errors/index.ts']],
  ['unit-of-work/a.ts', without('nest/', 'repository/', 'index.ts', 'cow.module.ts')],
  ['repository/a.ts', without('nest/', 'index.ts', 'cow.module.ts')],
  ['nest/a.ts', without()],
  ['cow-core.module.ts', without()],
];

function without(...starts: string[]): string[] {
  return Object.keys(EMPTY).filter((path) => !starts.some((start) => path.startsWith(start)));
}

function inOneRoom(from: string, to: string): boolean {
  return from.includes('/') && from.split('/')[0] === to.split('/')[0];
}

const relative = (from: string, to: string) => `${'../'.repeat(from.split('/').length - 1) || './'}${to}`;
const imports = (from: string, to: string) => `import type { A } from '${relative(from, to).replace(/ts$/, 'js')}';`;

describe('directions', () => {
  const pairs = ALLOWED.flatMap(([from, to]) =>
    Object.keys(EMPTY).map((each) => [from, each, to.includes(each) || inOneRoom(from, each)] as const),
  );

  it.each(pairs.filter(([, , allowed]) => allowed))('%s may import %s', (from, to) => {
    expect(rulesBrokenBy({ [from]: imports(from, to) })).toEqual([]);
  });

  it.each(pairs.filter(([, , allowed]) => !allowed))('%s may not import %s, even as a type', (from, to) => {
    expect(rulesBrokenBy({ [from]: imports(from, to) })).toEqual(['direction']);
  });

  it('counts files right in lib/ as nest', () => {
    expect(roomOf('lib/index.ts')).toBe('nest');
    expect(roomOf('lib/bson/codecs/any.ts')).toBe('bson');
  });

  it('knows every folder of lib/', () => {
    expect(rulesBrokenBy({ 'helpers/a.ts': '' })).toEqual(['unknown-room']);
  });

  it('finds an import that leads nowhere, or out of lib/', () => {
    expect(rulesBrokenBy({ 'flush/a.ts': `import './b.js';` })).toEqual(['unresolved']);
    expect(rulesBrokenBy({ 'flush/a.ts': `import '../../test/b.js';` })).toEqual(['unresolved']);
  });
});

describe('purity', () => {
  const driver = `import { MongoClient } from 'mongodb';`;
  const driverType = `import type { MongoClient } from 'mongodb';`;
  const nest = `import type { Type } from '@nestjs/common';`;

  it.each(['errors/a.ts', 'mapping/a.ts', 'bson/a.ts', 'tracking/a.ts', 'query/a.ts', 'flush/a.ts'])(
    '%s is pure',
    (file) => {
      expect(rulesBrokenBy({ [file]: driver })).toContain('pure');
      expect(rulesBrokenBy({ [file]: nest })).toContain('pure');
      expect(rulesBrokenBy({ [file]: `const a = () => import('mongodb');` })).toContain('pure');
    },
  );

  it.each(['errors/a.ts', 'mapping/a.ts', 'bson/a.ts', 'tracking/a.ts'])('%s knows no type of the driver', (file) => {
    expect(rulesBrokenBy({ [file]: driverType })).toContain('pure');
  });

  it.each(['query/a.ts', 'flush/a.ts', 'flush/rewrite.ts'])('%s may name types of the driver', (file) => {
    expect(rulesBrokenBy({ [file]: driverType })).toEqual([]);
    expect(rulesBrokenBy({ [file]: driver })).toEqual(['pure']);
  });

  it.each([
    ...['flush/write.ts', 'flush/write-transaction.ts', 'flush/transaction.ts', 'query/find.ts', 'query/finder.ts'],
    ...['unit-of-work/a.ts', 'repository/a.ts', 'nest/a.ts', 'cow.module.ts'],
  ])('%s may use the driver', (file) => {
    expect(rulesBrokenBy({ [file]: driver })).toEqual([]);
    expect(rulesBrokenBy({ [file]: nest })).toEqual([]);
  });

  it('has one door to the value classes', () => {
    expect(rulesBrokenBy({ 'nest/a.ts': `import { ObjectId as Id } from 'mongodb';` })).toEqual(['one-door']);
    expect(rulesBrokenBy({ 'flush/a.ts': `import type { Long } from 'mongodb';` })).toEqual(['one-door']);
    expect(rulesBrokenBy({ 'nest/a.ts': `import { ObjectId } from '../bson/values.js';` })).toEqual([]);
  });

  it('has no place for the bson package', () => {
    const manifest = { peerDependencies: { ...MANIFEST.peerDependencies, bson: '^7' } };
    expect(rulesBrokenBy({ 'bson/a.ts': `import type { Long } from 'bson';` }, manifest)).toEqual(['bson-package']);
    expect(rulesBrokenBy({ 'bson/values.ts': `export { Long } from 'bson';` }, manifest)).toEqual(['bson-package']);
  });
});

describe('packages', () => {
  it('must be declared', () => {
    expect(rulesBrokenBy({ 'nest/a.ts': `import a from 'lodash';` })).toEqual(['undeclared']);
    expect(rulesBrokenBy({ 'nest/a.ts': `import a from 'fs';` })).toEqual(['undeclared']);
    expect(rulesBrokenBy({ 'nest/a.ts': `const a = () => import('lodash/fp');` })).toEqual(['undeclared']);
    expect(rulesBrokenBy({ 'nest/a.ts': `import a from 'node:fs'; import b from '@nestjs/common/x.js';` })).toEqual([]);
  });

  it('must be named, not computed', () => {
    expect(rulesBrokenBy({ 'nest/a.ts': `const a = (b: string) => import(b);` })).toEqual(['computed']);
    expect(rulesBrokenBy({ 'nest/a.ts': `import { createRequire } from 'node:module';` })).toEqual(['computed']);
  });

  it.each(['class-validator', 'other-optional'])('%s is optional: nothing that index.ts loads imports it', (name) => {
    const chain = { 'index.ts': `export * from './nest/a.js';`, 'nest/a.ts': `import type { B } from './b.js';` };
    expect(rulesBrokenBy({ ...chain, 'nest/b.ts': `import { a } from '${name}';` })).toEqual(['optional-peer']);
    expect(rulesBrokenBy({ ...chain, 'nest/b.ts': `export type { A } from '${name}';` })).toEqual(['optional-peer']);
    expect(rulesBrokenBy({ ...chain, 'nest/b.ts': `const a = () => import('${name}');` })).toEqual([]);
  });

  it('lets a file that is loaded later import an optional peer', () => {
    const files = {
      'index.ts': `export const a = () => import('./nest/a.js');`,
      'nest/a.ts': `import { a } from 'class-validator';`,
    };
    expect(rulesBrokenBy(files)).toEqual([]);
  });

  it('stay out of the tracker', () => {
    const chain = {
      'tracking/index.ts': `export * from './a.js';`,
      'tracking/a.ts': `import { inspect } from 'node:util'; export { A } from '../mapping/index.js';`,
    };
    expect(rulesBrokenBy(chain)).toEqual([]);
    const reached = { ...chain, 'mapping/index.ts': `export * from '../bson/values.js';` };
    expect(rulesBrokenBy(reached)).toEqual(['needs-no-peer']);
  });

  it('are installed by the application, none by the library', () => {
    expect(rulesBrokenBy({}, { ...MANIFEST, dependencies: { tslib: '^2' } })).toEqual(['dependencies']);
  });
});

it('finds a top-level await', () => {
  expect(rulesBrokenBy({ 'nest/a.ts': `const a = await import('class-validator');` })).toEqual(['top-level-await']);
});
