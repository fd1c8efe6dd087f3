import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { entries, surfacesOf } from './surface.mjs';

const REMEDY = 'If the change is meant: npm run surface:update, and a line in CHANGELOG.md under Unreleased.';

describe('the public surface', () => {
  const present = entries().filter(({ source }) => existsSync(source));
  const surfaces = surfacesOf(present.map(({ source }) => source));

  it.each(present.map((entry, index) => ({ ...entry, surface: surfaces[index]! })))(
    'of $name is what was agreed',
    ({ surface, report }) => {
      expect(surface).not.toBe('');
      if (!existsSync(report)) {
        // While the surface is being built nobody has agreed on it; nothing is merged like that.
        if (process.env.CI) throw new Error(`${basename(report)} is missing. Run npm run surface:update.`);
        return;
      }
      withRemedy(REMEDY, () => expect(surface).toBe(readFileSync(report, 'utf8').replaceAll('\r\n', '\n')));
    },
  );

  it('is explained in the CHANGELOG', () => {
    const changelog = readFileSync(new URL('../../CHANGELOG.md', import.meta.url), 'utf8');
    const [, unreleased = ''] = changelog.split(/^## \[?Unreleased\]?.*$/m);
    const [section = ''] = unreleased.split(/^## /m);
    withRemedy('CHANGELOG.md says under Unreleased, in a list, what users of the library will notice.', () =>
      expect(section).toMatch(/^- \S/m),
    );
  });
});

/** Runs a check, and adds to its failure what to do. */
function withRemedy(remedy: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    (error as Error).message += `\n\n${remedy}`;
    throw error;
  }
}
