import type { FieldMap, ObjectMap, ValueType } from '../../mapping/index.js';
import { generate, generation, mayGenerate } from '../code-generation.js';
import { BsonType } from '../elements.js';
import { hasOrigin } from '../origins.js';
import { Constants } from '../reading/object-source.js';
import { member } from '../reading/name-source.js';
import { ObjectId } from '../values.js';
import type { ByteBuffer } from './byte-buffer.js';

/** Writes a value under its name; false, with any number of bytes written, where only the codecs know how. */
export type WriteField = (out: ByteBuffer, value: unknown, depth: number) => boolean;

type WriteObject = (out: ByteBuffer, value: unknown, depth: number) => boolean;

interface Compiled {
  readonly object: WriteObject;
  readonly fields: readonly WriteField[];
}

/** Deeper values are for the codecs, which refuse those that contain themselves. */
const DEEP = 50;

/**
 * Writes values as BSON, compiled for the fields of a class. It writes what has the declared type, by the same rules as
 * the codecs; of all else, of what has been loaded before, and without code generation it says that it cannot.
 */
export class ObjectWriter {
  private static readonly cache = new WeakMap<ObjectMap, ObjectWriter>();

  static of(map: ObjectMap): ObjectWriter {
    let writer = this.cache.get(map);
    if (writer === undefined) {
      writer = new ObjectWriter(map);
      this.cache.set(map, writer);
    }
    return writer;
  }

  private compiled: Compiled | undefined;
  private compiledAt = -1;

  private constructor(private readonly map: ObjectMap) {}

  /** For each field of the class; undefined where code may not be generated. */
  get fields(): readonly WriteField[] | undefined {
    return this.functions?.fields;
  }

  /** An object of an embedded class without others below it. */
  write(out: ByteBuffer, value: unknown, depth: number): boolean {
    return this.map.discriminator === undefined && (this.functions?.object(out, value, depth) ?? false);
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
    const source = new WriterSource();
    const fields = map.fields.map((field) => `(out, value, depth) => { ${source.field(field, 'value')} return true; }`);
    const members = map.fields.map((field, index) => {
      const value = `v${index}`;
      // What a missing required value means, and names that every object inherits, the codecs know.
      const absent = field.required ? 'return false;' : '';
      const own = field.property in Object.prototype ? 'return false;' : '';
      return `${own} const ${value} = value${member(field.property)};
        if (${value} === undefined) { ${absent} } else { ${source.field(field, value)} }`;
    });
    const code = `const { getPrototypeOf } = Object, { isArray } = Array;
      ${source.functions}
      return {
        fields: [${fields.join(',\n')}],
        object: (out, value, depth) => {
          if (typeof value !== 'object' || value === null || depth > ${DEEP} || hasOrigin(value)) return false;
          const made = getPrototypeOf(value);
          if (made !== prototype && made !== plain) return false;
          const start = out.at;
          out.int32(0);
          ${members.join('\n')}
          out.byte(0);
          out.int32At(start, out.at - start);
          return true;
        },
      };`;
    return generate<Compiled>(code, {
      ...source.constants.values,
      ...{ hasOrigin, writeNumber, writeDate, writeObjectId, writeBuffer },
      prototype: map.target.prototype as object,
      plain: Object.prototype,
    });
  }
}

/** The JavaScript of a writer. */
class WriterSource {
  readonly constants = new Constants();
  private readonly arrays: string[] = [];

  get functions(): string {
    return this.arrays.join('\n');
  }

  /** Statements that write the field, or return false. */
  field(field: FieldMap, value: string): string {
    const name = Buffer.from(`\0${field.stored}\0`);
    const head = this.constants.name('name', name);
    const isNull = field.nullable
      ? `if (${value} === null) { out.put(${head}); out.bytes[at] = ${BsonType.null}; } else`
      : `if (${value} === null) return false;`;
    if (field.enum !== undefined && ['string', 'number'].includes(field.type.kind)) {
      const allowed = this.constants.name('allowed', field.enum);
      return this.named(isNull, head, `if (!${allowed}.has(${value})) return false; ${this.value(field.type, value)}`);
    }
    if (field.enum !== undefined) return 'return false;';
    return this.named(isNull, head, this.value(field.type, value));
  }

  private named(isNull: string, head: string, write: string): string {
    return `{ const at = out.at; ${isNull} { out.put(${head}); ${write} } }`;
  }

  /** Statements that write the value after its name, and its type to where that is: `at`. */
  private value(type: ValueType, value: string): string {
    const typed = (stored: BsonType, write: string) => `${write} out.bytes[at] = ${stored};`;
    switch (type.kind) {
      case 'string':
        return typed(BsonType.string, `if (typeof ${value} !== 'string' || !out.text(${value})) return false;`);
      case 'number':
        return `if (typeof ${value} !== 'number') return false; writeNumber(out, ${value}, at);`;
      case 'boolean':
        return typed(BsonType.bool, `if (typeof ${value} !== 'boolean') return false; out.byte(${value} ? 1 : 0);`);
      case 'date':
        return typed(BsonType.date, `if (!writeDate(out, ${value})) return false;`);
      case 'objectId':
        return typed(BsonType.objectId, `if (!writeObjectId(out, ${value})) return false;`);
      case 'buffer':
        return typed(BsonType.binary, `if (!writeBuffer(out, ${value})) return false;`);
      case 'embedded': {
        const writer = this.constants.name('writer', ObjectWriter.of(type.map));
        return typed(BsonType.object, `if (!${writer}.write(out, ${value}, depth + 1)) return false;`);
      }
      case 'array':
        return typed(BsonType.array, `if (!${this.array(type)}(out, ${value}, depth + 1)) return false;`);
      default:
        return 'return false;';
    }
  }

  private array(type: ValueType & { kind: 'array' }): string {
    const name = `array${this.arrays.length}`;
    const place = this.arrays.push('') - 1;
    this.arrays[place] = `function ${name}(out, array, depth) {
      if (!isArray(array) || depth > ${DEEP} || hasOrigin(array)) return false;
      const start = out.at;
      out.int32(0);
      for (let i = 0; i < array.length; i++) {
        const at = out.at, value = array[i];
        out.index(i);
        if (value === null || value === undefined) out.bytes[at] = ${BsonType.null};
        else { ${this.value(type.of, 'value')} }
      }
      out.byte(0);
      out.int32At(start, out.at - start);
      return true;
    }`;
    return name;
  }
}

/** As js-bson stores numbers: whole ones as int32 where they fit, but for -0. */
export function writeNumber(out: ByteBuffer, value: number, typeAt: number): void {
  if ((value | 0) === value && !Object.is(value, -0)) {
    out.int32(value);
    out.bytes[typeAt] = BsonType.int32;
  } else {
    out.double(value);
    out.bytes[typeAt] = BsonType.double;
  }
}

export function writeDate(out: ByteBuffer, value: unknown): boolean {
  if (!(value instanceof Date)) return false;
  const time = value.getTime();
  if (Number.isNaN(time)) return false;
  out.int64(time);
  return true;
}

/** As generic binary data, without the copies that a value of js-bson's would take. */
function writeBuffer(out: ByteBuffer, value: unknown): boolean {
  if (!(value instanceof Uint8Array)) return false;
  out.int32(value.length);
  out.byte(0);
  out.put(value);
  return true;
}

export function writeObjectId(out: ByteBuffer, value: unknown): boolean {
  if (!(value instanceof ObjectId)) return false;
  out.put(value.id);
  return true;
}
