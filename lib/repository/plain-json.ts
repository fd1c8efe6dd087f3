import { DocumentCodec } from '../bson/document-codec.js';
import { entityMapOf, type ClassType } from '../mapping/index.js';

/** Gives a plain instance, which no unit of work tracks, the JSON form of entities, unless its class has its own. */
export function withJson<T extends object>(instance: T): T {
  if (!('toJSON' in instance)) Object.defineProperty(instance, 'toJSON', { value: jsonOfPlain, configurable: true });
  return instance;
}

function jsonOfPlain(this: object): unknown {
  return DocumentCodec.of(entityMapOf(this.constructor as ClassType)).toJson(this);
}
