import { isWellFormed } from '../bson/strings.js';
import { Operator } from './operator.js';
import { encodeElement, encodeOperand, isPattern, type Spot } from './operand.js';
import { isPlainObject } from './plain-object.js';
import { refuse } from './refuse.js';
import { copySafely, REFUSED_IN_FILTERS } from './safe-copy.js';

/** The server refuses longer patterns. */
const MAX_PATTERN = 32_000;

/** Compiles the filter that the elements of an array must meet. */
export type ElementFilter = (spot: Spot, filter: unknown) => Record<string, unknown>;

type Operators = Record<string, unknown>;

/** MongoDB's operators for one made by `op`. */
export function compileOperator(spot: Spot, operator: Operator, elements: ElementFilter): Operators {
  const { name, operands } = Operator.read(operator);
  const [first, second] = operands;
  switch (name) {
    case 'eq':
      return equality(spot, first);
    case 'ne':
      return inequality(spot, first);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return { [`$${name}`]: notPattern(spot, `op.${name}()`, encodeOperand(spot, first)) };
    case 'in':
    case 'nin':
      return {
        [`$${name}`]: listOf(spot, `op.${name}()`, first).map((value) =>
          notPattern(
            spot,
            `op.${name}()`,
            spot.type.kind === 'set' ? encodeElement(spot, value) : encodeOperand(spot, value),
          ),
        ),
      };
    case 'all':
      return {
        $all: listOf(spot, 'op.all()', first).map((value) => notPattern(spot, 'op.all()', encodeElement(spot, value))),
      };
    case 'exists':
      if (typeof first !== 'boolean') refuse(spot, 'op.exists() takes a boolean', 'Give true or false.');
      return { $exists: first };
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return textSearch(spot, name, first, second);
    case 'matches':
      return patternSearch(spot, first);
    case 'size':
      requireList(spot, 'op.size()');
      if (!Number.isInteger(first) || (first as number) < 0 || (first as number) > 0x7fffffff) {
        refuse(spot, 'op.size() takes a whole number, 0 or more', 'Give the number of elements.');
      }
      return { $size: first };
    case 'mod':
      return { $mod: [divisor(spot, first), integer(spot, second)] };
    case 'elemMatch':
      return { $elemMatch: elementCondition(spot, first, elements) };
    case 'not':
      return { $not: Operator.is(first) ? compileOperator(spot, first, elements) : equality(spot, first) };
    case 'allOf':
      return merged(spot, operands, elements);
    case 'raw':
      return raw(spot, first);
  }
}

/** Equality as an operator, which takes nothing in the value for a pattern or an operator. */
export function equality(spot: Spot, value: unknown): Operators {
  if (spot.type.kind === 'set' && (value instanceof Set || Array.isArray(value))) return sameMembers(spot, value);
  return { $eq: encodeOperand(spot, value) };
}

function inequality(spot: Spot, value: unknown): Operators {
  const equal = equality(spot, value);
  // The server refuses $ne of a RegExp.
  return Object.hasOwn(equal, '$eq') && !isPattern(equal.$eq) ? { $ne: equal.$eq } : { $not: equal };
}

/** A Set is stored as an array whose order and duplicates do not count. */
function sameMembers(spot: Spot, values: Iterable<unknown>): Operators {
  if (spot.many) {
    refuse(
      spot,
      'a whole Set is compared through an array',
      'Compare it with that of one element: { items: op.elemMatch({ roles: … }) }.',
    );
  }
  const members = [...values].map((value) => notPattern(spot, 'A Set', encodeElement(spot, value)));
  return members.length === 0 ? { $eq: [] } : { $all: members, $not: { $elemMatch: { $nin: members } } };
}

/** `$in`, `$nin` and `$all` would search by a RegExp instead of comparing with it. */
function notPattern(spot: Spot, name: string, encoded: unknown): unknown {
  if (isPattern(encoded)) refuse(spot, `${name} compares, and a RegExp searches`, 'Use op.matches() and op.or().');
  return encoded;
}

function listOf(spot: Spot, name: string, values: unknown): unknown[] {
  if (values instanceof Set) return [...(values as Set<unknown>)];
  if (!Array.isArray(values))
    refuse(spot, `${name} takes an array`, `Give the values as an array: ${name.slice(0, -1)}[…]).`);
  return Array.from(values as unknown[]); // holes become undefined, which is refused
}

function requireList(spot: Spot, name: string): void {
  if (!['array', 'set', 'any'].includes(spot.type.kind)) refuse(spot, `${name} is for arrays`, 'Use another operator.');
}

