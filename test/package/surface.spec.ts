import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import ts from 'typescript';
import { surfacesOf } from './surface.mjs';

/** What the report depends on, and as little else to load as possible. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  strict: true,
  stripInternal: true,
  lib: ['lib.es5.d.ts'],
  types: [],
};

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The report of `index.ts` among these sources. */
function surface(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'surface-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return surfacesOf([join(folder, 'index.ts')], OPTIONS)[0]!;
}

it('shows types that nobody wrote down', () => {
  const [number, text] = ['1', `'a'`].map((value) =>
    surface({ 'index.ts': `export const make = () => ({ a: [${value}] });` }),
  );
  expect(number).toContain('a: number[]');
  expect(text).toContain('a: string[]');
});

it('leaves out what is private or internal, and comments', () => {
  const text = surface({
    'index.ts': `
      /** Says a lot. */
      export class Open {
        private secret = 1;
        #hidden = 2;
        /** @internal */ inner = 3;
        protected heir = 4;
        shown(): number { return this.secret + this.#hidden; }
        private constructor(readonly first: string, private readonly second: string) {}
      }`,
  });
  expect(text).toMatch(/protected heir/);
  expect(text).toMatch(/shown\(\): number/);
  expect(text).toMatch(/readonly first: string/);
  expect(text).toMatch(/private constructor/);
  expect(text).not.toMatch(/secret|hidden|inner|Says|readonly second/);
});

it('follows re-exports, and pins what exported types mention', () => {
  const files = {
    'index.ts': `export { Order as Purchase } from './a/order.js';\nexport type * from './a/list.js';`,
    'a/order.ts': `import type { Item } from './item.js';\nexport interface Order { items: Item[] }`,
    'a/item.ts': `export interface Item { qty: number; back: Item }\nexport interface Unseen { a: 1 }`,
    'a/list.ts': `export type List = readonly string[];`,
  };
  const text = surface(files);
  expect(text).toMatch(/exported as Purchase\ninterface Order/);
  expect(text).toContain('type List = readonly string[];');
  expect(text).toMatch(/mentioned by what is\.\n\ninterface Item \{\n {4}back: Item;\n {4}qty: number;\n\}/);
  expect(text).not.toContain('Unseen');
});

it('does not depend on the order of declarations, but for overloads', () => {
  const one = `export interface A { b: 1; f(a: 1): 1; f(a: 2): 2; c: 2 }`;
  const same = `export interface A { c: 2; f(a: 1): 1; f(a: 2): 2; b: 1 }`;
  const other = `export interface A { c: 2; f(a: 2): 2; f(a: 1): 1; b: 1 }`;
  const [first, moved, swapped] = [one, same, other].map((text) =>
    surface({ 'index.ts': `${text}\nexport const z = 1;` }),
  );
  expect(surface({ 'index.ts': `export const z = 1;\n${one}` })).toBe(first);
  expect(moved).toBe(first);
  expect(swapped).not.toBe(first);
});

it('shows an export whose declaration is internal', () => {
  const files = { 'index.ts': `export { a } from './a.js';`, 'a.ts': `/** @internal */ export const a = 1;` };
  expect(surface(files)).toBe('a: exported, but not declared\n');
});
