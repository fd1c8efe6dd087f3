import { describe, expect, it } from '@jest/globals';
import { importsOf, topLevelAwaits, type Import } from './imports.js';

const PATH = 'lib/flush/plan.ts';

function only(text: string): Import {
  const found = importsOf({ path: PATH, text });
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe('importsOf', () => {
  it.each([
    [`import { a } from 'x';`, { package: 'x', names: ['a'] }],
    [`import a, { b as c } from 'x/deep.js';`, { package: 'x', names: ['b'] }],
    [`import * as a from '@s/x/deep';`, { package: '@s/x' }],
    [`import 'node:fs';`, { package: 'node:fs' }],
    [`import a = require('x');`, { package: 'x' }],
    [`export * from 'x';`, { package: 'x' }],
    [`export { a as b } from 'x';`, { package: 'x', names: ['a'] }],
    [`import a, { type B } from 'x';`, { package: 'x' }],
    [`import { a, type B } from 'x';`, { package: 'x', names: ['a', 'B'] }],
  ])('reads %s as loaded with the file', (text, expected) => {
    expect(only(text)).toMatchObject({ ...expected, typeOnly: false, dynamic: false });
  });

  it.each([
    `import type { A } from 'x';`,
    `import type A from 'x';`,
    `import type * as A from 'x';`,
    `import { type A, type B } from 'x';`,
    `import type A = require('x');`,
    `export type { A } from 'x';`,
    `export type * from 'x';`,
    `export { type A } from 'x';`,
    `let a: import('x').A;`,
    `type A = typeof import('x');`,
    `declare module 'x' { interface A { b: string } }`,
    `/// <reference types="x" />`,
  ])('reads %s as a type', (text) => {
    expect(only(text)).toMatchObject({ package: 'x', typeOnly: true, dynamic: false });
  });

  it.each([
    `const a = async () => import('x');`,
    'const a = () => import(`x`);',
    `require('x');`,
    `require.resolve('x');`,
  ])('reads %s as loaded later', (text) => {
    expect(only(text)).toMatchObject({ package: 'x', typeOnly: false, dynamic: true });
  });

  it('admits that a computed name cannot be read', () => {
    expect(only('const load = (name: string) => import(name);')).toMatchObject({
      specifier: undefined,
      package: undefined,
      file: undefined,
    });
  });

  it.each([
    ['./diff.js', 'lib/flush/diff.ts'],
    ['../bson/values.js', 'lib/bson/values.ts'],
    ['./codecs/a.mjs', 'lib/flush/codecs/a.mts'],
    ['..', 'lib'],
  ])('resolves %s to %s', (specifier, file) => {
    expect(only(`import { a } from '${specifier}';`)).toMatchObject({ file, package: undefined });
  });

  it('counts lines from one, and takes no comment or string for an import', () => {
    const text = `// import a from 'a';\nconst b = "import c from 'c'";\nimport d from 'd';`;
    expect(only(text)).toMatchObject({ package: 'd', line: 3 });
  });

  it('sees no import where there is none', () => {
    expect(importsOf({ path: PATH, text: 'export const a = 1;\nexport { a as b };\nexport {};' })).toEqual([]);
  });
});

describe('topLevelAwaits', () => {
  it.each([
    `const a = await import('x');`,
    `if (a) { await b; }`,
    `for await (const a of b) c(a);`,
    `await using a = b();`,
    `export class A { static b = 1; static { c(); } }\nawait d;`,
  ])('finds %s', (text) => {
    expect(topLevelAwaits({ path: PATH, text }).length).toBeGreaterThan(0);
  });

  it('leaves functions alone', () => {
    const text = `
      const a = async () => await b;
      async function c() { for await (const d of e) await d; await using f = g(); }
      class H { async i() { await j; } }`;
    expect(topLevelAwaits({ path: PATH, text })).toEqual([]);
  });
});
