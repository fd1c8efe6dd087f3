import type { FieldMap, ObjectMap, ValueType } from '../../mapping/index.js';
import { BsonType } from '../elements.js';
import { Constants, ObjectSource, type Parts } from './object-source.js';
import { member } from './name-source.js';

/** What the generated code calls: compares an object of an embedded class, `(bytes, start, end, value) => boolean`. */
export type Comparers = (type: ValueType & { kind: 'embedded' }) => object;

const NO_PARTS: Parts = { embedded: () => ({}), other: () => ({}), array: () => ({}) };

/**
 * JavaScript that compares a value with the bytes that it was read from, without decoding them. It answers `true` only
 * where it is sure: what it does not know is for the codecs to say.
 */
export class SameSource {
  private readonly arrays: string[] = [];
  private readonly objects: ObjectSource;

  constructor(
    private readonly map: ObjectMap,
    private readonly constants: Constants,
    private readonly comparers: Comparers,
  ) {
    this.objects = new ObjectSource(map, new Constants(), NO_PARTS);
  }

  /** The body of a function `(bytes, start, end, value)` for objects of the class itself. */
  objectBody(): string {
    const { fields, defaults } = this.map;
    const flags = fields.map((field) => `s${field.index} = false`);
    const loop = this.objects.loop(
      (field) => `s${field.index} = true; ${this.value(field.type, `value${member(field.property)}`)}`,
    );
    // What is missing in the document must be missing here, and not by reading as a default.
    const missing = fields.map((field) =>
      defaults.has(field.property)
        ? `if (!s${field.index}) return false;`
        : `if (!s${field.index} && value${member(field.property)} !== undefined) return false;`,
    );
    return `if (typeof value !== 'object' || value === null || getPrototypeOf(value) !== prototype) return false;
      ${flags.length > 0 ? `let ${flags.join(', ')};` : ''}
      ${loop}
      ${missing.join('\n')}
      return true;`;
  }

  get functions(): string {
    return this.arrays.join('\n');
  }

  /** A function `(bytes, t, p, value)` for one field. */
  field(field: FieldMap): string {
    return `(bytes, t, p, value) => { let e; const limit = bytes.length; ${this.value(field.type, 'value')} return true; }`;
  }

  /** Statements that return false unless the value of type `t` at `p` is this one, and set `e` to its end. */
  private value(type: ValueType, value: string): string {
    const known = this.known(type, value);
    if (known === undefined) return 'return false;';
    return `if (t === ${BsonType.null}) { if (${value} !== null) return false; e = p; } else { ${known} }`;
  }

  private known(type: ValueType, value: string): string | undefined {
    const sized = (size: number, test: string) => `{ e = p + ${size}; if (e > limit || !(${test})) return false; }`;
    switch (type.kind) {
      case 'string':
        return `if (t !== ${BsonType.string}) return false;
          e = textEnd(bytes, p, limit); if (!sameText(bytes, p + 4, e - 1, ${value})) return false;`;
      case 'number':
        return `if (t === ${BsonType.int32}) ${sized(4, `readInt32(bytes, p) === ${value}`)}
          else if (t === ${BsonType.double}) ${sized(8, `readDouble(bytes, p) === ${value}`)}
          else return false;`;
      case 'boolean':
        return `if (t !== ${BsonType.bool}) return false; ${sized(1, `(bytes[p] === 1) === ${value}`)}`;
      case 'date':
        return `if (t !== ${BsonType.date}) return false; ${sized(8, `sameDate(bytes, p, ${value})`)}`;
      case 'objectId':
        return `if (t !== ${BsonType.objectId}) return false; ${sized(12, `sameObjectId(bytes, p, ${value})`)}`;
      case 'embedded': {
        const comparer = this.constants.name('same', this.comparers(type));
        return `if (t !== ${BsonType.object}) return false;
          e = frameEnd(bytes, p, limit); if (!${comparer}.same(bytes, p, e, ${value})) return false;`;
      }
      case 'array':
        return `if (t !== ${BsonType.array}) return false;
          e = frameEnd(bytes, p, limit); if (!${this.array(type)}(bytes, p, e, ${value})) return false;`;
      default:
        return undefined;
    }
  }

  private array(type: ValueType & { kind: 'array' }): string {
    const name = `sameArray${this.arrays.length}`;
    const place = this.arrays.push('') - 1;
    this.arrays[place] = `function ${name}(bytes, start, end, array) {
      if (!isArray(array)) return false;
      const limit = end - 1;
      let at = start + 4, count = 0, t, p, e;
      while (at < limit) {
        if (count >= array.length) return false;
        t = bytes[at]; p = at + 1;
        while (p < limit && bytes[p] !== 0) p++;
        p++;
        const value = array[count++];
        ${this.value(type.of, 'value')}
        at = e;
      }
      return at === limit && count === array.length;
    }`;
    return name;
  }
}
