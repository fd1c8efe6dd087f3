declare const ENTITY: unique symbol;

/** How the filters of a group are joined. */
export type GroupName = 'and' | 'or' | 'nor';

/** Filters joined by `op.and`, `op.or` or `op.nor`. Stands wherever a filter does; no JSON can imitate it. */
export class FilterGroup<T = unknown> {
  /** The class whose fields the filters name; exists for TypeScript only. */
  declare readonly [ENTITY]?: (entity: T) => void;
  readonly #name: GroupName;
  readonly #filters: readonly unknown[];

  constructor(name: GroupName, filters: readonly unknown[]) {
    this.#name = name;
    this.#filters = filters;
    Object.freeze(this);
  }

  /** Was the value made by `op`? The private member is the brand: no other object can have it. */
  static is(value: unknown): value is FilterGroup {
    return typeof value === 'object' && value !== null && #name in value;
  }

  /** @internal */
  static read(group: FilterGroup): { readonly name: GroupName; readonly filters: readonly unknown[] } {
    return { name: group.#name, filters: group.#filters };
  }
}
