import type { RawValue } from './raw-value.js';

interface Origin {
  readonly raw: RawValue;
  /** What decoded it: the map of its class, or a codec. Read as something else the bytes may hold more than it showed. */
  readonly by: object;
}

/**
 * The bytes that an object handed out was decoded from. A whole value that must be sent is rebuilt from them, wherever
 * the object has been moved, so that fields which its class does not declare survive.
 */
const origins = new WeakMap<object, Origin>();

export function rememberOrigin(object: object, raw: RawValue, by: object): void {
  origins.set(object, { raw, by });
}

/** The bytes of an object that was handed out, unless something else decoded it. */
export function originOf(value: unknown, by: object): RawValue | undefined {
  const origin = typeof value === 'object' && value !== null ? origins.get(value) : undefined;
  return origin?.by === by ? origin.raw : undefined;
}
