import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Line of the fence. */
  readonly line: number;
  /** What stands after the fence: `ts`, `ts sends`, `js`. */
  readonly info: string;
  readonly text: string;
}

export const project = fileURLToPath(new URL('../../', import.meta.url));

/** README and every page of docs/. */
export function pages(): string[] {
  const docs = readdirSync(join(project, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)];
}

/** The fenced blocks of a page, in their order. */
export function blocksOf(page: string): Block[] {
  const lines = readFileSync(join(project, page), 'utf8').split('\n');
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, indent = '', info = ''] = /^( *)```(\S.*)$/.exec(lines[i]!) ?? [];
    if (info === '') continue;
    const end = lines.indexOf(`${indent}\`\`\``, i + 1);
    const text = lines.slice(i + 1, end).map((line) => line.slice(indent.length));
    blocks.push({ page, line: i + 1, info, text: text.join('\n') });
    i = end;
  }
  return blocks;
}
