import { MAX_DEPTH } from '../bson/codec.js';
import { isScalarObject, partsOf } from './plain-object.js';
import { refuse, type QueryPlace } from './refuse.js';

/** Names that are refused at every depth, each with the reason. */
export type RefusedNames = ReadonlyMap<string, string>;

const JAVASCRIPT = ['$where', '$function', '$accumulator'].map(
  (name) => [name, `${name} runs JavaScript on the server`] as const,
);

/** In a filter, `$expr` too: it compares with whatever field its operand names. */
export const REFUSED_IN_FILTERS: RefusedNames = new Map([
  ...JAVASCRIPT,
  ['$expr', '$expr takes text that starts with $ for the name of a field'],
]);

/** In a pipeline, also the stages that write: neither guards nor the unit of work would know. */
export const REFUSED_IN_PIPELINES: RefusedNames = new Map([
  ...JAVASCRIPT,
  ...['$out', '$merge'].map((name) => [name, `${name} writes, and aggregate() only reads`] as const),
]);

/**
 * A copy of what the driver is to be sent as it is, without any refused name. A copy, so that what was looked at is
 * what is sent: js-bson would call `toBSON()`, and read getters again.
 */
export function copySafely(place: QueryPlace, value: unknown, refused: RefusedNames, depth = 0): unknown {
  if (value === undefined) refuse(place, 'it contains undefined', 'Remove the key, or say null.');
  if (typeof value === 'function' || typeof value === 'symbol') {
    refuse(place, `it contains a ${typeof value}`, 'Give values that BSON can store.');
  }
  if (typeof value !== 'object' || value === null || isScalarObject(value)) return value;
  if (depth > MAX_DEPTH) refuse(place, `it is nested deeper than ${MAX_DEPTH} levels`, 'Give a smaller value.');
  const isList = Array.isArray(value) || value instanceof Set;
  const copy: Record<string, unknown> = {};
  const parts = partsOf(value).map(([name, part]) => {
    if (!isList) checkNameSent(place, name, refused);
    return [name, copySafely(place, part, refused, depth + 1)] as const;
  });
  if (isList) return parts.map(([, part]) => part);
  for (const [name, part] of parts) copy[name] = part;
  return copy;
}

function checkNameSent(place: QueryPlace, name: string, refused: RefusedNames): void {
  const reason = refused.get(name);
  if (reason !== undefined) refuse(place, reason, 'Say it by other operators, or use the driver’s own collection.');
  if (name === '__proto__' || name === '_bsontype') refuse(place, `the name "${name}" is reserved`, 'Remove that key.');
  if (name.includes('\0')) refuse(place, 'a name contains NUL', 'Remove that key.');
}
