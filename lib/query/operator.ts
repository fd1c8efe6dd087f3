declare const VALUE: unique symbol;
declare const ELEMENT: unique symbol;

/** Names of the operators on one field. */
export type OperatorName =
  | 'eq'
  | 'ne'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'in'
  | 'nin'
  | 'exists'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'matches'
  | 'all'
  | 'size'
  | 'elemMatch'
  | 'not'
  | 'mod'
  | 'allOf'
  | 'raw';

/**
 * A condition on one field, made by `op`.
 *
 * Only `op` makes them: what a request body says is never one, since a private member cannot be written in JSON.
 */
export class Operator<V = unknown, E = never> {
  /** Type of the values that the field may hold; exists for TypeScript only. */
  declare readonly [VALUE]?: V;
  /** Type of an element of the field, for conditions on elements; exists for TypeScript only. */
  declare readonly [ELEMENT]?: E;
  readonly #name: OperatorName;
  readonly #operands: readonly unknown[];

  constructor(name: OperatorName, ...operands: readonly unknown[]) {
    this.#name = name;
    this.#operands = operands;
    Object.freeze(this);
  }

  /** Was the value made by `op`? The private member is the brand: no other object can have it. */
  static is(value: unknown): value is Operator {
    return typeof value === 'object' && value !== null && #name in value;
  }

  /** @internal */
  static read(operator: Operator): { readonly name: OperatorName; readonly operands: readonly unknown[] } {
    return { name: operator.#name, operands: operator.#operands };
  }
}
