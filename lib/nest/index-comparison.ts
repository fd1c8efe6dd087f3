import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'mongodb';
import type { IndexMap } from '../mapping/index.js';

/** Options that make two indexes of one key two indexes, and not one with a conflict. */
const IDENTITY = ['partialFilterExpression', 'collation'];
/** Options that change what an index does, where only the existing one has them. */
const SIGNIFICANT = ['unique', 'sparse', 'expireAfterSeconds'];
/** Options of the command, not of the index; a name is only a label. */
const IGNORED = new Set(['name', 'background', 'v', 'comment', 'commitQuorum', 'maxTimeMS', 'session', ...IDENTITY]);

/**
 * Compares a declared index with one that exists.
 *
 * @returns `'same'`, `'other'`, or the names of the options in which the two differ
 */
export function compareIndex(declared: IndexMap, existing: Document): 'same' | 'other' | string[] {
  const { key, weights } = storedKey(declared);
  if (!isDeepStrictEqual(Object.entries(key), Object.entries((existing.key ?? {}) as Document))) return 'other';
  if (weights !== undefined && !isDeepStrictEqual(weights, new Set(Object.keys(existing.weights as object)))) {
    return ['weights']; // a collection can have one text index
  }
  if (IDENTITY.some((option) => !sameIdentity(declared.options[option], existing[option], option))) return 'other';
  const named = Object.keys(declared.options).filter((option) => !IGNORED.has(option));
  const differing = [...new Set([...named, ...SIGNIFICANT])].filter(
    (option) => !covers(declared.options[option], existing[option]),
  );
  return differing.length === 0 ? 'same' : differing;
}

/** The name that the server keeps an index by. */
export function indexName({ key, options }: IndexMap): string {
  if (typeof options.name === 'string') return options.name;
  return Object.entries(key)
    .map(([path, direction]) => `${path}_${direction}`)
    .join('_');
}

/** For texts: `{ customer: 1, placedAt: -1 }`. */
export function describeIndex({ key, options }: IndexMap): string {
  const paths = Object.entries(key).map(([path, direction]) => `${path}: ${direction}`);
  return `{ ${paths.join(', ')} }${options.unique === true ? ' unique' : ''}`;
}

/** An index as the server will answer it, for comparison with others that are declared. */
export function asStored(index: IndexMap): Document {
  const { key, weights } = storedKey(index);
  return {
    ...index.options,
    key,
    name: indexName(index),
    ...(weights === undefined ? {} : { weights: Object.fromEntries([...weights].map((path) => [path, 1])) }),
  };
}

/** The key as the server keeps it: all text fields are one entry, and are named by the weights. */
function storedKey({ key }: IndexMap): { key: Document; weights: ReadonlySet<string> | undefined } {
  const weights = new Set<string>();
  const stored: Document = {};
  for (const [path, direction] of Object.entries(key)) {
    if (direction !== 'text') stored[path] = direction;
    else {
      weights.add(path);
      Object.assign(stored, { _fts: 'text', _ftsx: 1 });
    }
  }
  return { key: stored, weights: weights.size === 0 ? undefined : weights };
}

/** Without a collation an index has the collection's, which the server then names. */
function sameIdentity(declared: unknown, existing: unknown, option: string): boolean {
  if (option === 'collation') return declared === undefined || covers(declared, existing);
  return isDeepStrictEqual(declared, existing);
}

/** Does the existing value say what is declared? The server adds what was left out of a collation. */
function covers(declared: unknown, existing: unknown): boolean {
  if (!isObject(declared) || !isObject(existing)) {
    return isDeepStrictEqual(declared === false ? undefined : declared, existing === false ? undefined : existing);
  }
  return Object.entries(declared).every(([name, value]) => covers(value, existing[name]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
