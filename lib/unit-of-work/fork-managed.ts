import { CowError } from '../errors/index.js';
import type { DocumentSource } from './document-source.js';
import type { EntityStore } from './entity-store.js';
import { Managed } from './managed.js';
import type { Scope } from './scope.js';

type Target = Record<string, unknown>;

/**
 * A loaded entity of a fork. Once the fork is united its handle is that of the receiver's entity, once it is dropped
 * whoever uses it is told so: every trap asks for that first, so that neither end has to visit what was loaded. An
 * entity of a unit of work that never forks goes through none of this.
 */
export class ForkManaged extends Managed {
  /** After a union: the receiver's entity, which this stands for from now on. */
  heir: Managed | undefined;

  static inFork(store: EntityStore, key: string, source: DocumentSource, fork: Scope): ForkManaged {
    return new ForkManaged(store, key, source, new store.Values(), fork, false);
  }

  override get(target: Target, key: string | symbol, receiver: unknown): unknown {
    if (this.isItself) return super.get(target, key, receiver);
    const entity = this.successor(key);
    if (entity === undefined) return typeof key === 'symbol' ? undefined : Reflect.get(target, key);
    return Reflect.get(entity, key, receiver === this.subject ? entity : receiver);
  }

  override set(target: Target, key: string | symbol, value: unknown, receiver: unknown): boolean {
    if (this.isItself) return super.set(target, key, value, receiver);
    const entity = this.successor(key);
    return entity !== undefined && Reflect.set(entity, key, value, receiver === this.subject ? entity : receiver);
  }

  override has(target: Target, key: string | symbol): boolean {
    return this.isItself ? super.has(target, key) : Reflect.has(this.successor(key) ?? target, key);
  }

  override deleteProperty(target: Target, key: string | symbol): boolean {
    if (this.isItself) return super.deleteProperty(target, key);
    const entity = this.successor(key);
    return entity !== undefined && Reflect.deleteProperty(entity, key);
  }

  override ownKeys(target: Target): (string | symbol)[] {
    if (this.isItself) return super.ownKeys(target);
    const entity = this.successor('its properties');
    return Reflect.ownKeys(entity !== undefined && Object.isExtensible(target) ? entity : target);
  }

  override getOwnPropertyDescriptor(target: Target, key: string | symbol): PropertyDescriptor | undefined {
    if (this.isItself) return super.getOwnPropertyDescriptor(target, key);
    const entity = this.successor(key) ?? target;
    const descriptor = Reflect.getOwnPropertyDescriptor(entity, key);
    // A Proxy may promise no less than its target, which has not what the successor has.
    return descriptor && (Object.isExtensible(target) ? { ...descriptor, configurable: true } : descriptor);
  }

  override defineProperty(target: Target, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    if (this.isItself) return super.defineProperty(target, key, descriptor);
    const entity = this.successor(key);
    return entity !== undefined && Reflect.defineProperty(entity, key, { ...descriptor, configurable: true });
  }

  override preventExtensions(target: Target): boolean {
    return this.isItself && super.preventExtensions(target);
  }

  /** Does it stand for itself? So it does, too, when it was detached before the end, or the receiver lacks it. */
  private get isItself(): boolean {
    const { ending } = this.scope;
    return ending === undefined || this.status === 'detached' || (ending === 'united' && this.heir === undefined);
  }

  /**
   * The receiver's entity; undefined after a drop, for what Node, jest and `await` ask of any object.
   *
   * @throws ForkClosed after a drop
   */
  private successor(key: string | symbol): object | undefined {
    if (this.heir !== undefined) return this.heir.entity;
    const { name, byProperty } = this.store.map;
    if (typeof key === 'symbol' || (!byProperty.has(key) && IDLE.has(key))) return undefined;
    throw new CowError('ForkClosed', {
      ...{ option: this.scope.node?.name ?? '', reason: 'dropped' },
      ...{ entity: name, field: key },
    });
  }
}

const IDLE = new Set(['then', 'constructor', 'asymmetricMatch', '$$typeof', 'nodeType', '@@__IMMUTABLE_ITERABLE__@@']);

/** A loaded document as an entity of a unit of work, fork or not. */
export function loadedIn(scope: Scope, store: EntityStore, key: string, source: DocumentSource): Managed {
  if (scope.node?.isFork === true) return ForkManaged.inFork(store, key, source, scope);
  return Managed.loaded(store, key, source, scope);
}
