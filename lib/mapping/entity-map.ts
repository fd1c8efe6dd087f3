import type { ValueType } from './value-type.js';

/** A class. Abstract ones count, since a base class with a discriminator may be abstract. */
export type ClassType<T = object> = abstract new (...args: never[]) => T;

/** A map while it is compiled. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** How two writers of one entity are kept apart (`docs/how-it-works.md`, guards). */
export type ConcurrencyPolicy = 'fields' | 'none';

/** A field whose changes commute with those of others. */
export type MergePolicy = 'sum' | 'max' | 'min' | 'set';

export type IndexDirection = 1 | -1 | 'text' | 'hashed' | '2dsphere';

/** An index as declared, by stored names. */
export interface IndexMap {
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly options: Readonly<Record<string, unknown>>;
}

/** One field of a class. */
export interface FieldMap {
  /** Position in `fields` of its class. */
  readonly index: number;
  /** Name of the property. */
  readonly property: string;
  /** Name in the document. */
  readonly stored: string;
  readonly type: ValueType;
  readonly mutable: boolean;
  readonly nullable: boolean;
  readonly required: boolean;
  readonly enum: ReadonlySet<unknown> | undefined;
  readonly merge: MergePolicy | undefined;
  /** Makes the value of a new entity that lacks the field. */
  readonly defaultFactory: (() => unknown) | undefined;
}

/** Tells the classes of one collection, or of one embedded union, apart. */
export interface DiscriminatorMap {
  /** Name of the discriminating field in the document. */
  readonly stored: string;
  /** Its value for this very class; undefined for an abstract base that no document is of. */
  readonly value: string | undefined;
  /** Every class of the family, the root included, by value. */
  readonly variants: ReadonlyMap<string, ObjectMap>;
}

/** What the maps of entities and of embedded classes share. */
export interface ObjectMap {
  readonly target: ClassType;
  readonly name: string;
  readonly fields: readonly FieldMap[];
  readonly byProperty: ReadonlyMap<string, FieldMap>;
  readonly byStored: ReadonlyMap<string, FieldMap>;
  readonly discriminator: DiscriminatorMap | undefined;
  /** What a field reads as where a document lacks it, by property: from initialisers and constant defaults. */
  readonly defaults: ReadonlyMap<string, unknown>;
  /** Makes an instance without data; undefined where the class can be constructed without parameters. */
  readonly create: ((data: Record<string, unknown>) => object) | undefined;
}

export interface EmbeddedMap extends ObjectMap {
  readonly kind: 'embedded';
  /** The field that identifies an element of an array, if declared. */
  readonly key: FieldMap | undefined;
}

export interface EntityMap extends ObjectMap {
  readonly kind: 'entity';
  readonly collection: string;
  /** The map at the top of the inheritance tree: one identity map and one collection per root. */
  readonly root: EntityMap;
  readonly id: FieldMap;
  readonly version: FieldMap | undefined;
  readonly createdAt: FieldMap | undefined;
  readonly updatedAt: FieldMap | undefined;
  readonly concurrency: ConcurrencyPolicy;
  readonly readonly: boolean;
  readonly indexes: readonly IndexMap[];
  /** Fields of the shard key, in its order; part of every filter by id. */
  readonly shardKey: readonly FieldMap[];
}
