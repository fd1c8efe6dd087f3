import type { FieldMap, ObjectMap } from '../../mapping/index.js';
import { generate, generation, mayGenerate } from '../code-generation.js';
import { Layout } from '../layout.js';
import { ObjectId } from '../values.js';
import { finderOf, readingHelpers } from './object-reader.js';
import { Constants } from './object-source.js';
import { SameSource } from './same-source.js';
import { readInt64, readObjectId, readText } from './scalars.js';

type SameObject = (bytes: Buffer, start: number, end: number, value: unknown) => boolean;
type SameField = (bytes: Buffer, type: number, start: number, value: unknown) => boolean;

interface Compiled {
  readonly object: SameObject;
  readonly fields: readonly SameField[];
}

/**
 * Tells of a value that was handed out whether it surely is what the bytes hold still, without decoding them. Only
 * compiled: without code generation it is sure of nothing, and the codecs are asked.
 */
export class SameReader {
  private static readonly cache = new WeakMap<ObjectMap, SameReader>();

  static of(map: ObjectMap): SameReader {
    let reader = this.cache.get(map);
    if (reader === undefined) {
      reader = new SameReader(map);
      this.cache.set(map, reader);
    }
    return reader;
  }

  private compiled: Compiled | undefined;
  private compiledAt = -1;

  private constructor(private readonly map: ObjectMap) {}

  /** @param type of the value that starts at `start` in a document that was looked through before */
  sameField(field: FieldMap, bytes: Buffer, type: number, start: number, value: unknown): boolean {
    return this.functions?.fields[field.index]!(bytes, type, start, value) ?? false;
  }

  /** The object from `start` to `end`, of an embedded class without others below it. */
  same(bytes: Buffer, start: number, end: number, value: unknown): boolean {
    return this.map.discriminator === undefined && (this.functions?.object(bytes, start, end, value) ?? false);
  }

  private get functions(): Compiled | undefined {
    if (this.compiledAt !== generation) {
      this.compiled = mayGenerate() ? this.generate() : undefined;
      this.compiledAt = generation;
    }
    return this.compiled;
  }

  private generate(): Compiled {
    const { map } = this;
    const constants = new Constants();
    const source = new SameSource(map, constants, (type) => SameReader.of(type.map));
    const object = source.objectBody();
    const fields = map.fields.map((field) => source.field(field));
    const code = `const { getPrototypeOf } = Object, { isArray } = Array;
      ${source.functions}
      return { object: (bytes, start, end, value) => { ${object} }, fields: [${fields.join(',\n')}] };`;
    return generate<Compiled>(code, {
      ...constants.values,
      ...readingHelpers,
      ...{ sameText, sameDate, sameObjectId },
      find: finderOf(new Layout(map)),
      prototype: map.target.prototype as object,
    });
  }
}

/** Longer texts are compared faster when decoded. */
const SHORT = 48;

function sameText(bytes: Buffer, start: number, end: number, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const { length } = value;
  if (end - start === length && length <= SHORT) {
    let i = 0;
    while (i < length && value.charCodeAt(i) === bytes[start + i]! && bytes[start + i]! < 128) i++;
    if (i === length) return true;
  }
  return readText(bytes, start, end) === value;
}

function sameDate(bytes: Buffer, at: number, value: unknown): boolean {
  return value instanceof Date && value.getTime() === readInt64(bytes, at);
}

function sameObjectId(bytes: Buffer, at: number, value: unknown): boolean {
  return value instanceof ObjectId && value.equals(readObjectId(bytes, at));
}
