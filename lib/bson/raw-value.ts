import { BsonType, documentEnd, visitElements } from './elements.js';
import { BSON, ObjectId } from './values.js';

const TYPE_TAG = Symbol.for('@@mdb.bson.type');
const VERSION_TAG = Symbol.for('@@mdb.bson.version');
const OBJECT_ID_TYPE = 0x07;
const OBJECT_ID_CHAR = '\x07';

const LENIENT: BSON.DeserializeOptions = { validation: { utf8: false }, bsonRegExp: true };

/**
 * A value as the bytes it is stored as: copied into a command as it is, never decoded and encoded again, so that what
 * a round trip through JavaScript would lose (an int64, a lone surrogate, undeclared fields) survives.
 *
 * js-bson offers no hook for raw values. It writes an ObjectId by calling `serializeInto` on it; an object with
 * ObjectId's tags is therefore asked to write itself, and corrects the type byte that was written for it.
 */
export class RawValue {
  constructor(
    readonly type: number,
    readonly bytes: Buffer,
    readonly start: number,
    readonly end: number,
    /** Length of the name that it is written under, where searching for the beginning of that name would err. */
    private readonly nameLength?: number,
  ) {}

  /** While there is no other instance these keep the shape of the class, and the machine code made for it. */
  protected static readonly kept = [undefined, 0].map((nameLength) => {
    return new RawValue(BsonType.null, Buffer.alloc(0), 0, 0, nameLength);
  });

  /** A whole document as a value. */
  static ofDocument(bytes: Buffer, start = 0): RawValue {
    return new RawValue(BsonType.object, bytes, start, documentEnd(bytes, start));
  }

  /** The elements of an object by name, in their order. */
  fields(): Map<string, RawValue> {
    const fields = new Map<string, RawValue>();
    visitElements(this.bytes, this.start, (type, nameStart, nameEnd, start, end) => {
      fields.set(this.bytes.toString('utf8', nameStart, nameEnd), new RawValue(type, this.bytes, start, end));
    });
    return fields;
  }

  /** The elements of an array. */
  elements(): RawValue[] {
    const elements: RawValue[] = [];
    visitElements(this.bytes, this.start, (type, _nameStart, _nameEnd, start, end) => {
      elements.push(new RawValue(type, this.bytes, start, end));
    });
    return elements;
  }

  get size(): number {
    return this.end - this.start;
  }

  /** The same type and the same bytes? */
  sameBytes(other: RawValue): boolean {
    return (
      this.type === other.type &&
      this.size === other.size &&
      this.bytes.compare(other.bytes, other.start, other.end, this.start, this.end) === 0
    );
  }

  /** The same value, to be written under this name. */
  under(name: string): RawValue {
    const nameLength = name.includes(OBJECT_ID_CHAR) ? Buffer.byteLength(name) : undefined;
    if (nameLength === this.nameLength) return this;
    return new RawValue(this.type, this.bytes, this.start, this.end, nameLength);
  }

  /** Decoded by js-bson, whatever its text: for logs and monitors. */
  toJSON(): unknown {
    return this.toExtendedJSON();
  }

  toExtendedJSON(options?: BSON.EJSONOptions): unknown {
    return this.show((value) => BSON.EJSON.serialize({ v: value }, options).v);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): unknown {
    return this.show((value) => value);
  }

  /** What js-bson cannot show is no reason for a log to throw. */
  private show(as: (value: unknown) => unknown): unknown {
    try {
      return as(decodeByDriver(this, LENIENT));
    } catch {
      return `BSON of type ${this.type}, ${this.size} bytes`;
    }
  }

  get _bsontype(): string {
    return 'ObjectId';
  }

  get [TYPE_TAG](): string {
    return 'ObjectId';
  }

  get [VERSION_TAG](): unknown {
    return (ObjectId.prototype as unknown as Record<symbol, unknown>)[VERSION_TAG];
  }

  /** js-bson's call: writes the value at `index`, where its name has just been written. */
  serializeInto(buffer: Uint8Array, index: number): number {
    let at = index - 2; // before the name's NUL
    if (this.nameLength !== undefined) at -= this.nameLength;
    else while (buffer[at] !== OBJECT_ID_TYPE) at--; // no such byte is in the name (see `underName`)
    if (buffer[at] !== OBJECT_ID_TYPE)
      throw new BSON.BSONError('A raw value is written under another name than planned');
    buffer[at] = this.type;
    buffer.set(this.bytes.subarray(this.start, this.end), index);
    return this.end - this.start;
  }
}

/** What to put under this name: a raw value must know a name that contains the very byte that marks where names begin. */
export function underName(name: string, value: unknown): unknown {
  return value instanceof RawValue ? value.under(name) : value;
}

/** Decodes a value by js-bson, as the driver would. */
export function decodeByDriver(raw: RawValue, options?: BSON.DeserializeOptions): unknown {
  const size = raw.end - raw.start;
  const mini = Buffer.allocUnsafe(4 + 3 + size + 1);
  mini.writeInt32LE(mini.length, 0);
  mini[4] = raw.type;
  mini[5] = 0x76; // "v"
  mini[6] = 0;
  raw.bytes.copy(mini, 7, raw.start, raw.end);
  mini[mini.length - 1] = 0;
  return BSON.deserialize(mini, options).v as unknown;
}

/** Are both the same bytes, or both not there? */
export function sameRaw(a: RawValue | undefined, b: RawValue | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.sameBytes(b);
}

/**
 * Encodes a document that may contain raw values, as an object or a Map. Those of its own fields, and of Maps inside,
 * are told their names here; those of plain objects inside by whoever made these (`underName`).
 */
export function encodeDocument(document: Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>): Buffer {
  const entries = document instanceof Map ? (document as ReadonlyMap<string, unknown>) : Object.entries(document);
  return serialize(withNames(entries));
}

function serialize(document: BSON.Document): Buffer {
  const bytes = BSON.serialize(document, { ignoreUndefined: true });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function withNames(entries: Iterable<readonly [string, unknown]>): Map<string, unknown> {
  const named = new Map<string, unknown>();
  for (const [name, value] of entries) named.set(name, underName(name, nameInside(value)));
  return named;
}

function nameInside(value: unknown): unknown {
  if (value instanceof Map) return withNames(value as ReadonlyMap<string, unknown>);
  return Array.isArray(value) && value.some((element) => element instanceof Map) ? value.map(nameInside) : value;
}

/** Encodes one value. */
export function encodeValue(value: unknown): RawValue {
  if (value instanceof RawValue) return value;
  const bytes = serialize({ v: nameInside(value) });
  return new RawValue(bytes[4]!, bytes, 7, bytes.length - 1);
}
