import { sameAny } from '../bson/codecs/any.js';
import { BsonType } from '../bson/elements.js';
import { RawValue, decodeByDriver, encodeDocument, encodeValue } from '../bson/raw-value.js';
import { numeric, integerToBson } from '../bson/numbers.js';
import { Decimal128, Double, Long } from '../bson/values.js';
import { inStatements, type PathChange } from './change.js';
import { addDecimals } from './decimal.js';
import { splice } from './splice.js';

/** A document taken apart as far as needed: objects as Maps in the order of their keys, arrays as arrays. */
type Node = Map<string, unknown> | unknown[];

/** Operators that make no parents. */
const REMOVING = new Set<PathChange['op']>(['$unset', '$pull', '$pullAll', '$pop']);

/**
 * The document that the server holds after the changes, in the server's order of keys: it applies the operators of an
 * update together, new keys in lexicographic order of their paths.
 *
 * @returns bytes of its own
 */
export function advance(base: RawValue, changes: readonly PathChange[]): Buffer {
  const statements = inStatements(changes).map((one) => (one.length === 1 ? one : [...one].sort(byPath)));
  const spliced = statements.length === 1 ? splice(base, statements[0]!, combined) : undefined;
  if (spliced !== undefined) return spliced;
  const root = open(base);
  for (const statement of statements) {
    const keys: KeyIndex = new Map(); // edits of one statement leave keys and positions as they are
    for (const change of statement) applyAt(root, change.path.split('.'), change, keys);
  }
  return encodeDocument(root as unknown as Record<string, unknown>);
}

/** The positions of elements by the bytes of their key, for each array and key that a statement looks into. */
type KeyIndex = Map<Node, Map<string, Map<string, string[]>>>;

function applyAt(node: Node, path: readonly string[], change: PathChange, keys: KeyIndex): void {
  const [part = '', ...rest] = path;
  for (const name of namesOf(node, part, change, keys)) {
    if (rest.length === 0) {
      apply(node, name, change);
      continue;
    }
    const present = get(node, name);
    if (REMOVING.has(change.op) && !isContainer(present)) continue; // there is nothing to remove it from
    const inner = open(present);
    set(node, name, inner);
    applyAt(inner, rest, change, keys);
  }
}

/** The parts of a node that a part of a path means: one, or the element that has the key. */
function namesOf(node: Node, part: string, change: PathChange, keys: KeyIndex): readonly string[] {
  const identifier = /^\$\[(.+)\]$/.exec(part)?.[1];
  if (identifier === undefined || !Array.isArray(node)) return [part];
  const filter = change.elements?.find(({ name }) => name === identifier);
  if (filter === undefined) return [];
  const ofArray = keys.get(node) ?? new Map<string, Map<string, string[]>>();
  keys.set(node, ofArray);
  let positions = ofArray.get(filter.key);
  if (positions === undefined) {
    positions = positionsByKey(node, filter.key);
    ofArray.set(filter.key, positions);
  }
  return positions.get(keyText(filter.value)) ?? [];
}

function positionsByKey(elements: readonly unknown[], key: string): Map<string, string[]> {
  const positions = new Map<string, string[]>();
  for (const [index, element] of elements.entries()) {
    const node = open(element);
    const value = Array.isArray(node) ? undefined : node.get(key);
    if (value === undefined) continue;
    const text = keyText(encodeValue(value));
    positions.set(text, [...(positions.get(text) ?? []), String(index)]);
  }
  return positions;
}

function keyText({ type, bytes, start, end }: RawValue): string {
  return `${type} ${bytes.toString('latin1', start, end)}`;
}

function get(node: Node, name: string): unknown {
  return Array.isArray(node) ? node[Number(name)] : node.get(name);
}

function set(node: Node, name: string, value: unknown): void {
  if (Array.isArray(node)) {
    while (node.length < Number(name)) node.push(null);
    node[Number(name)] = value;
  } else node.set(name, value);
}

function apply(node: Node, name: string, change: PathChange): void {
  const present = get(node, name);
  switch (change.op) {
    case '$set':
      set(node, name, change.value);
      return;
    case '$unset':
      if (!Array.isArray(node)) node.delete(name);
      else if (Number(name) < node.length) node[Number(name)] = null;
      return;
    case '$push': {
      const elements = elementsOf(present);
      elements.splice(change.position ?? elements.length, 0, ...change.values);
      const { slice = elements.length } = change;
      set(node, name, slice < 0 ? elements.slice(slice) : elements.slice(0, slice));
      return;
    }
    case '$pop':
      if (!isContainer(present)) return;
      set(node, name, change.value > 0 ? elementsOf(present).slice(0, -1) : elementsOf(present).slice(1));
      return;
    case '$addToSet': {
      const elements = elementsOf(present);
      for (const value of change.values) if (!isAmong(value, elements)) elements.push(value);
      set(node, name, elements);
      return;
    }
    case '$pull':
      if (!isContainer(present)) return;
      set(
        node,
        name,
        elementsOf(present).filter((element) => !hasKey(element, change.key, change.values)),
      );
      return;
    case '$pullAll':
      if (!isContainer(present)) return;
      set(
        node,
        name,
        elementsOf(present).filter((element) => !isAmong(element, change.values)),
      );
      return;
    default:
      set(node, name, combined(change.op, present, change.value));
  }
}

