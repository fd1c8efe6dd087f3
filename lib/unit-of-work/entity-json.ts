import { JsonBuffer } from '../bson/json/json-buffer.js';
import { JsonWriter } from '../bson/json/json-writer.js';
import { Managed } from './managed.js';

/** `toJSON` of loaded entities: the documented mapping, whoever serialises. */
export function jsonOfEntity(this: object): unknown {
  const managed = Managed.of(this);
  return managed === undefined ? { ...this } : managed.store.codec.toJson(this);
}

/** How deep entities are looked for in what is answered: `{ data: [order, …], total: 5 }`. */
const DEPTH = 3;

/** Is it an entity, or a list or plain object that has one in an obvious place? */
export function holdsEntities(value: unknown, depth = DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (entityWriter(value) !== undefined) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return holdsEntities(value[0], depth - 1);
  return isPlain(value) && Object.values(value).some((member) => holdsEntities(member, depth - 1));
}

/**
 * The JSON text of a value that holds entities, as UTF-8: what `JSON.stringify` gives, from the bytes of the entities.
 *
 * @returns undefined where JSON has no form for the value
 */
export function jsonBytes(value: unknown): Buffer | undefined {
  const out = new JsonBuffer();
  return write(out, value, DEPTH) ? out.bytes.subarray(0, out.at) : undefined;
}

function write(out: JsonBuffer, value: unknown, depth: number): boolean {
  if (typeof value === 'object' && value !== null && depth >= 0) {
    const writer = entityWriter(value);
    if (writer !== undefined) {
      writer(out);
      return true;
    }
    if (depth > 0 && Array.isArray(value) && !('toJSON' in value)) return writeArray(out, value, depth);
    if (depth > 0 && isPlain(value)) return writeObject(out, value as Record<string, unknown>, depth);
  }
  const text = JSON.stringify(value) as string | undefined;
  if (text !== undefined) out.json(text);
  return text !== undefined;
}

function writeArray(out: JsonBuffer, array: readonly unknown[], depth: number): true {
  out.byte(0x5b);
  for (let i = 0; i < array.length; i++) {
    if (i > 0) out.byte(0x2c);
    if (!write(out, array[i], depth - 1)) out.null();
  }
  out.byte(0x5d);
  return true;
}

function writeObject(out: JsonBuffer, object: Record<string, unknown>, depth: number): true {
  const first = out.at;
  for (const key of Object.keys(object)) {
    const before = out.at;
    out.json(`,${JSON.stringify(key)}:`);
    if (!write(out, object[key], depth - 1)) out.at = before;
  }
  if (out.at === first) out.byte(0x7b);
  else out.bytes[first] = 0x7b;
  out.byte(0x7d);
  return true;
}

/** Writes an entity; undefined for what is none, or has to be asked for its values: a `toJSON`, fields not loaded. */
function entityWriter(value: object): ((out: JsonBuffer) => void) | undefined {
  const managed = Managed.of(value);
  const base = managed?.base;
  if (managed === undefined || base === undefined || managed.isMade || base.loaded !== undefined) return undefined;
  const { map } = managed.store;
  if (!JsonWriter.of(map).isAble || Object.hasOwn(managed.values, 'toJSON')) return undefined;
  return (out) =>
    base.writeJson(out, {
      has: (property) => managed.isTouched(property),
      present: (property) => managed.present(property),
      others: () => Object.entries(managed.values).filter(([name]) => !map.byProperty.has(name)),
    });
}

function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype && !('toJSON' in value);
}
