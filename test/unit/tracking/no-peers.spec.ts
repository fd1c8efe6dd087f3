import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { importsOf, type Import } from '../../support/imports.js';

const project = fileURLToPath(new URL('../../../', import.meta.url));

/** Every import of a file and of the files it imports, once a file. */
function walk(path: string, read: (path: string) => string, seen = new Set<string>()): Import[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const imports = importsOf({ path, text: read(path) });
  return [...imports, ...imports.flatMap(({ file }) => (file === undefined ? [] : walk(file, read, seen)))];
}

const source = (path: string) => readFileSync(join(project, path), 'utf8');

/** What tsc makes of a file, by the project's own options. */
function compiled(path: string): string {
  const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), ts.sys.readFile) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, project);
  return ts.transpileModule(source(path), { compilerOptions: options, fileName: path }).outputText;
}

describe('nestjs-cow/tracking', () => {
  it.each([
    ['as it runs', compiled],
    ['with its types', source],
  ])('imports no package, %s', (_name, read) => {
    const imports = walk('lib/tracking/index.ts', read);
    const packages = imports.flatMap((each) => each.package ?? []);
    expect(packages.filter((name) => !name.startsWith('node:'))).toEqual([]);
    expect(imports.filter(({ specifier }) => specifier === undefined)).toEqual([]);
    const files = new Set(imports.flatMap(({ file }) => file ?? []));
    expect(files).toContain('lib/tracking/tracked-state.ts');
    expect([...files].every((file) => /^lib\/(tracking|errors)\//.test(file))).toBe(true);
  });

  it('is where package.json says', () => {
    const { exports } = JSON.parse(source('package.json')) as { exports: Record<string, { default: string }> };
    expect(exports['./tracking']?.default).toBe('./dist/tracking/index.js');
  });

  it('would be seen to import a peer', () => {
    const files: Record<string, string> = {
      'lib/a.ts': "import { b } from './b.js'; b();",
      'lib/b.ts': "import { ObjectId } from 'mongodb'; export const b = () => new ObjectId();",
    };
    expect(walk('lib/a.ts', (path) => files[path]!).flatMap((each) => each.package ?? [])).toEqual(['mongodb']);
  });
});