/** What an operator makes of a value and what is there. */
export function combined(op: '$inc' | '$max' | '$min', present: unknown, value: unknown): unknown {
  if (op === '$inc') return plus(present, value);
  return isBeyond(op, present, value) ? value : present;
}

/** Would the server's `$max` (`$min`) take the value? Types have an order of their own, and NaN is below all numbers. */
function isBeyond(op: '$max' | '$min', present: unknown, value: unknown): boolean {
  if (present === undefined) return true;
  const [from, to] = [encodeValue(present), encodeValue(value)];
  const [x, y] = [rank(from.type), rank(to.type)];
  const difference = x === y ? compare(order(plain(to)), order(plain(from))) : y - x;
  return op === '$max' ? difference > 0 : difference < 0;
}

/** Place of a type in MongoDB's order of types. */
function rank(type: number): number {
  return TYPE_ORDER.findIndex((types) => types.includes(type));
}

const TYPE_ORDER: readonly (readonly number[])[] = [
  [BsonType.minKey],
  [BsonType.undefined],
  [BsonType.null],
  [BsonType.double, BsonType.int32, BsonType.int64, BsonType.decimal128],
  [BsonType.string, BsonType.symbol],
  [BsonType.object],
  [BsonType.array],
  [BsonType.binary],
  [BsonType.objectId],
  [BsonType.bool],
  [BsonType.date],
  [BsonType.timestamp],
  [BsonType.regex],
  [BsonType.dbPointer],
  [BsonType.code],
  [BsonType.codeWithScope],
  [BsonType.maxKey],
];

function compare(a: number | bigint, b: number | bigint): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a > b ? 1 : a < b ? -1 : 0;
}

function hasKey(element: unknown, key: string, values: readonly RawValue[]): boolean {
  const raw = encodeValue(element);
  const own = raw.type === BsonType.object ? raw.fields().get(key) : undefined;
  return own !== undefined && values.some((value) => own.sameBytes(value));
}

function isAmong(element: unknown, values: readonly unknown[]): boolean {
  const value = decodeByDriver(encodeValue(element));
  return values.some((other) => sameAny(value, decodeByDriver(encodeValue(other))));
}

function isContainer(value: unknown): boolean {
  if (value === undefined) return false;
  if (value instanceof Map || Array.isArray(value)) return true;
  const { type } = encodeValue(value);
  return type === BsonType.object || type === BsonType.array;
}

/** A value taken apart; what has no parts becomes a new object, as a path through it would make. */
function open(value: unknown): Node {
  if (value instanceof Map || Array.isArray(value)) return value as Node;
  const raw = value === undefined ? undefined : encodeValue(value);
  if (raw?.type === BsonType.array) return raw.elements();
  return raw?.type === BsonType.object ? raw.fields() : new Map<string, unknown>();
}

function elementsOf(value: unknown): unknown[] {
  const node = value === undefined ? [] : open(value);
  return Array.isArray(node) ? node : [];
}

function plain(value: unknown): unknown {
  return value instanceof RawValue ? decodeByDriver(value, { promoteLongs: false }) : value;
}

function order(value: unknown): number | bigint {
  return value instanceof Date ? value.getTime() : (numeric(value) ?? Number.NaN);
}

/** As the server adds: a double makes a double, an int64 an int64, and an int32 that overflows becomes one. */
function plus(value: unknown, by: unknown): unknown {
  const delta = encodeValue(by);
  if (value === undefined) return delta;
  const from = encodeValue(value);
  const [a, b] = [plain(from), plain(delta)];
  if (a instanceof Decimal128 && b instanceof Decimal128) return addDecimals(a, b) ?? value;
  const [x, y] = [numeric(a), numeric(b)];
  if (x === undefined || y === undefined) return value;
  const types = [from.type, delta.type];
  if (types.includes(BsonType.double)) return new Double(Number(x) + Number(y));
  const sum = BigInt(x) + BigInt(y);
  return types.includes(BsonType.int64) ? Long.fromBigInt(sum) : integerToBson(sum);
}

/** MongoDB's order of paths: part by part, numbers by value. */
function byPath(a: PathChange, b: PathChange): number {
  const x = a.path.split('.');
  const y = b.path.split('.');
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x[i]!, y[i]!];
    if (p === q) continue;
    if (/^\d+$/.test(p) && /^\d+$/.test(q)) return Number(p) - Number(q);
    return Buffer.compare(Buffer.from(p), Buffer.from(q));
  }
  return x.length - y.length;
}
