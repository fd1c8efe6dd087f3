import { hashOfId, placeOfId, twelve } from '../bson/identity-key.js';
import { PageIndex } from '../bson/page-index.js';
import type { FieldMap } from '../mapping/index.js';
import { STATE, classPrototypeOf, stateOfProxy } from '../tracking/entity-state.js';
import { DocumentSource } from './document-source.js';
import type { EntityStore } from './entity-store.js';
import { IdentityMap } from './identity-map.js';
import { LateTarget } from './late-target.js';
import { Managed } from './managed.js';
import type { Scope } from './scope.js';

type Target = Record<string, unknown>;

/** After so many single reads of an entity it is given a state, which keeps what was read. */
const PEEKS = 3;
/** A place has the number of reads in its last digit. */
const DIGIT = 4;

/** Asked of an entity of a page. Never registered, so that no input can imitate them. */
const KEY = Symbol('nestjs-cow.key');
const TARGET = Symbol('nestjs-cow.target');
const PAGE = Symbol('nestjs-cow.page');
const IS_LATE = Symbol('nestjs-cow.is-late');

/**
 * The documents of one class in a reply, and the handler of the Proxies of their entities: a Proxy and a place is all
 * that is made of each. Texts, numbers and booleans are read from the bytes; who asks for more gets the entity a state,
 * which answers from then on.
 */
export class Page implements ProxyHandler<Target> {
  /** Undefined once every entity has a state. */
  private from: (Origin & { readonly index: PageIndex }) | undefined;
  private others: Map<EntityStore, Page> | undefined;

  constructor(
    private readonly store: EntityStore,
    { scope, identities, bytes, loaded }: Origin,
  ) {
    this.from = { scope, identities, bytes, loaded, index: new PageIndex(store.codec.layout, bytes) };
  }

  /** One of each kind of object that a list is made of, for the store to keep: see `Managed.sample`. */
  private static sample(store: EntityStore): object {
    const target = new store.Target(0);
    if (store.sample instanceof Managed) LateTarget.put(target, store.sample);
    const identities = new IdentityMap().reserve(1);
    const from = { scope: undefined as never, identities, bytes: Buffer.alloc(0), loaded: undefined };
    return [new Page(store, from), target];
  }

  /** The entity of the document at `start`; undefined where the unit of work must look at what it knows of it. */
  entity(start: number): object | undefined {
    const { bytes, identities } = this.from!;
    const at = placeOfId(bytes, start);
    if (at === 0 || identities.isNamed(bytes, at)) return undefined;
    const hash = hashOfId(bytes, at);
    const known = identities.found(hash, bytes, at);
    if (known !== undefined) return isLateAndWhole(known) ? known : undefined;
    const entity = this.ofClass(start).make(start);
    identities.put(hash, entity);
    return entity;
  }

  /** The page for documents of the class that the one at `start` is of. */
  private ofClass(start: number): Page {
    const { store, from } = this;
    if (store.map.discriminator === undefined) return this;
    const own = store.forStored(from!.bytes, start);
    if (own === store) return this;
    let page = (this.others ??= new Map<EntityStore, Page>()).get(own);
    if (page === undefined) this.others.set(own, (page = new Page(own, from!)));
    return page;
  }

  private make(start: number): object {
    const { store, from } = this;
    if (store.sample === undefined) {
      store.sample = Managed.sample(store, new DocumentSource(store.codec, from!.bytes, from!.loaded, start));
      store.latePage = Page.sample(store);
    }
    return new Proxy(new store.Target(start * DIGIT) as object as Target, this);
  }

  get(target: Target, key: string | symbol, receiver: unknown): unknown {
    const place = LateTarget.placeOf(target);
    if (typeof place === 'number') {
      const field = this.store.map.byProperty.get(key as string);
      if (field === undefined) {
        if (typeof key === 'string') return Reflect.get(target, key, receiver); // a method, a getter
      } else if (place % DIGIT < PEEKS && this.mayPeek(field)) {
        const value = this.peek(Math.floor(place / DIGIT), field);
        if (value !== undefined && (typeof value !== 'object' || value === null)) {
          LateTarget.put(target, place + 1);
          return value;
        }
      }
    }
    return typeof key === 'symbol' ? this.ask(target, key, receiver) : this.through(target, key, receiver);
  }

  set(target: Target, key: string | symbol, value: unknown, receiver: unknown): boolean {
    const state = this.state(target);
    return state.set(state.values, key, value, receiver);
  }

  has(target: Target, key: string | symbol): boolean {
    const state = this.state(target);
    return state.has(state.values, key);
  }

