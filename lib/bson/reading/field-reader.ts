import type { FieldMap, ObjectMap } from '../../mapping/index.js';
import { generate, generation, mayGenerate } from '../code-generation.js';
import { BsonType, valueEnd } from '../elements.js';
import type { Layout, Positions } from '../layout.js';
import { RawValue } from '../raw-value.js';
import { setOwn } from '../set-own.js';
import { member } from './name-source.js';
import { partsOf, readingHelpers, type Knowledge } from './object-reader.js';
import { Constants, ObjectSource } from './object-source.js';

type Touched = ReadonlyMap<string, unknown> | undefined;

interface Readers {
  /** For each field: reads the value of type `type` at `start`. */
  readonly each: readonly ((bytes: Buffer, type: number, start: number) => unknown)[];
  readonly fill: (values: object, bytes: Buffer, positions: Positions, touched: Touched) => void;
}

/** Kinds whose values cannot be changed in place, and the types that they are stored as, all of a fixed meaning. */
const AHEAD: Readonly<Record<string, readonly BsonType[]>> = {
  string: [BsonType.string],
  number: [BsonType.int32, BsonType.double],
  boolean: [BsonType.bool],
  objectId: [BsonType.objectId],
};

/** Reads single fields of the documents of a class, by an index of the document. */
export class FieldReader {
  private readers: Readers | undefined;
  private compiledAt = -1;

  constructor(
    private readonly map: ObjectMap,
    private readonly layout: Layout,
    private readonly knowledge: Knowledge,
  ) {}

  read(field: FieldMap, type: number, bytes: Buffer, start: number): unknown {
    return this.compiled.each[field.index]!(bytes, type, start);
  }

  /**
   * Gives an object the fields that it lacks, as far as they are stored as declared and cannot be changed in place:
   * those must be noted as handed out when they are.
   */
  fill(values: object, bytes: Buffer, positions: Positions, touched: Touched): void {
    this.compiled.fill(values, bytes, positions, touched);
  }

  private get compiled(): Readers {
    if (this.compiledAt !== generation) {
      this.readers = mayGenerate() ? this.generate() : this.compose();
      this.compiledAt = generation;
    }
    return this.readers!;
  }

  private generate(): Readers {
    const constants = new Constants();
    const source = new ObjectSource(this.map, constants, partsOf(this.map, this.knowledge));
    const each = this.map.fields.map(
      (field) => `(bytes, t, p) => {
        let e, value; const limit = bytes.length;
        ${source.value(field.type, field, 'value')}
        return value;
      }`,
    );
    const fills = this.map.fields.flatMap((field) => {
      const types = field.property === '__proto__' ? undefined : AHEAD[field.type.kind];
      if (types === undefined) return [];
      const name = JSON.stringify(field.property);
      return `p = positions[${field.index}];
        if (p !== 0 && !hasOwn(values, ${name}) && (touched === undefined || !touched.has(${name}))) {
          t = bytes[p - ${Buffer.byteLength(field.stored) + 2}];
          if (${types.map((type) => `t === ${type}`).join(' || ')}) {
            ${source.value(field.type, field, 'value')}
            values${member(field.property)} = value;
          }
        }`;
    });
    const code = `const hasOwn = Object.hasOwn;
      ${source.functions}
      return { each: [${each.join(',\n')}], fill: (values, bytes, positions, touched) => {
        let t, p, e, value; const limit = bytes.length;
        ${fills.join('\n')}
      } };`;
    return generate<Readers>(code, { ...constants.values, ...readingHelpers });
  }

  private compose(): Readers {
    const { map, layout, knowledge } = this;
    const each = map.fields.map((field) => {
      const codec = knowledge.codecOf(field.type);
      const owner = `${map.name}.${field.property}`;
      return (bytes: Buffer, type: number, start: number) =>
        codec.decode(new RawValue(type, bytes, start, valueEnd(bytes, type, start, bytes.length)), owner);
    });
    return {
      each,
      fill: (values, bytes, positions, touched) => {
        for (const { property, type, index } of map.fields) {
          const start = positions[index]!;
          if (start === 0 || Object.hasOwn(values, property) || touched?.has(property) === true) continue;
          const stored = layout.typeOf(bytes, start, map.fields[index]!);
          if (AHEAD[type.kind]?.includes(stored)) setOwn(values, property, each[index]!(bytes, stored, start));
        }
      },
    };
  }
}
