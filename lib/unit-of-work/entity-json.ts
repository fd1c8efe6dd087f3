import { Managed } from './managed.js';

/** `toJSON` of loaded entities: the documented mapping, whoever serialises. */
export function jsonOfEntity(this: object): unknown {
  const managed = Managed.of(this);
  return managed === undefined ? { ...this } : managed.store.codec.toJson(this);
}