  deleteProperty(target: Target, key: string | symbol): boolean {
    const state = this.state(target);
    return state.deleteProperty(state.values, key);
  }

  ownKeys(target: Target): (string | symbol)[] {
    const state = this.state(target);
    return state.ownKeys(state.values);
  }

  getOwnPropertyDescriptor(target: Target, key: string | symbol): PropertyDescriptor | undefined {
    const state = this.state(target);
    return state.getOwnPropertyDescriptor(state.values, key);
  }

  defineProperty(target: Target, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    const state = this.state(target);
    const { writable, enumerable, configurable } = descriptor;
    if (writable !== true || enumerable !== true || configurable !== true) state.settle(target);
    return state.defineProperty(state.values, key, descriptor);
  }

  preventExtensions(target: Target): boolean {
    const state = this.state(target);
    state.settle(target);
    return state.preventExtensions(target);
  }

  getPrototypeOf(target: Target): object | null {
    return classPrototypeOf(target);
  }

  setPrototypeOf(target: Target, prototype: object | null): boolean {
    return prototype === classPrototypeOf(target);
  }

  /** The reply is to be let go of: whatever is left of it must not need it any more. */
  letGo(): void {
    const { from } = this;
    from?.identities.eachLate((entity) => {
      if (pageOf(entity) === this) managedOf(entity);
    });
    this.from = undefined;
  }

  private ask(target: Target, key: symbol, receiver: unknown): unknown {
    switch (key) {
      case PAGE:
        return this;
      case IS_LATE:
        return typeof LateTarget.placeOf(target) === 'number' && this.from!.loaded === undefined;
      case TARGET:
        return target;
      case KEY: {
        const place = LateTarget.placeOf(target);
        return typeof place === 'number' ? twelve(this.from!.bytes, idAt(place)) : place.key;
      }
      case STATE:
        return this.through(target, key, receiver);
      default: {
        const place = LateTarget.placeOf(target);
        return typeof place === 'number' ? Reflect.get(target, key, receiver) : this.through(target, key, receiver);
      }
    }
  }

  private through(target: Target, key: string | symbol, receiver: unknown): unknown {
    const state = this.state(target);
    return state.get(state.values, key, receiver);
  }

  /** Can the field be read without a state? Inside of a fork somebody may have to be told that it is. */
  private mayPeek(field: FieldMap): boolean {
    const { loaded, scope } = this.from!;
    return loaded === undefined && scope.node === undefined && this.store.codec.isPlain(field);
  }

  private peek(start: number, field: FieldMap): unknown {
    const { bytes, index } = this.from!;
    const at = index.of(start)[field.index]!;
    return at === 0 ? undefined : this.store.codec.read(field, bytes, at);
  }

  private state(target: Target): Managed {
    const place = LateTarget.placeOf(target);
    return typeof place === 'number' ? this.begin(target, place) : place;
  }

  private begin(target: Target, place: number): Managed {
    const { store } = this;
    const { scope, identities, bytes, loaded, index } = this.from!;
    const at = idAt(place);
    const source = new DocumentSource(store.codec, bytes, loaded, Math.floor(place / DIGIT), place % DIGIT, index);
    const state = Managed.late(store, twelve(bytes, at), source, scope, identities.proxyOn(target, bytes, at));
    LateTarget.put(target, state);
    return state;
  }
}

/** Where a page is from. */
interface Origin {
  readonly scope: Scope;
  readonly identities: IdentityMap;
  readonly bytes: Buffer;
  /** Properties that a projection loaded; undefined for all. */
  readonly loaded: ReadonlySet<string> | undefined;
}

/** An id that comes first has its bytes there. */
function idAt(place: number): number {
  return Math.floor(place / DIGIT) + 9;
}

/** The state of an entity, made if need be. */
export function managedOf(entity: object): Managed {
  return stateOfProxy(entity) as Managed;
}

/** The key of an entity of a page. */
export function keyOf(entity: object): string {
  return (entity as Record<symbol, unknown>)[KEY] as string;
}

/** Is it the Proxy on this target? */
export function isOn(entity: object, target: object): boolean {
  return (entity as Record<symbol, unknown>)[TARGET] === target;
}

/** Is it still as it was read, all of it? Then there is nothing that another read would alter. */
export function isLateAndWhole(entity: object): boolean {
  return (entity as Record<symbol, unknown>)[IS_LATE] as boolean;
}

/** The page of an entity; undefined for one that stands on its own. */
export function pageOf(entity: object): Page | undefined {
  return (entity as Record<symbol, unknown>)[PAGE] as Page | undefined;
}
