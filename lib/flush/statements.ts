import { BsonType } from '../bson/elements.js';
import { RawValue } from '../bson/raw-value.js';
import { ObjectId } from '../bson/values.js';
import { written, type ByteBuffer } from '../bson/writing/byte-buffer.js';
import { beginElement, beginObject, beginObjectAt, putElement } from '../bson/writing/element-writer.js';
import { arrayFilters, inStatements, operand, type PathChange } from './change.js';
import type { UpdateWrite } from './plan.js';

/** Operators for which the server compares strings, which is where a collation has a say. */
const COMPARING = new Set<PathChange['op']>(['$pull', '$pullAll', '$addToSet', '$max', '$min']);

/**
 * The statements of updates whose guards have been compared, as the array of BSON that is sent: the driver copies it,
 * where it would walk through four objects for each statement.
 *
 * @param collation what statements are sent with that compare strings; undefined for the collection's own
 */
export function updateStatements(writes: readonly UpdateWrite[], collation: object | undefined): RawValue {
  const bytes = written((out) => {
    const array = out.open();
    let index = 0;
    for (const write of writes) {
      for (const changes of inStatements(write.changes)) putStatement(out, index++, write, changes, collation);
    }
    out.close(array);
  });
  return new RawValue(BsonType.array, bytes, 0, bytes.length);
}

/** About what an element takes beside its value, in bytes. */
const INDEX = 8;

/** Documents as an array of BSON, in one piece of memory. */
export function documentsArray(documents: readonly Buffer[]): RawValue {
  const size = documents.reduce((sum, { length }) => sum + length + INDEX, 0);
  const bytes = written((out) => {
    const array = out.open();
    for (let index = 0; index < documents.length; index++) {
      beginElement(out, index);
      out.put(documents[index]!);
    }
    out.close(array);
  }, size);
  return new RawValue(BsonType.array, bytes, 0, bytes.length);
}

function putStatement(
  out: ByteBuffer,
  index: number,
  { filter }: UpdateWrite,
  changes: readonly PathChange[],
  collation: object | undefined,
): void {
  const statement = beginObjectAt(out, index);
  const query = beginObject(out, 'q');
  for (const name in filter) putElement(out, name, filter[name]);
  out.close(query);
  const update = beginObject(out, 'u');
  putOperators(out, changes);
  out.close(update);
  const filters = arrayFilters(changes);
  if (filters !== undefined) putElement(out, 'arrayFilters', filters);
  if (collation !== undefined && isCompared(filter, changes, filters)) putElement(out, 'collation', collation);
  out.close(statement);
}

/** The operators in the order in which they first occur, each with its paths. */
function putOperators(out: ByteBuffer, changes: readonly PathChange[]): void {
  for (let first = 0; first < changes.length; first++) {
    const { op } = changes[first]!;
    if (changes.findIndex((change) => change.op === op) !== first) continue;
    const operator = beginObject(out, op);
    for (let index = first; index < changes.length; index++) {
      const change = changes[index]!;
      if (change.op === op) putElement(out, change.path, operand(change));
    }
    out.close(operator);
  }
}

/** Is there anything in the statement that a collation could tell apart? An ObjectId is not. */
function isCompared(
  filter: Readonly<Record<string, unknown>>,
  changes: readonly PathChange[],
  filters: readonly unknown[] | undefined,
): boolean {
  if (filters !== undefined) return true;
  for (const { op } of changes) if (COMPARING.has(op)) return true;
  for (const name in filter) if (!(filter[name] instanceof ObjectId)) return true;
  return false;
}
