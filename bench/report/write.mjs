// npm run docs:performance: writes docs/performance.md, its chart, and the table in README.md from the newest result.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { chart } from './chart.mjs';
import { performancePage } from './performance-page.mjs';
import { withReadmeBlock } from './readme-block.mjs';
import { committedResult } from './results.mjs';

const ROOT = join(import.meta.dirname, '..', '..');
const result = committedResult();
const readme = join(ROOT, 'README.md');
writeFileSync(join(ROOT, 'docs', 'performance.md'), performancePage(result));
writeFileSync(join(ROOT, 'docs', 'performance.svg'), chart(result));
writeFileSync(readme, withReadmeBlock(readFileSync(readme, 'utf8'), result));
