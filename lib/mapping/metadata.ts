import type { ClassType, ConcurrencyPolicy, IndexDirection, MergePolicy } from './entity-map.js';

/** What a type may be written as: a constructor, `[constructor]` for an array of it, or a thunk of either. */
export type TypeToken =
  | ClassType
  | StringConstructor
  | NumberConstructor
  | BooleanConstructor
  | BigIntConstructor
  | DateConstructor
  | MapConstructor
  | SetConstructor
  | ObjectConstructor
  | readonly TypeToken[];

/** Options of `@Prop()`. */
export interface PropOptions {
  /** The type, where TypeScript's reflection cannot tell it: arrays, Maps, Sets, unions, circular imports. */
  type?: TypeToken | (() => TypeToken);
  /** What a Map or a Set contains. */
  of?: TypeToken | (() => TypeToken);
  /** Name in the document. Default: the property's name. */
  name?: string;
  /** Values allowed: a TypeScript enum or a list. */
  enum?: Readonly<Record<string, string | number>> | readonly (string | number)[];
  /** May the value be null? Default: false. */
  nullable?: boolean;
  /** Must a new entity have it? Default: false (class-validator's decorators say more). */
  required?: boolean;
  /**
   * What a new entity gets where it brings nothing: a value, or a function that makes one. A value (but not what a
   * function makes) is also what a document that lacks the field reads as.
   */
  default?: unknown;
  /** Changes of this field commute with those of others: see `docs/how-it-works.md`. */
  merge?: MergePolicy;
  /** Shorthand of `@Index({ field: 1 })`. */
  index?: boolean;
  /** Shorthand of `@Index({ field: 1 }, { unique: true })`. */
  unique?: boolean;
}

export type PropRole = 'id' | 'version' | 'createdAt' | 'updatedAt';

export interface PropMetadata {
  readonly property: string;
  readonly designType: unknown;
  readonly options: PropOptions;
  readonly role: PropRole | undefined;
}

/** Options of `@Entity()`. */
export interface EntityOptions {
  /** Collection. Default: the class name in camelCase with an `s`; classes below a discriminator share their base's. */
  collection?: string;
  /**
   * `'fields'` (default): every changed field is guarded by its original value, so that no update is lost.
   * `'none'`: last write wins. With `@Version()` the version guards instead.
   */
  concurrency?: ConcurrencyPolicy;
  /** Name of the field that tells the classes of one collection apart; given on the base class. */
  discriminator?: string;
  /** Value of that field for this class. Default: the class name. */
  discriminatorValue?: string;
  /** Property names of the shard key, in its order: their loaded values are part of every filter by id. */
  shardKey?: Readonly<Record<string, 1 | 'hashed'>>;
  /** Never tracked; a write is an error. Default: false. */
  readonly?: boolean;
  /** Makes an instance; needed where the constructor has parameters. */
  create?: (data: Record<string, unknown>) => object;
}

/** Options of `@Embedded()`. */
export interface EmbeddedOptions {
  /** Property that identifies an element of an array of this class, for example `'sku'`. */
  key?: string;
  /** Name of the field that tells the classes of a union apart; given on the base class. */
  discriminator?: string;
  /** Value of that field for this class. Default: the class name. */
  discriminatorValue?: string;
  /** Makes an instance; needed where the constructor has parameters. */
  create?: (data: Record<string, unknown>) => object;
}

export interface IndexMetadata {
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What the decorators of one class said, its base classes' not included. */
export interface ClassMetadata {
  entity?: EntityOptions;
  embedded?: EmbeddedOptions;
  readonly props: Map<string, PropMetadata>;
  readonly indexes: IndexMetadata[];
  /** Decorated classes that extend this one, directly or not. */
  readonly descendants: Set<ClassType>;
}

const store = new WeakMap<object, ClassMetadata>();

/** The metadata of this very class, made if there is none. */
export function ownMetadata(target: ClassType): ClassMetadata {
  let metadata = store.get(target);
  if (metadata === undefined) {
    metadata = { props: new Map(), indexes: [], descendants: new Set() };
    store.set(target, metadata);
    decorated.push(target);
  }
  return metadata;
}

/** Hears of a property that was decorated, again when another decorator adds to it. */
type PropListener = (target: ClassType, prop: PropMetadata) => void;

const decorated: ClassType[] = [];
const listeners: PropListener[] = [];

/** From now on the listener hears of every decorated property, and at once of those that there are. */
export function onProp(listener: PropListener): void {
  listeners.push(listener);
  for (const target of decorated) for (const prop of store.get(target)?.props.values() ?? []) listener(target, prop);
}

/** Keeps what the decorators of a property say. */
export function setProp(target: ClassType, prop: PropMetadata): void {
  ownMetadata(target).props.set(prop.property, prop);
  for (const listener of listeners) listener(target, prop);
}

/** The metadata of this very class, if any decorator touched it. */
export function findMetadata(target: ClassType): ClassMetadata | undefined {
  return store.get(target);
}

/** The class and its base classes, the topmost first. */
export function lineage(target: ClassType): ClassType[] {
  const classes: ClassType[] = [];
  for (
    let current: unknown = target;
    typeof current === 'function' && current !== Function.prototype;
    current = Object.getPrototypeOf(current)
  ) {
    classes.unshift(current as ClassType);
  }
  return classes;
}

/** Tells every base class of a decorated class that it exists, so that discriminator families can be found. */
export function announce(target: ClassType): void {
  for (const base of lineage(target)) if (base !== target) ownMetadata(base).descendants.add(target);
}
