import type { FieldMap, ObjectMap } from '../mapping/index.js';
import { generate, generation, mayGenerate } from './code-generation.js';
import { BsonType, cstringEnd, documentEnd, malformed, valueEnd } from './elements.js';
import { RawValue } from './raw-value.js';
import { isNamed } from './reading/name-source.js';

/** For each declared field where its value starts, 0 where it is missing. */
export type Positions = readonly number[];

type Index = (bytes: Buffer, start: number, end: number, into?: number[]) => number[];

/**
 * Where the declared fields of a class lie in a document. Documents mostly have their fields in the same order, so
 * each name is first compared with the one that is expected next; only another order costs a look-up.
 */
export class Layout {
  private readonly names: readonly Buffer[];
  private readonly byName: ReadonlyMap<string, number>;
  private compiled: Index | undefined;
  private compiledAt = -1;

  constructor(private readonly map: ObjectMap) {
    this.names = map.fields.map((field) => Buffer.from(field.stored));
    this.byName = new Map(this.names.map((name, index) => [name.toString('latin1'), index]));
  }

  /**
   * The index of the document at `start`: for each field where its value starts, 0 where it is missing.
   *
   * @param into to be filled with it. Default: a new list
   * @throws BSONError when the document is malformed; `into` is then as before
   */
  index(bytes: Buffer, start: number, into?: number[]): Positions {
    if (this.compiledAt !== generation) {
      this.compiled = mayGenerate() ? this.generate() : (...document) => this.walk(...document);
      this.compiledAt = generation;
    }
    return this.compiled!(bytes, start, documentEnd(bytes, start), into);
  }

  /** The raw value of a field, from an index of the same bytes. */
  rawValue(bytes: Buffer, positions: Positions, field: FieldMap): RawValue | undefined {
    const start = positions[field.index] ?? 0;
    if (start === 0) return undefined;
    const type = this.typeOf(bytes, start, field);
    return new RawValue(type, bytes, start, valueEnd(bytes, type, start, bytes.length));
  }

  /** The type of the value of a field that starts at `start`. */
  typeOf(bytes: Buffer, start: number, field: FieldMap): number {
    return bytes[start - this.names[field.index]!.length - 2]!;
  }

  /** Which field has the name in these bytes; -1 for none. */
  find(bytes: Buffer, start: number, end: number): number {
    return this.byName.get(bytes.toString('latin1', start, end)) ?? -1;
  }

  private walk(bytes: Buffer, start: number, end: number, into: number[] = []): number[] {
    const positions = new Array<number>(this.names.length).fill(0);
    const limit = end - 1;
    let at = start + 4;
    let expected = 0;
    while (at < limit) {
      const nameStart = at + 1;
      const valueStart = cstringEnd(bytes, nameStart, limit);
      let field = expected;
      if (field >= this.names.length || !this.isNamed(field, bytes, nameStart, valueStart - 1)) {
        field = this.find(bytes, nameStart, valueStart - 1);
      }
      if (field >= 0) {
        positions[field] = valueStart;
        expected = field + 1;
      }
      at = valueEnd(bytes, bytes[at]!, valueStart, limit);
    }
    if (at !== limit) throw malformed('a document ends inside a value');
    for (let i = 0; i < positions.length; i++) into[i] = positions[i]!;
    return into;
  }

  /** The same, written for the names of this class. */
  private generate(): Index {
    const variables = this.names.map((_, index) => `p${index}`);
    const cases = this.names.map(
      (name, index) => `case ${index}: if (${isNamed(name)}) {
        p${index} = p = at + ${name.length + 2};
        ${skip(this.map.fields[index]!.type.kind)}
        k = ${index + 1}; continue elements;
      }`,
    );
    const code = `return (bytes, start, end, into) => {
      let at = start + 4, k = 0, p, n; const limit = end - 1;
      ${variables.length > 0 ? `let ${variables.map((name) => `${name} = 0`).join(', ')};` : ''}
      elements: while (at < limit) {
        switch (k) {
          ${cases.join('\n')}
          default: {
            const next = nameEnd(bytes, at + 1, limit), found = find(bytes, at + 1, next - 1);
            if (found >= 0) k = found;
            else at = valueEnd(bytes, bytes[at], next, limit);
          }
        }
      }
      if (at !== limit) bad();
      if (into === undefined) return [${variables.join(', ')}];
      ${variables.map((name, index) => `into[${index}] = ${name};`).join(' ')}
      return into;
    };`;
    return generate<Index>(code, {
      valueEnd,
      nameEnd: cstringEnd,
      find: (bytes: Buffer, start: number, end: number) => this.find(bytes, start, end),
      bad: () => {
        throw malformed('a document ends inside a value');
      },
    });
  }

  private isNamed(field: number, bytes: Buffer, start: number, end: number): boolean {
    const name = this.names[field]!;
    if (name.length !== end - start) return false;
    for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
    return true;
  }
}

/** Statements that go beyond the value at `p`: without a call where it is stored as declared. */
function skip(kind: string): string {
  const otherwise = 'at = valueEnd(bytes, bytes[at], p, limit);';
  const fixed = FIXED[kind];
  if (fixed !== undefined) {
    const tests = fixed.map(
      ([type, size]) => `if (bytes[at] === ${type} && p + ${size} <= limit) at = p + ${size}; else `,
    );
    return tests.join('') + otherwise;
  }
  const framed = FRAMED[kind];
  if (framed === undefined) return otherwise;
  const [type, before, least] = framed;
  return `n = bytes[p] | bytes[p + 1] << 8 | bytes[p + 2] << 16 | bytes[p + 3] << 24;
    if (bytes[at] === ${type} && p + 4 <= limit && n >= ${least} && n <= limit - p - ${before} && bytes[p + n + ${before} - 1] === 0)
      at = p + n + ${before};
    else ${otherwise}`;
}

/** Types, each with its size, that a kind is mostly stored as. */
const FIXED: Readonly<Record<string, readonly (readonly [BsonType, number])[]>> = {
  number: [
    [BsonType.int32, 4],
    [BsonType.double, 8],
  ],
  date: [[BsonType.date, 8]],
  objectId: [[BsonType.objectId, 12]],
};

/** The type that a kind is stored as, what its length does not count, and the least that it is. */
const FRAMED: Readonly<Record<string, readonly [BsonType, number, number]>> = {
  string: [BsonType.string, 4, 1],
  embedded: [BsonType.object, 0, 5],
  array: [BsonType.array, 0, 5],
};
