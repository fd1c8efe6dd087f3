import type { FieldMap, ObjectMap, ValueType } from '../../mapping/index.js';
import { generate, generation, mayGenerate } from '../code-generation.js';
import type { ValueCodec } from '../codec.js';
import { variantInBytes } from '../codecs/variant.js';
import { cstringEnd, malformed, valueEnd, visitElements } from '../elements.js';
import { Layout } from '../layout.js';
import { rememberOrigin } from '../origins.js';
import { RawValue } from '../raw-value.js';
import { setOwn } from '../set-own.js';
import { Constants, ObjectSource, type Parts } from './object-source.js';
import { frameEnd, readDate, readDouble, readInt32, readObjectId, readText, textEnd } from './scalars.js';

/** Reads the value of a field, or of an element of it: from `start` to `end`, both checked. */
type ReadOther = (type: number, bytes: Buffer, start: number, end: number) => unknown;

/** Reads the object from `start` to `end`, whose length is checked. */
type Read = (bytes: Buffer, start: number, end: number) => object;

/** What else a reader needs to know: how values are decoded, and what missing fields read as. */
export interface Knowledge {
  codecOf(type: ValueType): ValueCodec;
  defaultOf(map: ObjectMap, field: FieldMap): unknown;
}

/**
 * Reads stored objects of a class as plain instances, whole: fields that the class declares, in its order. Compiled for
 * the class when first used where that is allowed, else by going through its fields.
 */
export class ObjectReader {
  private static readonly cache = new WeakMap<ObjectMap, ObjectReader>();

  /** The reader of a class: there is one. */
  static of(map: ObjectMap, knowledge: Knowledge): ObjectReader {
    let reader = this.cache.get(map);
    if (reader === undefined) {
      reader = new ObjectReader(map, knowledge);
      this.cache.set(map, reader);
    }
    return reader;
  }

  private compiled: Read | undefined;
  private compiledAt = -1;
  /**
   * One instance that stays. V8 forgets the shape of objects, and with it the machine code made for them, when a
   * collection finds none alive: between two requests, say. (Measured: twice the time for the next 10,000.)
   */
  private sample: object | undefined;

  private constructor(
    readonly map: ObjectMap,
    private readonly knowledge: Knowledge,
  ) {}

  /** An instance of this very class. */
  read(bytes: Buffer, start: number, end: number): object {
    if (this.compiledAt !== generation) this.compile();
    if (this.sample === undefined) this.keepSample(bytes, start, end);
    return this.compiled!(bytes, start, end);
  }

  /** An instance of the class that the stored object names, which is remembered with its bytes. */
  readPart(bytes: Buffer, start: number, end: number): object {
    const { map } = this;
    if (map.discriminator === undefined) {
      const object = this.read(bytes, start, end);
      rememberOrigin(object, bytes, start, map);
      return object;
    }
    const variant = variantInBytes(map, bytes, start);
    const object = ObjectReader.of(variant, this.knowledge).read(bytes, start, end);
    rememberOrigin(object, bytes, start, variant);
    return object;
  }

  /** Of a copy of the bytes, as objects hold on to those that they come from. */
  private keepSample(bytes: Buffer, start: number, end: number): void {
    if (end - start > LARGE) return;
    const copy = Buffer.from(bytes.subarray(start, end));
    this.sample = this.compiled!(copy, 0, copy.length);
    rememberOrigin(this.sample, copy, 0, this.map);
  }

  private compile(): void {
    this.sample = undefined;
    this.compiled = mayGenerate() ? this.generate() : this.compose();
    this.compiledAt = generation;
  }

  private generate(): Read {
    const { map, knowledge } = this;
    const constants = new Constants();
    const source = new ObjectSource(map, constants, partsOf(map, knowledge));
    const defaults = new Set(map.fields.filter((field) => map.defaults.has(field.property)));
    const body = source.constructorBody(defaults);
    const code = `${source.functions}
      function Instance(bytes, start, end) { ${body} }
      Instance.prototype = prototype;
      return (bytes, start, end) => new Instance(bytes, start, end);`;
    return generate<Read>(code, {
      ...constants.values,
      ...readingHelpers,
      find: finderOf(new Layout(map)),
      prototype: map.target.prototype as object,
      missing: MISSING,
      defaultOf: (index: number) => knowledge.defaultOf(map, map.fields[index]!),
    });
  }

  /** The same without code of its own. */
  private compose(): Read {
    const { map, knowledge } = this;
    const layout = new Layout(map);
    const codecs = map.fields.map((field) => knowledge.codecOf(field.type));
    const owners = map.fields.map((field) => `${map.name}.${field.property}`);
    return (bytes, start) => {
      const values = new Array<unknown>(map.fields.length).fill(MISSING);
      visitElements(bytes, start, (type, nameStart, nameEnd, at, end) => {
        const index = layout.find(bytes, nameStart, nameEnd);
        if (index < 0) return;
        values[index] = codecs[index]!.decode(new RawValue(type, bytes, at, end), owners[index]!);
      });
      const instance = Object.create(map.target.prototype as object) as object;
      for (const field of map.fields) {
        const read = values[field.index];
        const value = read === MISSING ? knowledge.defaultOf(map, field) : read;
        if (value !== undefined) setOwn(instance, field.property, value);
      }
      return instance;
    };
  }
}

/** What generated code needs of others. */
export function partsOf(map: ObjectMap, knowledge: Knowledge): Parts {
  return {
    embedded: (type) => ObjectReader.of(type.map, knowledge),
    array: (type) => knowledge.codecOf(type),
    other: (type, field): ReadOther => {
      const codec = knowledge.codecOf(type);
      const owner = `${map.name}.${field.property}`;
      return (stored, bytes, start, end) => codec.decode(new RawValue(stored, bytes, start, end), owner);
    },
  };
}

/** No sample is kept of larger documents, in bytes. */
const LARGE = 32 * 1024;

const MISSING = Symbol('missing');

/** What generated readers call. */
export const readingHelpers = {
  ...{ readText, readInt32, readDouble, readDate, readObjectId, frameEnd, textEnd, valueEnd, setOwn },
  takeList,
  giveList,
  nameEnd: cstringEnd,
  remember: rememberOrigin,
  bad: () => {
    throw malformed('a document ends inside a value');
  },
};

let list: unknown[] = [];

/** A list to collect the elements of an array in: the array itself is then as long as it need be, which saves memory. */
function takeList(): unknown[] {
  const taken = list;
  list = []; // for the arrays inside
  return taken;
}

function giveList(taken: unknown[], count: number): void {
  if (count > 256) return;
  taken.fill(undefined, 0, count);
  list = taken;
}

/** Looks up which declared field has the name at `at`; -1 for none. */
export function finderOf(layout: Layout): (bytes: Buffer, at: number, limit: number) => number {
  return (bytes, at, limit) => layout.find(bytes, at, cstringEnd(bytes, at, limit) - 1);
}
