import { inspect } from 'node:util';
import { copyValue } from './plain-values.js';
import { TrackedState } from './tracked-state.js';

/** Asked of a proxy, answers its state. Never registered, so that no input can imitate it. */
export const STATE = Symbol('nestjs-cow.state');

type Target = Record<string, unknown>;

/**
 * The state of a loaded entity, which is also the handler of its Proxy.
 *
 * The Proxy's target is an instance of the class that is filled lazily: a field is decoded when it is first read, and
 * from then on is an ordinary own property. So spread, keys, `in`, `delete`, JSON, matchers and decorators' libraries
 * see what they would see on a plain instance.
 */
export class EntityState extends TrackedState implements ProxyHandler<Target> {
  /** Can a field be other than writable and configurable? Spares each assignment the look at its descriptor. */
  private isRestricted = false;

  get(target: Target, key: string | symbol, receiver: unknown): unknown {
    if (!this.isField(key)) {
      if (key === STATE) return receiver === this.subject ? this : undefined; // not of what inherits from the entity
      return Reflect.get(target, key, receiver);
    }
    return Object.hasOwn(target, key) ? target[key] : this.read(key);
  }

  set(target: Target, key: string | symbol, value: unknown, receiver: unknown): boolean {
    if (!this.isField(key)) return Reflect.set(target, key, value, receiver);
    if (receiver !== this.subject) {
      this.fill(key);
      return Reflect.set(target, key, value, receiver);
    }
    if (this.isRestricted && !isWritable(target, key)) return false;
    this.write(key, value);
    return true;
  }

  has(target: Target, key: string | symbol): boolean {
    return (this.isField(key) && this.holds(key)) || Reflect.has(target, key);
  }

  deleteProperty(target: Target, key: string | symbol): boolean {
    if (!this.isField(key)) return Reflect.deleteProperty(target, key);
    if (Reflect.getOwnPropertyDescriptor(target, key)?.configurable === false) return false;
    this.remove(key);
    return true;
  }

  ownKeys(target: Target): (string | symbol)[] {
    const keys = Reflect.ownKeys(target);
    if (!Object.isExtensible(target)) return keys; // it has them all
    const fields = [...this.source.fields()].filter((field) => this.holds(field));
    return [...fields, ...keys.filter((key) => !this.isField(key))];
  }

  getOwnPropertyDescriptor(target: Target, key: string | symbol): PropertyDescriptor | undefined {
    if (this.isField(key)) this.fill(key);
    return Reflect.getOwnPropertyDescriptor(target, key);
  }

  defineProperty(target: Target, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    if (!this.isField(key)) {
      if (typeof key === 'string' && !Object.hasOwn(target, key)) this.owner?.undeclared(this, key);
      return Reflect.defineProperty(target, key, descriptor);
    }
    if ('get' in descriptor || 'set' in descriptor) return false; // an accessor would hide the stored value
    this.fill(key); // attributes that are not named stay as they are
    if ('value' in descriptor) {
      this.owner?.writing(this, key, descriptor.value);
      this.touch(key);
    }
    this.isRestricted = true;
    return Reflect.defineProperty(target, key, descriptor);
  }

  /** From here on the target itself must have all keys, and its class's own prototype: what hid before it moves in. */
  preventExtensions(target: Target): boolean {
    for (const field of this.source.fields()) this.fill(field);
    const hidden = hiddenPrototypeOf(target);
    if (hidden !== undefined) {
      for (const key of Reflect.ownKeys(hidden)) {
        if (!this.isField(key) && !Object.hasOwn(target, key)) defineHidden(target, key, hidden[key]);
      }
      Reflect.setPrototypeOf(target, Reflect.getPrototypeOf(hidden));
    }
    this.isRestricted = true;
    return Reflect.preventExtensions(target);
  }

  getPrototypeOf(target: Target): object | null {
    return classPrototypeOf(target);
  }

  /** The class of an entity is what its document says. */
  setPrototypeOf(target: Target, prototype: object | null): boolean {
    return prototype === this.getPrototypeOf(target);
  }

  /** From here on the target of the Proxy holds the values: what is to be fixed must be so on it. */
  settle(target: Target): void {
    if (target === this.values) return;
    Object.defineProperties(target, Object.getOwnPropertyDescriptors(this.values));
    this.values = target;
  }

  private isField(key: string | symbol): key is string {
    return typeof key === 'string' && this.source.declares(key);
  }

  /** Makes a field that the entity has an own property of the target. */
  private fill(field: string): void {
    if (this.holds(field)) this.read(field);
  }
}

function isWritable(target: Target, key: string): boolean {
  return Reflect.getOwnPropertyDescriptor(target, key)?.writable ?? Object.isExtensible(target);
}

const hiddenPrototypes = new WeakSet<object>();

function hiddenPrototypeOf(target: object): Record<string | symbol, unknown> | undefined {
  const prototype = Reflect.getPrototypeOf(target);
  if (prototype === null || !hiddenPrototypes.has(prototype)) return undefined;
  return prototype as Record<string | symbol, unknown>;
}

/** The prototype that a target has as far as anybody can see. */
export function classPrototypeOf(target: object): object | null {
  return Reflect.getPrototypeOf(hiddenPrototypeOf(target) ?? target);
}

function defineHidden(object: object, key: string | symbol, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, configurable: true, enumerable: false });
}

/**
 * The prototype of loaded entities of a class: stands between the instance and the class, hidden from
 * `Object.getPrototypeOf`, and carries what an entity has beyond its class.
 *
 * @param target the class
 * @param toJSON the JSON form, unless the class has its own
 * @param prototype to be made so
 */
export function entityPrototype(
  target: { prototype: object },
  toJSON: (this: object) => unknown,
  prototype: object,
): object {
  Object.setPrototypeOf(prototype, target.prototype);
  if (!('toJSON' in target.prototype)) defineHidden(prototype, 'toJSON', toJSON);
  if (!(inspect.custom in target.prototype)) defineHidden(prototype, inspect.custom, inspectEntity);
  hiddenPrototypes.add(prototype);
  return prototype;
}

/** `util.inspect` looks past a Proxy at its half-filled target: show a snapshot instead. */
function inspectEntity(this: object, depth: number, options: object): string {
  return inspect(snapshot(this), { ...options, depth });
}

/**
 * A plain instance of the entity's class with the present values; changing it alters nothing, and nothing of it is
 * tracked. `structuredClone` and `postMessage` take it, where they refuse the entity, which is a Proxy.
 *
 * @example const copy = structuredClone(snapshot(order));
 */
export function snapshot<T extends object>(entity: T): T {
  return copyValue(entity);
}

/** Makes the Proxy of a loaded entity. */
export function entityProxy(state: EntityState): object {
  state.subject = new Proxy(state.values, state);
  return state.subject;
}

/** The state behind a Proxy made by `entityProxy`, else undefined. */
export function stateOfProxy(value: unknown): EntityState | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const state = (value as Record<symbol, unknown>)[STATE];
  return state instanceof EntityState ? state : undefined;
}
