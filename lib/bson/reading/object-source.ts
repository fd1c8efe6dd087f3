import type { FieldMap, ObjectMap, ValueType } from '../../mapping/index.js';
import { BsonType } from '../elements.js';
import { isNamed, member } from './name-source.js';

/** Collects what generated code refers to, and gives each a name. */
export class Constants {
  readonly values: Record<string, unknown> = {};
  private readonly names = new Map<unknown, string>();

  name(prefix: string, value: unknown): string {
    let name = this.names.get(value);
    if (name === undefined) {
      name = `${prefix}${this.names.size}`;
      this.names.set(value, name);
      this.values[name] = value;
    }
    return name;
  }
}

/** What the generated code calls for what it does not do itself. */
export interface Parts {
  /** Reads an object of an embedded class, for whoever hands it out: `(bytes, start, end) => object`. */
  embedded(type: ValueType & { kind: 'embedded' }): object;
  /** Reads a value in any other way: `(type, bytes, start, end) => value`. */
  other(type: ValueType, field: FieldMap): object;
  /** The codec that arrays of the type are remembered by. */
  array(type: ValueType): object;
}

/**
 * JavaScript that reads the objects of a class, written for its fields: each is looked for where it is expected, so
 * that documents in the declared order cost a comparison of words a field. Another order, missing and unknown fields
 * cost a look-up.
 */
export class ObjectSource {
  private readonly arrays: string[] = [];

  constructor(
    private readonly map: ObjectMap,
    private readonly constants: Constants,
    private readonly parts: Parts,
  ) {}

  /** The body of a function that answers the constructor of the class, called with `(bytes, start, end)`. */
  constructorBody(defaults: ReadonlySet<FieldMap>): string {
    const { fields } = this.map;
    const variables = fields.map((field) => `f${field.index}${defaults.has(field) ? ' = missing' : ''}`);
    const loop = this.loop((field, value) => `${value(`f${field.index}`)}`);
    const stores = fields.map((field) => {
      const variable = `f${field.index}`;
      const fill = defaults.has(field) ? `if (${variable} === missing) ${variable} = defaultOf(${field.index});\n` : '';
      const store =
        field.property === '__proto__'
          ? `setOwn(this, '__proto__', ${variable});`
          : `this${member(field.property)} = ${variable};`;
      return `${fill}if (${variable} !== undefined) ${store}`;
    });
    return `${variables.length > 0 ? `let ${variables.join(', ')};` : ''}\n${loop}\n${stores.join('\n')}`;
  }

  /** Statements that go through the elements from `start` to `end` and do for each declared field what they are told. */
  loop(each: (field: FieldMap, value: (into: string) => string) => string): string {
    const cases = this.map.fields.map((field) => {
      const name = Buffer.from(field.stored);
      const body = each(field, (into) => this.value(field.type, field, into));
      return `case ${field.index}: if (${isNamed(name)}) {
        t = bytes[at]; p = at + ${name.length + 2};
        ${body}
        at = e; k = ${field.index + 1}; continue elements;
      }`;
    });
    return `let at = start + 4, k = 0, t, p, e; const limit = end - 1;
      elements: while (at < limit) {
        switch (k) {
          ${cases.join('\n')}
          default: {
            const found = find(bytes, at + 1, limit);
            if (found >= 0) k = found;
            else { p = nameEnd(bytes, at + 1, limit); at = valueEnd(bytes, bytes[at], p, limit); }
          }
        }
      }
      if (at !== limit) bad();`;
  }

  /** Functions that the statements call. */
  get functions(): string {
    return this.arrays.join('\n');
  }

  /** Statements that read the value of type `t` at `p`, and set `e` to its end. */
  value(type: ValueType, field: FieldMap, into: string): string {
    const other = this.constants.name('other', this.parts.other(type, field));
    const otherwise = `{ e = valueEnd(bytes, t, p, limit); ${into} = ${other}(t, bytes, p, e); }`;
    const sized = (stored: BsonType, size: number, read: string) =>
      `if (t === ${stored}) { e = p + ${size}; if (e > limit) bad(); ${into} = ${read}; } else `;
    const framed = (stored: BsonType, read: string) =>
      `if (t === ${stored}) { e = frameEnd(bytes, p, limit); ${into} = ${read}; } else `;
    switch (type.kind) {
      case 'string':
        return `if (t === ${BsonType.string}) { e = textEnd(bytes, p, limit); ${into} = readText(bytes, p + 4, e - 1); } else ${otherwise}`;
      case 'number':
        return (
          sized(BsonType.int32, 4, 'readInt32(bytes, p)') +
          sized(BsonType.double, 8, 'readDouble(bytes, p)') +
          otherwise
        );
      case 'boolean':
        return `if (t === ${BsonType.bool}) { e = p + 1; if (e > limit || bytes[p] > 1) bad(); ${into} = bytes[p] === 1; } else ${otherwise}`;
      case 'date':
        return sized(BsonType.date, 8, 'readDate(bytes, p)') + otherwise;
      case 'objectId':
        return sized(BsonType.objectId, 12, 'readObjectId(bytes, p)') + otherwise;
      case 'embedded': {
        const reader = this.constants.name('reader', this.parts.embedded(type));
        return framed(BsonType.object, `${reader}.readPart(bytes, p, e)`) + otherwise;
      }
      case 'array':
        return framed(BsonType.array, `${this.array(type, field)}(bytes, p, e)`) + otherwise;
      default:
        return otherwise;
    }
  }

  /** A function that reads an array. */
  private array(type: ValueType & { kind: 'array' }, field: FieldMap): string {
    const name = `array${this.arrays.length}`;
    const place = this.arrays.push('') - 1; // arrays inside come after it
    const codec = this.constants.name('codec', this.parts.array(type));
    this.arrays[place] = `function ${name}(bytes, start, end) {
      const limit = end - 1, collected = takeList();
      let at = start + 4, count = 0, t, p, e, value;
      while (at < limit) {
        t = bytes[at]; p = at + 1;
        while (p < limit && bytes[p] !== 0) p++;
        if (p++ >= limit) bad();
        ${this.value(type.of, field, 'value')}
        collected[count++] = value;
        at = e;
      }
      if (at !== limit) bad();
      const array = collected.slice(0, count);
      giveList(collected, count);
      remember(array, bytes, start, ${codec});
      return array;
    }`;
    return name;
  }
}
