/** Words after which a slash starts a regular expression: they end no operand. */
const NO_OPERAND = new Set('await case delete do else in instanceof new of return throw typeof void yield'.split(' '));

/** Words whose parentheses end no operand: `if (x) /a/.test(y)`. */
const HEADS = new Set(['if', 'while', 'for', 'with']);

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/y;
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y;
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const WORD = /[\w$#\u0080-\uffff]+/y;
const SAME_SIDE = /\s+|\+\+|--/y; // what leaves open whether an operand has just ended

/** The source with strings, templates, regular expressions and comments blanked, so that only code is left. */
export function withoutText(source: string): string {
  const parts: string[] = [];
  scan(source, 0, (text, isCode) => parts.push(isCode ? text : ' '.repeat(text.length)));
  return parts.join('');
}

/**
 * Reads code from `start` to a brace that it does not open, or to the end.
 *
 * @returns the position after that brace
 */
function scan(source: string, start: number, emit: (text: string, isCode: boolean) => void): number {
  const parentheses: boolean[] = []; // for each that is open: does an operand end with it?
  let at = start;
  let depth = 0;
  let word = '';
  let afterOperand = false;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const advance = (text: string, isCode: boolean) => {
    emit(text, isCode);
    at += text.length;
  };
  while (at < source.length) {
    const neutral = take(COMMENT);
    const text = neutral ?? take(STRING) ?? (source[at] === '`' ? templateAt(source, at) : undefined);
    const pattern = afterOperand ? undefined : take(REGEX);
    const name = take(WORD);
    const space = take(SAME_SIDE);
    const char = source.charAt(at);
    if (text !== undefined || pattern !== undefined) {
      advance((text ?? pattern)!, false);
      if (neutral === undefined) afterOperand = true;
    } else if (name !== undefined) {
      afterOperand = source[at - 1] === '.' || !NO_OPERAND.has(name);
      word = name;
      advance(name, true);
      continue;
    } else if (space !== undefined) {
      advance(space, true);
      continue;
    } else {
      if (char === '(') parentheses.push(!HEADS.has(word));
      if (char === '{') depth++;
      if (char === '}' && --depth < 0) return at + 1;
      afterOperand = char === ')' ? (parentheses.pop() ?? true) : char === ']';
      advance(char, true);
    }
    word = '';
  }
  return at;
}

/** The whole template literal that starts at a backtick, the templates in its expressions included. */
function templateAt(source: string, start: number): string {
  let at = start + 1;
  while (at < source.length && source[at] !== '`') {
    if (source[at] === '\\') at += 2;
    else if (source.startsWith('${', at)) at = scan(source, at + 2, () => undefined);
    else at++;
  }
  return source.slice(start, at + 1);
}

/** The members of a class, what nests deeper than its body left out; from code without text. */
export function membersOf(code: string): string {
  const end = code.lastIndexOf('}');
  let depth = 0;
  let start = end;
  for (; start >= 0; start--) {
    if (code[start] === '}') depth++;
    if (code[start] === '{' && --depth === 0) break;
  }
  let members = '';
  for (const char of code.slice(start + 1, end)) {
    if ('})]'.includes(char)) depth--;
    if (depth === 0) members += char;
    if ('{(['.includes(char)) depth++;
  }
  return members;
}
