import type { Binary, Long, ObjectId } from '../bson/values.js';

/** What an id may be given as; text is cast to the declared type. */
export type EntityId = ObjectId | Binary | Long | string | number | bigint;

type Data<V> = V extends (...args: never[]) => unknown ? never : V;

/** Names of the properties of an entity that hold data: everything but its methods. */
export type DataKeys<T> = { [K in keyof T & string]-?: [Data<NonNullable<T[K]>>] extends [never] ? never : K }[keyof T &
  string];

/** Data for an entity: any of its properties, nested ones too as plain objects. */
export type EntityData<T> = { [K in DataKeys<T>]?: DataValue<T[K]> };

type Leaf =
  string | number | boolean | bigint | symbol | null | undefined | Date | RegExp | Uint8Array | { _bsontype: string };

type DataValue<V> = V extends Leaf
  ? V
  : V extends Map<infer K, infer E>
    ? Map<K, DataValue<E>>
    : V extends Set<infer E>
      ? Set<DataValue<E>>
      : V extends readonly (infer E)[]
        ? readonly DataValue<E>[]
        : V extends object
          ? EntityData<V>
          : V;
