import type { FieldMap, ObjectMap, ValueType } from '../../mapping/index.js';
import { BsonType } from '../elements.js';
import type { Constants } from '../reading/object-source.js';

/** What the generated code calls for what it does not do itself. */
export interface JsonParts {
  /** Writes an object of an embedded class: has `writeObject(out, bytes, start)`; undefined where values are needed. */
  embedded(type: ValueType & { kind: 'embedded' }): object | undefined;
  /** `(type, bytes, start, end) => text | undefined`: by the codecs. */
  other(type: ValueType, field: FieldMap): object;
  /** What a missing field is shown as; undefined for nothing. */
  default(field: FieldMap): string | undefined;
}

/** JavaScript that writes the JSON form of the documents of a class, in the order of its declared fields. */
export class JsonSource {
  private readonly arrays: string[] = [];

  constructor(
    private readonly map: ObjectMap,
    private readonly constants: Constants,
    private readonly parts: JsonParts,
  ) {}

  get functions(): string {
    return this.arrays.join('\n');
  }

  /** The body of a function `(out, bytes, positions, touched, present)`. Each member begins with a comma. */
  body(): string {
    const members = this.map.fields.map((field) => {
      const { index, property, stored } = field;
      const head = `,${JSON.stringify(property)}:`;
      const name = this.constants.name('name', Buffer.from(head));
      const missing = this.parts.default(field);
      const otherwise =
        missing === undefined ? '' : ` else out.put(${this.constants.name('name', Buffer.from(head + missing))});`;
      return `p = positions[${index}];
        if (touched !== undefined && touched.has(${JSON.stringify(property)})) present(out, ${name}, ${index});
        else if (p !== 0) {
          before = out.at; out.put(${name}); t = bytes[p - ${Buffer.byteLength(stored) + 2}];
          ${this.value(field.type, field, 'out.at = before;')}
        }${otherwise}`;
    });
    return `const limit = bytes.length; let p, t, e, before; ${members.join('\n')}`;
  }

  /**
   * Statements that write the value of type `t` at `p`, and set `e` to its end.
   *
   * @param absent what to do for a value that has no JSON form
   */
  private value(type: ValueType, field: FieldMap, absent: string): string {
    const other = this.constants.name('other', this.parts.other(type, field));
    const otherwise = `if (t === ${BsonType.null}) { out.null(); e = p; } else {
      e = valueEnd(bytes, t, p, limit);
      const text = ${other}(t, bytes, p, e);
      if (text === undefined) { ${absent} } else out.json(text);
    }`;
    const sized = (stored: BsonType, size: number, write: string) =>
      `if (t === ${stored}) { e = p + ${size}; if (e > limit) bad(); ${write} } else `;
    switch (type.kind) {
      case 'string':
        return `if (t === ${BsonType.string}) { e = textEnd(bytes, p, limit); out.string(bytes, p + 4, e - 1); } else ${otherwise}`;
      case 'number':
        return (
          sized(BsonType.int32, 4, 'out.number(readInt32(bytes, p));') +
          sized(BsonType.double, 8, 'out.number(readDouble(bytes, p));') +
          otherwise
        );
      case 'boolean':
        return sized(BsonType.bool, 1, 'if (bytes[p] > 1) bad(); out.boolean(bytes[p] === 1);') + otherwise;
      case 'date':
        return sized(BsonType.date, 8, 'out.date(readInt64(bytes, p));') + otherwise;
      case 'objectId':
        return sized(BsonType.objectId, 12, 'out.objectId(bytes, p);') + otherwise;
      case 'embedded': {
        const writer = this.parts.embedded(type);
        if (writer === undefined) return otherwise;
        const name = this.constants.name('writer', writer);
        return `if (t === ${BsonType.object}) { e = frameEnd(bytes, p, limit); ${name}.writeObject(out, bytes, p); } else ${otherwise}`;
      }
      case 'array':
        return `if (t === ${BsonType.array}) { e = frameEnd(bytes, p, limit); ${this.array(type, field)}(out, bytes, p, e); } else ${otherwise}`;
      default:
        return otherwise;
    }
  }

  private array(type: ValueType & { kind: 'array' }, field: FieldMap): string {
    const name = `array${this.arrays.length}`;
    const place = this.arrays.push('') - 1;
    this.arrays[place] = `function ${name}(out, bytes, start, end) {
      const limit = end - 1, first = out.at;
      let at = start + 4, t, p, e;
      while (at < limit) {
        t = bytes[at]; p = at + 1;
        while (p < limit && bytes[p] !== 0) p++;
        if (p++ >= limit) bad();
        out.byte(44);
        ${this.value(type.of, field, 'out.null();')}
        at = e;
      }
      if (at !== limit) bad();
      if (out.at === first) out.byte(91); else out.bytes[first] = 91;
      out.byte(93);
    }`;
    return name;
  }
}
