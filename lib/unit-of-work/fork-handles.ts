import { CowError } from '../errors/index.js';
import { Managed } from './managed.js';

type Target = Record<string, unknown>;

/**
 * Makes the handle of an entity of a united fork that of the receiver's: from now on the traps of its Proxy are these.
 * They lie on the state itself, so that an entity of a unit of work that never forks goes through none of them.
 */
export function forwardHandle(from: Managed, to: Managed): void {
  const { entity: proxy, isMade } = from;
  const { entity } = to;
  Managed.alias(proxy, to);
  if (isMade) return; // it is no Proxy, and stays itself
  const onto = (receiver: unknown) => (receiver === proxy ? entity : receiver);
  const traps: ProxyHandler<Target> = {
    get: (_target, key, receiver) => Reflect.get(entity, key, onto(receiver)) as unknown,
    set: (_target, key, value, receiver) => Reflect.set(entity, key, value, onto(receiver)),
    has: (_target, key) => Reflect.has(entity, key),
    deleteProperty: (_target, key) => Reflect.deleteProperty(entity, key),
    ownKeys: (target) => (Object.isExtensible(target) ? Reflect.ownKeys(entity) : Reflect.ownKeys(target)),
    getOwnPropertyDescriptor: (target, key) => {
      if (!Object.isExtensible(target)) return Reflect.getOwnPropertyDescriptor(target, key);
      const descriptor = Reflect.getOwnPropertyDescriptor(entity, key);
      return descriptor && { ...descriptor, configurable: true }; // a Proxy may promise no less than its target
    },
    defineProperty: (_target, key, descriptor) =>
      Reflect.defineProperty(entity, key, { ...descriptor, configurable: true }),
    preventExtensions: () => false,
  };
  Object.assign(from, traps);
}

/** After a drop an entity is no more: whoever uses its handle is told so. */
export function revokeHandle(from: Managed, fork: string): void {
  if (from.isMade) return;
  const { name, byProperty } = from.store.map;
  const refuse = (key: string | symbol) => {
    // What Node, jest and `await` ask of any object; a declared field is never one of theirs.
    if (typeof key === 'symbol' || (!byProperty.has(key) && IDLE.has(key))) return;
    throw new CowError('ForkClosed', { option: fork, reason: 'dropped', entity: name, field: key });
  };
  const traps: ProxyHandler<Target> = {
    get: (target, key) => (refuse(key), typeof key === 'symbol' ? undefined : Reflect.get(target, key)),
    set: (_target, key) => (refuse(key), false),
    has: (target, key) => (refuse(key), Reflect.has(target, key)),
    deleteProperty: (_target, key) => (refuse(key), false),
    ownKeys: (target) => (refuse('its properties'), Reflect.ownKeys(target)),
    getOwnPropertyDescriptor: (target, key) => (refuse(key), Reflect.getOwnPropertyDescriptor(target, key)),
    defineProperty: (_target, key) => (refuse(key), false),
  };
  Object.assign(from, traps);
}

const IDLE = new Set(['then', 'constructor', 'asymmetricMatch', '$$typeof', 'nodeType', '@@__IMMUTABLE_ITERABLE__@@']);
