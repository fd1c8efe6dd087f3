import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ALONE, GROUPS } from './groups.mjs';

const FOLDER = join(import.meta.dirname, '..', 'cases');

/** @type {import('./case.mjs').Case[]} */
export const cases = [];
for (const group of Object.keys(GROUPS)) {
  for (const file of filesOf(group)) {
    const { default: found } = await import(pathToFileURL(join(FOLDER, group, file)).href);
    for (const one of [found].flat()) cases.push({ ...one, group, isAlone: ALONE.has(group) });
  }
}

/** @param {string} name */
export function findCase(name) {
  const found = cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no case "${name}".`);
  return found;
}

function filesOf(group) {
  return readdirSync(join(FOLDER, group))
    .filter((file) => file.endsWith('.mjs'))
    .sort();
}
