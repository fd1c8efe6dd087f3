import type { FieldMap, ObjectMap } from '../mapping/index.js';
import { cstringEnd, documentEnd, malformed, valueEnd } from './elements.js';
import { RawValue } from './raw-value.js';

/**
 * Where the declared fields of a class lie in a document. Documents mostly have their fields in the same order, so
 * each name is first compared with the one that is expected next; only another order costs a look-up.
 */
export class Layout {
  private readonly names: readonly Buffer[];
  private readonly byName: ReadonlyMap<string, number>;

  constructor(map: ObjectMap) {
    this.names = map.fields.map((field) => Buffer.from(field.stored));
    this.byName = new Map(this.names.map((name, index) => [name.toString('latin1'), index]));
  }

  /**
   * The index of the document at `start`: for each field where its value starts, 0 where it is missing.
   *
   * @throws BSONError when the document is malformed
   */
  index(bytes: Buffer, start: number): Uint32Array {
    const positions = new Uint32Array(this.names.length);
    const limit = documentEnd(bytes, start) - 1;
    let at = start + 4;
    let expected = 0;
    while (at < limit) {
      const nameStart = at + 1;
      const valueStart = cstringEnd(bytes, nameStart, limit);
      let field = expected;
      if (field >= this.names.length || !this.isNamed(field, bytes, nameStart, valueStart - 1)) {
        field = this.byName.get(bytes.toString('latin1', nameStart, valueStart - 1)) ?? -1;
      }
      if (field >= 0) {
        positions[field] = valueStart;
        expected = field + 1;
      }
      at = valueEnd(bytes, bytes[at]!, valueStart, limit);
    }
    if (at !== limit) throw malformed('a document ends inside a value');
    return positions;
  }

  /** The raw value of a field, from an index of the same bytes. */
  rawValue(bytes: Buffer, positions: Uint32Array, field: FieldMap): RawValue | undefined {
    const start = positions[field.index] ?? 0;
    if (start === 0) return undefined;
    const name = this.names[field.index]!;
    const type = bytes[start - name.length - 2]!;
    return new RawValue(type, bytes, start, valueEnd(bytes, type, start, bytes.length));
  }

  private isNamed(field: number, bytes: Buffer, start: number, end: number): boolean {
    const name = this.names[field]!;
    if (name.length !== end - start) return false;
    for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
    return true;
  }
}
