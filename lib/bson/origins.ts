import { BsonType, documentEnd } from './elements.js';
import { RawValue } from './raw-value.js';

/** Returns what it is given, so that a class below it adds its private fields to any object. */
class Anything {
  constructor(object: object) {
    return object; // a class below adds its private fields to it
  }
}

/**
 * What is known of an object that was handed out: private fields on the object itself, which nobody sees. (A WeakMap
 * does the same, at twenty times the cost.)
 */
class Origin extends Anything {
  #bytes: Buffer;
  #start: number;
  /** What decoded it: the map of its class, or a codec. Read as something else the bytes may hold more than it showed. */
  #by: object;

  private constructor(object: object, bytes: Buffer, start: number, by: object) {
    super(object);
    this.#bytes = bytes;
    this.#start = start;
    this.#by = by;
  }

  static put(object: object, bytes: Buffer, start: number, by: object): void {
    if (#by in object) {
      object.#bytes = bytes;
      object.#start = start;
      object.#by = by;
    } else new Origin(object, bytes, start, by);
  }

  /** Another place of the same bytes. */
  static move(object: object, from: Buffer, start: number, to: Buffer): void {
    if (!(#bytes in object) || object.#bytes !== from) return;
    object.#bytes = to;
    object.#start -= start;
  }

  static isKnown(object: object): boolean {
    return #by in object;
  }

  static of(object: object, by: object): RawValue | undefined {
    if (!(#by in object) || object.#by !== by) return undefined;
    const type = Array.isArray(object) || object instanceof Set ? BsonType.array : BsonType.object;
    const bytes = object.#bytes;
    return new RawValue(type, bytes, object.#start, documentEnd(bytes, object.#start));
  }
}

let isKept = true;

/**
 * Notes the bytes that an object handed out was decoded from. A whole value that must be sent is rebuilt from them,
 * wherever the object has been moved, so that fields which its class does not declare survive.
 */
export function rememberOrigin(object: object, bytes: Buffer, start: number, by: object): void {
  if (isKept) Origin.put(object, bytes, start, by);
}

/** The bytes of an object that was handed out, unless something else decoded it. */
export function originOf(value: unknown, by: object): RawValue | undefined {
  return typeof value === 'object' && value !== null ? Origin.of(value, by) : undefined;
}

/** The bytes that the object came from were copied: those of `from` at `start` are now the beginning of `to`. */
export function moveOrigin(object: object, from: Buffer, start: number, to: Buffer): void {
  Origin.move(object, from, start, to);
}

/** Was the object handed out by a decoder? */
export function hasOrigin(object: object): boolean {
  return Origin.isKnown(object);
}

/** Decodes what is never sent: it holds on to no bytes. */
export function withoutOrigins<T>(decode: () => T): T {
  const before = isKept;
  isKept = false;
  try {
    return decode();
  } finally {
    isKept = before;
  }
}
