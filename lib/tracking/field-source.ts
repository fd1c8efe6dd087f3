/**
 * Where the original values of a tracked object come from: the raw document of a loaded entity, or a plain record.
 * The tracker needs no more than this, and neither MongoDB nor Nest.
 */
export interface FieldSource {
  /** Names of the fields, in their order. */
  fields(): Iterable<string>;
  /** Is this a field? What is not is left to the object itself, and not tracked. */
  declares(field: string): boolean;
  /** Does the original have a value for the field? */
  has(field: string): boolean;
  /** A fresh copy of the original value; undefined where there is none. */
  read(field: string): unknown;
  /** Can this value be changed in place? It is then compared instead of trusted. */
  isMutable(field: string, value: unknown): boolean;
  /** Does the value equal the original? */
  same(field: string, value: unknown): boolean;
  /** Called before a field is changed or a mutable value handed out for the first time: last chance to copy it. */
  keep(field: string): void;
  /** Called when the original of a field need not be kept any longer. */
  forget(field: string): void;
}
