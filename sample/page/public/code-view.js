import { el } from './dom.js';

/** Up to how many characters a value stays on one line. */
const WIDTH = 60;

/**
 * A value as mongosh would show it, each line with its marks.
 *
 * @param {unknown} value extended JSON
 * @param {(path: string[]) => string | undefined} markOf class of the lines of a path: 'is-change', 'is-dim' …
 * @returns {HTMLElement[]} lines
 */
export function codeLines(value, markOf = () => undefined) {
  /** @type {HTMLElement[]} */
  const lines = [];
  const line = (depth, path, ...tokens) => {
    const mark = markOf(path);
    const indent = el('span', { class: 'indent' }, '  '.repeat(depth));
    lines.push(el('span', { class: `line ${mark ?? ''}`.trim() }, indent, ...tokens, '\n'));
  };
  const write = (part, depth, path, before, after) => {
    const flat = inline(part);
    const entries = entriesOf(part);
    const isMixed = entries && new Set(entries.map(([key]) => markOf([...path, key]))).size > 1;
    if (!entries || (!isMixed && textOf(flat).length + textOf(before).length <= WIDTH)) {
      line(depth, path, ...before, ...flat, ...after);
      return;
    }
    const [open, close] = Array.isArray(part) ? ['[', ']'] : ['{', '}'];
    line(depth, path, ...before, mark('punct', open));
    for (const [key, one] of entries) {
      const label = Array.isArray(part) ? [] : [keyToken(key), mark('punct', ': ')];
      write(one, depth + 1, [...path, key], label, [mark('punct', ',')]);
    }
    line(depth, path, mark('punct', close), ...after);
  };
  write(value, 0, [], [], []);
  return lines;
}

/**
 * Folds a long run of lines of one mark: its first ones stay, a button shows the others.
 *
 * @param {HTMLElement[]} lines @param {string} mark @param {number} kept @param {string} what
 */
export function folded(lines, mark, kept, what) {
  const marked = lines.filter((line) => line.classList.contains(mark));
  const rest = marked.slice(kept);
  if (rest.length < 6) return lines;
  for (const line of rest) line.hidden = true;
  const button = el('button', { type: 'button', class: 'unfold' }, `… ${rest.length} more lines of ${what}`);
  const fold = el('span', { class: `line ${mark}` }, button);
  button.addEventListener('click', () => {
    for (const line of rest) line.hidden = false;
    fold.remove();
  });
  return lines.flatMap((line) => (line === rest[0] ? [fold, line] : [line]));
}

/** A scrollable block of code. @param {HTMLElement[]} lines @param {string} label */
export function codeBlock(lines, label) {
  return el('pre', { class: 'code', tabindex: '0', role: 'region', 'aria-label': label }, el('code', {}, ...lines));
}

/** A short value in one line. */
export function inlineCode(value) {
  return el('code', { class: 'inline-code' }, ...inline(value));
}

function entriesOf(value) {
  if (typeof value !== 'object' || value === null || scalar(value)) return undefined;
  const entries = Object.entries(value);
  return entries.length > 0 ? entries : undefined;
}

function inline(value) {
  const known = scalar(value);
  if (known) return [known];
  if (Array.isArray(value)) {
    const parts = value.flatMap((one, nth) => [nth > 0 && mark('punct', ', '), ...inline(one)]);
    return [mark('punct', '['), ...parts.filter(Boolean), mark('punct', ']')];
  }
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value).flatMap(([key, one], nth) => [
      nth > 0 && mark('punct', ', '),
      keyToken(key),
      mark('punct', ': '),
      ...inline(one),
    ]);
    if (parts.length === 0) return [mark('punct', '{}')];
    return [mark('punct', '{ '), ...parts.filter(Boolean), mark('punct', ' }')];
  }
  if (typeof value === 'string') return [mark('string', JSON.stringify(value))];
  return [mark('number', String(value))];
}

/** Values that extended JSON writes as objects. */
function scalar(value) {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('$oid' in value) return mark('type', `ObjectId("${value.$oid}")`);
  if ('$date' in value) return mark('type', `ISODate("${isoOf(value.$date)}")`);
  if ('$binary' in value) return mark('type', `BinData(${value.$binary.subType}, "${value.$binary.base64}")`);
  if ('$timestamp' in value) return mark('type', `Timestamp(${value.$timestamp.t}, ${value.$timestamp.i})`);
  return undefined;
}

function isoOf(date) {
  return typeof date === 'string' ? date : new Date(Number(date.$numberLong)).toISOString();
}

function keyToken(key) {
  return mark(key.startsWith('$') ? 'operator' : 'key', /^[\w$]+$/.test(key) ? key : `"${key}"`);
}

function mark(kind, text) {
  return el('span', { class: `t-${kind}` }, text);
}

function textOf(tokens) {
  return tokens.map((token) => token.textContent ?? token).join('');
}
