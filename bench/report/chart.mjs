import { PARTICIPANTS } from '../worlds/index.mjs';
import { amount } from './amount.mjs';

const SHOWN = ['find-two-fields', 'find-readonly', 'request-same-tick', 'request-change-1000', 'insert-records'];
const WIDTH = 760;
const LEFT = 130;
const LONGEST = 470;
const BAR = 14;
const STEP = 18;
const HEAD = 34;

/**
 * Bars of client CPU for some cases, as SVG: each case on a scale of its own.
 *
 * @param {any} result
 */
export function chart({ results }) {
  let top = 10;
  const parts = [];
  for (const name of SHOWN) {
    const one = results.find((result) => result.name === name);
    if (one === undefined) continue;
    const entries = Object.entries(one.figures);
    const most = Math.max(...entries.map(([, own]) => own.cpu.median));
    parts.push(text(LEFT, top + 18, one.title, 'class="case"'));
    for (const [at, [participant, { cpu }]] of entries.entries()) {
      const y = top + HEAD + at * STEP - 8;
      const width = Math.max(1, (cpu.median / most) * LONGEST);
      parts.push(
        text(LEFT - 8, y + 11, PARTICIPANTS[participant].title, 'text-anchor="end"'),
        `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" class="${participant === 'cow' ? 'ours' : 'other'}"/>`,
        text(LEFT + width + 6, y + 11, amount('cpu', cpu.median)),
      );
    }
    top += HEAD + entries.length * STEP + 8;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 10}" role="img" aria-label="Client CPU by participant">
<style>text{font:12px sans-serif;fill:#24292f}.case{font-weight:bold}.ours{fill:#1a7f37}.other{fill:#9aa4af}</style>
<rect width="${WIDTH}" height="${top + 10}" rx="8" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
}

function text(x, y, content, attributes = '') {
  const safe = content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${Number(x.toFixed(1))}" y="${y}"${attributes === '' ? '' : ` ${attributes}`}>${safe}</text>`;
}
