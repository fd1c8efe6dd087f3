// npm run surface:update: writes the reports that public-surface.spec.ts compares with.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { entries, surfacesOf } from './surface.mjs';

const present = entries().filter(({ source }) => existsSync(source));
const texts = surfacesOf(present.map(({ source }) => source));

present.forEach(({ name, report }, index) => {
  const before = existsSync(report) ? readFileSync(report, 'utf8') : undefined;
  const changed = before !== texts[index];
  if (changed) writeFileSync(report, texts[index]);
  console.log(`${name}: ${changed ? 'written; say in CHANGELOG.md, under Unreleased, what changed' : 'unchanged'}`);
});
