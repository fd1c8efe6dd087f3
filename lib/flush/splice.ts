import { BsonType, cstringEnd, documentEnd, valueEnd } from '../bson/elements.js';
import { RawValue } from '../bson/raw-value.js';
import { written, type ByteBuffer } from '../bson/writing/byte-buffer.js';
import { putElement } from '../bson/writing/element-writer.js';
import type { PathChange } from './change.js';
import { isNamed } from './find-field.js';

/** What is changed in an object: the value of a field, or something inside it. */
type Edit = Assignment | Inside;

interface EditOf {
  readonly name: string;
  isDone: boolean;
}

interface Assignment extends EditOf {
  readonly op: SplicedOp;
  readonly value: unknown;
}

type SplicedOp = '$set' | '$unset' | '$inc' | '$max' | '$min';

/** The value of a field after an operator that depends on what is there; that itself where it stays. */
export type Combine = (op: '$inc' | '$max' | '$min', present: RawValue | undefined, value: unknown) => unknown;

interface Inside extends EditOf {
  readonly op: 'inside';
  readonly edits: Edit[];
}

/**
 * The document after changes of single fields, in objects which are there: the bytes between them are copied as they
 * are, and nothing is taken apart.
 *
 * @param changes of one update, in the order in which the server applies them
 * @returns bytes of its own; undefined where the changes need more than this
 */
export function splice(base: RawValue, changes: readonly PathChange[], combine: Combine): Buffer | undefined {
  const edits: Edit[] = [];
  for (const change of changes) if (!place(edits, change)) return undefined;
  try {
    return written((out) => new Splicer(out, combine).object(base.bytes, base.start, edits), base.size);
  } catch (error) {
    if (error === OTHER_SHAPE) return undefined;
    throw error;
  }
}

const OPS = new Set<PathChange['op']>(['$set', '$unset', '$inc', '$max', '$min'] satisfies SplicedOp[]);

/** Files a change under the objects that lead to it. */
function place(edits: Edit[], { op, path, value }: PathChange & { value?: unknown }): boolean {
  if (!OPS.has(op) || path.includes('$[')) return false;
  let here = edits;
  let from = 0;
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', from)) {
    const name = path.slice(from, dot);
    let inside = here.find((edit) => edit.name === name);
    if (inside === undefined) here.push((inside = { op: 'inside', name, edits: [], isDone: false }));
    if (inside.op !== 'inside') return false;
    here = inside.edits;
    from = dot + 1;
  }
  here.push({ op: op as SplicedOp, name: path.slice(from), value, isDone: false });
  return true;
}

/** A path does not lead through objects alone, or through none that is there. */
const OTHER_SHAPE = new Error('another shape');

class Splicer {
  constructor(
    private readonly out: ByteBuffer,
    private readonly combine: Combine,
  ) {}

  object(bytes: Buffer, start: number, edits: readonly Edit[]): void {
    const { out } = this;
    const limit = documentEnd(bytes, start) - 1;
    const object = out.open();
    let copied = start + 4;
    let left = edits.length;
    for (let at = copied; at < limit && left > 0;) {
      const valueStart = cstringEnd(bytes, at + 1, limit);
      const end = valueEnd(bytes, bytes[at]!, valueStart, limit);
      const edit = find(edits, bytes, at + 1, valueStart - 1);
      if (edit !== undefined) {
        left--;
        edit.isDone = true;
        out.putPart(bytes, copied, edit.op === 'inside' ? valueStart : at);
        if (edit.op !== 'inside') this.field(edit, new RawValue(bytes[at]!, bytes, valueStart, end));
        else if (bytes[at] === BsonType.object) this.object(bytes, valueStart, edit.edits);
        else throw OTHER_SHAPE;
        copied = end;
      }
      at = end;
    }
    out.putPart(bytes, copied, limit);
    for (const edit of edits) {
      if (edit.isDone) continue;
      if (edit.op === 'inside') throw OTHER_SHAPE;
      this.field(edit, undefined); // new fields come after all others
    }
    out.close(object);
  }

  private field({ op, name, value }: Assignment, present: RawValue | undefined): void {
    if (op === '$unset') return;
    putElement(this.out, name, op === '$set' ? value : this.combine(op, present, value));
  }
}

/** The edit of the field whose name lies in these bytes. */
function find(edits: readonly Edit[], bytes: Buffer, start: number, end: number): Edit | undefined {
  for (const edit of edits) if (!edit.isDone && isNamed(edit.name, bytes, start, end)) return edit;
  return undefined;
}
