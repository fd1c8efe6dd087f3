import { CowError } from '../errors/index.js';
import type { RawValue } from './raw-value.js';

/** How one type of value is decoded, compared and encoded. One file a type in `codecs/`. */
export interface ValueCodec {
  /** A fresh JavaScript value. A stored value of another type than declared reads as it is stored. */
  decode(raw: RawValue, owner: string): unknown;
  /** Would the two be stored alike? Numbers by value, objects without regard to the order of keys. */
  equals(a: unknown, b: unknown): boolean;
  /**
   * What the driver is given for a value: plain BSON values, with raw values for what has not changed.
   *
   * @param origin the bytes it was read from, if any: unchanged parts and undeclared fields are taken from them
   * @throws InvalidValue when the value cannot be stored as this type
   */
  encode(value: unknown, place: Place, origin?: RawValue): unknown;
  /** The documented JSON form. */
  toJson(value: unknown): unknown;
  /** The bytes that a container was decoded from when it was handed out, by this codec or one of the same class. */
  origin?(value: unknown): RawValue | undefined;
}

/** Deeper values are refused: the server's own limit is 100 levels. */
export const MAX_DEPTH = 100;

/** Where in an entity an encoder is, for its errors. */
export class Place {
  private readonly path: (string | number)[] = [];
  private readonly seen: object[] = [];

  constructor(
    readonly entity: string,
    field?: string,
  ) {
    if (field !== undefined) this.path.push(field);
  }

  /** Runs `encode` one level deeper. */
  within<T>(part: string | number, encode: () => T): T {
    this.path.push(part);
    const result = encode();
    this.path.pop();
    return result;
  }

  /** Runs `encode` for a container, which may not contain itself or lie too deep. */
  inside<T>(container: object, encode: () => T): T {
    if (this.seen.includes(container)) {
      this.refuse(container, 'an object that does not contain itself', 'it contains itself');
    }
    if (this.seen.length >= MAX_DEPTH) {
      throw new CowError('PlanTooLarge', {
        entity: this.entity,
        field: this.field,
        reason: `it is nested deeper than ${MAX_DEPTH} levels`,
      });
    }
    this.seen.push(container);
    const result = encode();
    this.seen.pop();
    return result;
  }

  get field(): string {
    return this.path.join('.');
  }

  refuse(value: unknown, expected: string, reason?: string): never {
    throw new CowError('InvalidValue', {
      entity: this.entity,
      field: this.field,
      expected,
      given: describeValue(value),
      ...(reason === undefined ? {} : { reason }),
    });
  }
}

/** What kind of thing was given, without its content. */
export function describeValue(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (Array.isArray(value)) return 'an array';
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name;
  return name === undefined || name === 'Object' ? 'an object' : `a value of ${name}`;
}
