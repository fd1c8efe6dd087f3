/** Is the type `any`? */
export type IsAny<T> = 0 extends 1 & T ? true : false;

/** Values that have no fields to address: BSON's classes are known by the tag they all have. */
export type Leaf =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | Date
  | RegExp
  | Uint8Array
  | { readonly _bsontype: string };

/** Names of the members that hold data; methods are left out. */
export type DataKey<T> = {
  [K in keyof T]-?: K extends string ? (NonNullable<T[K]> extends (...args: never[]) => unknown ? never : K) : never;
}[keyof T];

/** One level less. Four parts (`a.b.c.d`) keep TypeScript fast on classes that contain themselves. */
type Less = [never, 0, 1, 2];

/**
 * The dotted paths of an entity, by property names: `'status'`, `'address.city'`, `'items.sku'` (of any item),
 * `'items.0.sku'` (of the first), `'stock.de'` (an entry of a Map).
 *
 * Methods are left out; paths of more than four parts are not offered, but are understood at run time.
 */
export type Path<T, D extends number = 3> =
  IsAny<T> extends true
    ? string
    : T extends unknown
      ? { [K in DataKey<T>]: K | Below<K, NonNullable<T[K]>, D> }[DataKey<T>]
      : never;

type Below<K extends string, V, D extends number> = [D] extends [0]
  ? never
  : unknown extends V
    ? `${K}.${string}` // any and unknown: free-form
    : V extends Leaf
      ? never
      : V extends readonly (infer E)[]
        ? BelowElement<K, NonNullable<E>, D>
        : V extends ReadonlyMap<string, unknown> // before sets: TypeScript takes a Map for one
          ? `${K}.${string}`
          : V extends ReadonlySet<infer E>
            ? BelowElement<K, NonNullable<E>, D>
            : `${K}.${Path<V, Less[D]>}`;

/**
 * MongoDB looks into arrays, with a position and without. What follows a position is one pattern: each pattern is
 * compared with each path, so that many of them would take TypeScript minutes.
 */
type BelowElement<K extends string, E, D extends number> =
  | `${K}.${number}`
  | (unknown extends E
      ? `${K}.${string}`
      : E extends Leaf | readonly unknown[] | ReadonlySet<unknown>
        ? never
        : `${K}.${Path<E, Less[D]>}` | `${K}.${number}.${string}`);

/** The type of the value at a path. Through an array it is that of the elements' field. */
export type PathValue<T, P extends string> =
  IsAny<T> extends true
    ? T
    : P extends `${infer Head}.${infer Rest}`
      ? PathValue<NonNullable<Member<T, Head>>, Rest>
      : Member<T, P>;

type Member<T, K extends string> = unknown extends T
  ? // eslint-disable-next-line @typescript-eslint/no-explicit-any -- free-form: nothing is known
    any
  : T extends Leaf
    ? never
    : T extends readonly (infer E)[]
      ? MemberOfElement<E, K>
      : T extends ReadonlyMap<string, infer V>
        ? MapEntry<V>
        : T extends ReadonlySet<infer E>
          ? MemberOfElement<E, K>
          : K extends keyof T
            ? T[K]
            : string extends K
              ? // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a pattern; checked at run time
                any
              : never;

type MemberOfElement<E, K extends string> = K extends `${number}` ? E : Member<NonNullable<E>, K>;

/** One pattern (`stock.${string}`) stands for a Map's entries and all below them: only leaves can be told apart. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above; the value is checked at run time
type MapEntry<V> = V extends Leaf ? V : any;