function requireText(spot: Spot, name: string): void {
  const { type } = spot;
  const { kind } = type.kind === 'array' || type.kind === 'set' ? type.of : type;
  if (kind !== 'string' && kind !== 'any') refuse(spot, `${name} is for text`, 'Use another operator.');
}

function textSearch(
  spot: Spot,
  name: 'contains' | 'startsWith' | 'endsWith',
  text: unknown,
  options: unknown,
): Operators {
  requireText(spot, `op.${name}()`);
  if (typeof text !== 'string' || text.includes('\0') || !isWellFormed(text)) {
    refuse(spot, `op.${name}() takes a string without NUL and lone surrogates`, 'Give the text to look for.');
  }
  const literal = text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  // \z and not $, which the server also takes for the place before a last line break.
  const pattern = name === 'contains' ? literal : name === 'startsWith' ? `^${literal}` : `${literal}\\z`;
  return search(spot, pattern, ignoresCase(spot, name, options) ? 'i' : '');
}

function ignoresCase(spot: Spot, name: string, options: unknown): boolean {
  const unknown = isPlainObject(options) ? Object.keys(options).find((key) => key !== 'ignoreCase') : 'options';
  if (unknown !== undefined) {
    refuse(spot, `op.${name}() has no option "${unknown}"`, 'Its only option is { ignoreCase: true }.');
  }
  return (options as { ignoreCase?: unknown }).ignoreCase === true;
}

/** As text, since the driver writes a RegExp's flag g as s and drops its s. */
function patternSearch(spot: Spot, pattern: unknown): Operators {
  requireText(spot, 'op.matches()');
  if (!(pattern instanceof RegExp)) {
    refuse(spot, 'op.matches() takes a RegExp', 'For text use op.contains(), op.startsWith() or op.endsWith().');
  }
  if (/[vy]/.test(pattern.flags)) refuse(spot, 'the server knows no flags v and y', 'Use the flags i, m and s only.');
  if (pattern.source.includes('\0')) refuse(spot, 'the pattern contains NUL', 'Write it without NUL.');
  return search(spot, pattern.source, pattern.flags.replace(/[^ims]/g, ''));
}

function search(spot: Spot, pattern: string, flags: string): Operators {
  if (Buffer.byteLength(pattern) > MAX_PATTERN) refuse(spot, 'the text to look for is too long', 'Look for less.');
  return { $regex: pattern, $options: flags };
}

function divisor(spot: Spot, value: unknown): number | bigint {
  const number = integer(spot, value);
  if (Number(number) === 0) refuse(spot, 'op.mod() cannot divide by 0', 'Give another divisor.');
  return number;
}

function integer(spot: Spot, value: unknown): number | bigint {
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return value;
  if (!Number.isSafeInteger(value)) refuse(spot, 'op.mod() takes whole numbers', 'Give a divisor and a remainder.');
  return value as number;
}

function elementCondition(spot: Spot, condition: unknown, elements: ElementFilter): Operators {
  requireList(spot, 'op.elemMatch()');
  if (!Operator.is(condition)) return elements(spot, condition);
  const { type } = spot;
  const of = type.kind === 'array' || type.kind === 'set' ? type.of : type;
  return compileOperator({ ...spot, type: of, many: false }, condition, elements);
}

/** Several operators in one object. */
function merged(spot: Spot, operators: readonly unknown[], elements: ElementFilter): Operators {
  const all: Operators = {};
  if (operators.length === 0) refuse(spot, 'op.allOf() was given no operator', 'Give at least one.');
  for (const operator of operators) {
    if (!Operator.is(operator)) refuse(spot, 'op.allOf() takes operators', 'For filters use op.and().');
    for (const [name, value] of Object.entries(compileOperator(spot, operator, elements))) {
      if (Object.hasOwn(all, name)) {
        refuse(
          spot,
          `op.allOf() can say ${name} only once`,
          'Join filters instead of operators: op.and({ name: op.contains(a) }, { name: op.contains(b) }).',
        );
      }
      all[name] = value;
    }
  }
  return all;
}

function raw(spot: Spot, operators: unknown): Operators {
  const copy = copySafely(spot, operators, REFUSED_IN_FILTERS);
  if (
    !isPlainObject(copy) ||
    Object.keys(copy).length === 0 ||
    !Object.keys(copy).every((key) => key.startsWith('$'))
  ) {
    refuse(spot, 'op.raw() takes an object of operators', 'For example op.raw({ $gt: 5 }).');
  }
  return copy;
}
