import { readFile, writeFile } from 'node:fs/promises';

const PAGE = new URL('../../../docs/errors.md', import.meta.url);
const BEGIN = '<!-- misuse: written by npm run docs:misuse -->';
const END = '<!-- /misuse -->';

/** One mistake, and what is said of it. */
export interface Mistake {
  readonly what: string;
  readonly says: string;
}

/** The part of `docs/errors.md` that shows what the first mistakes lead to. */
function render(mistakes: readonly Mistake[]): string {
  const parts = mistakes.map(({ what, says }) => `**${what}**\n\n\`\`\`text\n${says}\n\`\`\``);
  return `${BEGIN}\n\n${parts.join('\n\n')}\n\n${END}`;
}

/** What stands in the page now. */
export async function present(): Promise<Mistake[]> {
  const part = partOf(await readFile(PAGE, 'utf8'));
  const mistakes = [...part.matchAll(/^\*\*(.+)\*\*\n\n```text\n([^]*?)\n```$/gm)];
  return mistakes.map(([, what, says]) => ({ what: what!, says: says! }));
}

export async function write(mistakes: readonly Mistake[]): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  await writeFile(
    PAGE,
    page.replace(partOf(page), () => render(mistakes)),
  );
}

function partOf(page: string): string {
  return page.slice(page.indexOf(BEGIN), page.indexOf(END) + END.length);
}

/** Without what differs from run to run: ids, ports, flushes. */
export function settled(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{24}\b/g, '65f0c0ffee65f0c0ffee65f0')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:27017')
    .trim();
}
