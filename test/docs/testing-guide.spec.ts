import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { blocksOf, project } from './blocks.js';

/** What `npm run pack:test` runs against the packed tarball. */
const PROJECTS = ['jest', 'vitest'].map((name) => join(project, 'test/package/projects', name));

const blocks = blocksOf('docs/testing.md');

/** Without its comments, which the guide and the projects may have of their own. */
const code = (text: string) => text.replaceAll(/^ *\/\/.*\n?/gm, '').trim();

describe('the projects of docs/testing.md', () => {
  const scripts = blocks.filter(({ info }) => info === 'js').map(({ text }) => text);

  it.each(scripts.map((text) => [/^\/\/ ([\w./-]+)/.exec(text)?.[1] ?? 'a file without a name', text]))(
    'have %s as the guide shows it',
    (name, text) => {
      const [path, ...others] = PROJECTS.map((folder) => join(folder, name)).filter((one) => existsSync(one));
      expect([path, others]).toEqual([expect.any(String), []]);
      expect(code(readFileSync(path!, 'utf8'))).toBe(code(text));
    },
  );

  it('have the settings of jest that the guide shows', () => {
    const [shown, ...others] = blocks.filter(({ info }) => info === 'json');
    expect(others).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(PROJECTS[0]!, 'package.json.txt'), 'utf8')) as object;
    expect(manifest).toMatchObject(JSON.parse(shown!.text) as object);
  });

  it('have no other files that the guide does not show, but sources and settings of TypeScript', () => {
    const names = scripts.map((text) => /^\/\/ ([\w./-]+)/.exec(text)![1]!);
    expect(names.sort()).toEqual([
      'test/mongo.mjs',
      'test/start-mongo.mjs',
      'test/stop-mongo.mjs',
      'vitest.config.mjs',
    ]);
  });
});
