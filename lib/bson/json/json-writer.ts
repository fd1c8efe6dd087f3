import type { FieldMap, ObjectMap } from '../../mapping/index.js';
import { codecOf } from '../codec-of.js';
import { copyDefault } from '../codecs/embedded.js';
import { generate, generation, mayGenerate } from '../code-generation.js';
import { Layout, type Positions } from '../layout.js';
import { RawValue } from '../raw-value.js';
import { readingHelpers } from '../reading/object-reader.js';
import { Constants } from '../reading/object-source.js';
import { readInt64 } from '../reading/scalars.js';
import type { JsonBuffer } from './json-buffer.js';
import { JsonSource } from './json-source.js';

/** Fields whose present values are not what the bytes hold. */
export interface Overlay {
  has(property: string): boolean;
  present(property: string): unknown;
}

type Write = (
  out: JsonBuffer,
  bytes: Buffer,
  positions: Positions,
  touched: Overlay | undefined,
  present: (out: JsonBuffer, head: Buffer, index: number) => void,
) => void;

const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * Writes the documented JSON form of the documents of a class from their bytes: byte for byte what
 * `JSON.stringify(codec.toJson(instance))` gives. Only compiled; see `isAble`.
 */
export class JsonWriter {
  private static readonly cache = new WeakMap<ObjectMap, JsonWriter>();

  static of(map: ObjectMap): JsonWriter {
    let writer = this.cache.get(map);
    if (writer === undefined) {
      writer = new JsonWriter(map);
      this.cache.set(map, writer);
    }
    return writer;
  }

  private readonly layout: Layout;
  private compiled: Write | undefined;
  private compiledAt = -1;

  private constructor(private readonly map: ObjectMap) {
    this.layout = new Layout(map);
  }

  /** Can it? A class may have a JSON form of its own; classes of a union are told apart by values; and it is compiled. */
  get isAble(): boolean {
    return this.isOrdinary && mayGenerate();
  }

  private get isOrdinary(): boolean {
    return !('toJSON' in this.map.target.prototype);
  }

  /**
   * Writes a document by its index, which answers positions in `bytes`.
   *
   * @param more writes further members, each with a comma in front
   */
  write(
    out: JsonBuffer,
    bytes: Buffer,
    positions: Positions,
    overlay?: Overlay,
    more?: (out: JsonBuffer) => void,
  ): void {
    const { map } = this;
    if (this.compiledAt !== generation) {
      this.compiled = this.generate();
      this.compiledAt = generation;
    }
    const first = out.at;
    this.compiled!(out, bytes, positions, overlay, (_out, head, index) => {
      const field = map.fields[index]!;
      const text = textOf(field, overlay!.present(field.property));
      if (text === undefined) return;
      out.put(head);
      out.json(text);
    });
    more?.(out);
    if (out.at === first) out.byte(OPEN);
    else out.bytes[first] = OPEN;
    out.byte(CLOSE);
  }

  /** An object of an embedded class without others below it. */
  writeObject(out: JsonBuffer, bytes: Buffer, start: number): void {
    this.write(out, bytes, this.layout.index(bytes, start));
  }

  private generate(): Write {
    const { map } = this;
    const constants = new Constants();
    const source = new JsonSource(map, constants, {
      embedded: (type) => {
        const writer = JsonWriter.of(type.map);
        return type.map.discriminator === undefined && writer.isOrdinary ? writer : undefined;
      },
      other: (type, field) => {
        const codec = codecOf(type);
        const owner = `${map.name}.${field.property}`;
        return (stored: number, bytes: Buffer, start: number, end: number) => {
          const value = codec.decode(new RawValue(stored, bytes, start, end), owner);
          return value === undefined ? undefined : JSON.stringify(value === null ? null : codec.toJson(value));
        };
      },
      default: (field) =>
        textOf(
          field,
          copyDefault(map, field, (one) => codecOf(one.type)),
        ),
    });
    const body = source.body();
    return generate<Write>(`${source.functions}\nreturn (out, bytes, positions, touched, present) => { ${body} };`, {
      ...constants.values,
      ...readingHelpers,
      readInt64,
    });
  }
}

function textOf(field: FieldMap, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return JSON.stringify(value === null ? null : codecOf(field.type).toJson(value));
}
