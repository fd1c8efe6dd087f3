import { BSON, type Document } from 'mongodb';
import { decodeByDriver } from '../../../lib/bson/raw-value.js';
import type { Guard } from '../../../lib/flush/change.js';
import type { Statement } from './run-rows.js';

/** Longer values are left out. */
const VALUE_LENGTH = 34;
/** Of more paths, the first ones. */
const PATHS = 3;

/** An update with its values: `$set note: 'leave it'`. */
export function updateInWords({ u }: Statement): string {
  return Object.entries(u as Record<string, Document>)
    .map(([operator, paths]) =>
      code(`${operator} ${some(Object.entries(paths).map(([path, value]) => operation(operator, path, value)))}`),
    )
    .join(', ');
}

/** An update without its values: `$set note`. */
export function pathsInWords({ q, u }: Statement): string {
  const operators = Object.entries(u as Record<string, Document>)
    .map(([operator, paths]) => [operator, Object.keys(paths).filter((path) => path !== '__v')] as const)
    .filter(([, paths]) => paths.length > 0)
    .map(([operator, paths]) => code(`${operator} ${some(paths)}`))
    .join(', ');
  return '__v' in q ? `${operators} if ${code('__v')}` : operators;
}

function operation(operator: string, path: string, value: unknown): string {
  switch (operator) {
    case '$unset':
      return path;
    case '$push':
    case '$addToSet': {
      const { $each, $position, $slice } = value as { $each: unknown[]; $position?: number; $slice?: number };
      if ($slice !== undefined) return `${path}: the ${$slice < 0 ? 'last' : 'first'} ${Math.abs($slice)}`;
      return `${path}${$position === undefined ? '' : ` at ${$position}`}: ${short($each)}`;
    }
    case '$pull':
      return `${path}: ${pulled(value as Document)}`;
    default:
      return `${path}: ${short(value)}`;
  }
}

function pulled(condition: Document): string {
  const conditions = (condition.$or ?? [condition]) as Record<string, { $eq: unknown }>[];
  const [key = ''] = Object.keys(conditions[0]!);
  return `${key} ${some(conditions.map((one) => short(one[key]!.$eq)))}`;
}

function some(parts: readonly string[]): string {
  return parts.length > PATHS ? `${parts.slice(0, PATHS).join(', ')}, …` : parts.join(', ');
}

function short(value: unknown): string {
  const text = literal(value);
  if (text.length <= VALUE_LENGTH) return text;
  return Array.isArray(value) ? '[…]' : '{…}';
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (value instanceof Date) return value.toISOString().replace('.000', '');
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value instanceof BSON.Binary) return `<${value.toString('hex').replace(/..(?=.)/g, '$& ')}>`;
  if (value instanceof BSON.ObjectId) return `ObjectId('…${value.toHexString().slice(-4)}')`;
  if (value instanceof BSON.Decimal128) return value.toString();
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, part]) => `${keyName(key)}: ${literal(part)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return String(value);
}

function keyName(key: string): string {
  return /^[\w$]+$/.test(key) ? key : `'${key}'`;
}

/** The guards of a document, those of one kind together. */
export function guardsInWords(guards: readonly Guard[]): string {
  const grouped = new Map<string, string[]>();
  for (const [group, part] of guards.map(inWords)) grouped.set(group, [...(grouped.get(group) ?? []), part]);
  return [...grouped]
    .map(([group, parts]) =>
      (parts.length > 1 ? group.replace('element ', 'elements ') : group).replace('#', some(parts)),
    )
    .join('; ');
}

/** What is said of several, with a `#` where this one's part goes. */
function inWords(guard: Guard): [group: string, part: string] {
  const path = code(guard.path);
  switch (guard.kind) {
    case 'value':
      return guard.original === undefined ? ['no #', path] : ['#', path];
    case 'object':
      return ['# still an object', path];
    case 'array':
      return ['# still an array', path];
    case 'absentKey':
      return [`no # in ${path}`, code(short(decodeByDriver(guard.value)))];
    case 'position':
      return ['#', code(`${guard.path}[${guard.index}]`)];
    case 'count':
      return [guard.count === undefined ? '# still in' : 'how many #', code(short(decodeByDriver(guard.value)))];
    case 'element': {
      const element = code(short(decodeByDriver(guard.value)));
      if (guard.inner.kind === 'whole') return ['element #, whole', element];
      return [`element #: ${inWords(guard.inner).reduce((group, part) => group.replace('#', part))}`, element];
    }
  }
}

function code(text: string): string {
  return `\`${text}\``;
}
