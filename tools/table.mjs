const WIDTH = 110;

/**
 * Two columns as text, the second one wrapped.
 *
 * @param {[head: string, head2: string]} head
 * @param {[string, string][]} rows
 * @returns {string}
 */
export function table(head, rows) {
  const left = Math.max(...[head, ...rows].map(([cell]) => cell.length));
  const rule = /** @type {[string, string]} */ (['-'.repeat(left), '-'.repeat(head[1].length)]);
  return [head, rule, ...rows]
    .flatMap(([cell, text]) =>
      wrap(text, Math.max(40, WIDTH - left - 4)).map((line, at) =>
        `  ${(at === 0 ? cell : '').padEnd(left)}  ${line}`.trimEnd(),
      ),
    )
    .join('\n');
}

/**
 * @param {string} text
 * @param {number} width
 * @returns {string[]}
 */
function wrap(text, width) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines[lines.length - 1] ?? '';
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
