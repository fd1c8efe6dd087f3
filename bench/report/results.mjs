import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'results');

/** The newest committed result: what the documents are made of. */
export function committedResult() {
  const [newest] = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .reverse();
  if (newest === undefined) throw new Error('bench/results is empty: npm run bench -- --out bench/results/<date>.json');
  return JSON.parse(readFileSync(join(FOLDER, newest), 'utf8'));
}

/**
 * Writes a result, with one line for each participant of a case: a difference of two can be read.
 *
 * @param {string} file
 * @param {any} result
 */
export function writeResult(file, { results, ...head }) {
  const cases = results.map(({ figures, ...one }) => {
    const lines = Object.entries(figures).map(([name, own]) => `   ${JSON.stringify(name)}: ${JSON.stringify(own)}`);
    return `  ${JSON.stringify(one).slice(0, -1)},"figures":{\n${lines.join(',\n')}\n  }}`;
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(head, null, 1).slice(0, -2)},\n "results": [\n${cases.join(',\n')}\n ]\n}\n`);
}
