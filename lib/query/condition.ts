import type { Decimal128, Long, ObjectId, UUID } from '../bson/values.js';
import type { Operator } from './operator.js';
import type { DataKey, IsAny, Leaf } from './paths.js';

/**
 * What a filter may say of a field of type `V`: a value, which compares by equality, or an operator made by `op`.
 * `null` matches null and missing fields, as in MongoDB.
 */
export type Condition<V> =
  IsAny<V> extends true
    ? V
    : // NonNullable<unknown> is {}: whatever is free-form takes whatever there is
      unknown extends V
      ? unknown
      : Operand<NonNullable<V>> | null | OperatorOn<NonNullable<V>>;

/** The operators that fit a field of type `V`. */
export type OperatorOn<V> = Operator<Operand<V> | null, ElementOf<V>>;

/** A value to compare a field of type `V` with. An array is compared as a whole, or by any of its elements. */
export type Operand<V> = V extends readonly (infer E)[]
  ? readonly Whole<E>[] | Whole<E>
  : V extends ReadonlyMap<string, unknown> // before sets: TypeScript takes a Map for one
    ? Whole<V>
    : V extends ReadonlySet<infer E>
      ? ReadonlySet<Whole<E>> | readonly Whole<E>[] | Whole<E>
      : Whole<V>;

/** A whole value of type `V`: ids also as text, numbers of other kinds as numbers, classes by their data. */
export type Whole<V> = V extends ObjectId | UUID
  ? V | string
  : V extends Decimal128
    ? V | number | string
    : V extends Long
      ? V | number | bigint
      : V extends bigint
        ? V | number
        : V extends Leaf
          ? V
          : V extends readonly (infer E)[]
            ? readonly Whole<E>[]
            : V extends ReadonlyMap<string, infer E>
              ? ReadonlyMap<string, Whole<E>> | Readonly<Record<string, Whole<E>>>
              : V extends ReadonlySet<infer E>
                ? ReadonlySet<Whole<E>> | readonly Whole<E>[]
                : { readonly [K in DataKey<V>]?: Whole<V[K]> | null };

type ElementOf<V> = V extends readonly (infer E)[]
  ? E
  : V extends ReadonlyMap<string, unknown>
    ? never
    : V extends ReadonlySet<infer E>
      ? E
      : never;
