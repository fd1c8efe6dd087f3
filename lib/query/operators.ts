import type { Filter } from './filter.js';
import { FilterGroup } from './filter-group.js';
import { Operator } from './operator.js';
import type { OperatorOn } from './condition.js';

/** Options of the operators on text. */
export interface TextOptions {
  /** Treat upper and lower case alike. Such a search can use no index as it should. Default: false. */
  ignoreCase?: boolean;
}

/**
 * The operators of filters.
 *
 * A plain value in a filter compares by equality; everything else is said by one of these. What they are given is
 * only ever compared with: a request body never becomes an operator.
 *
 * @example
 * orders.find({ status: op.in(['open', 'paid']), total: op.gte(100), 'customer.name': op.startsWith(dto.name) });
 * orders.find(op.or({ status: 'open' }, { total: op.allOf(op.gte(100), op.lt(200)) }));
 */
export const op = Object.freeze({
  /** Equal to the value: the same as the value alone. A whole embedded object is equal if its fields' order is too. */
  eq<V>(value: V): Operator<V> {
    return new Operator('eq', value);
  },
  /** Not equal to the value; also matches where the field is missing. */
  ne<V>(value: V): Operator<V> {
    return new Operator('ne', value);
  },
  /** Greater than the value. */
  gt<V>(value: V): Operator<V> {
    return new Operator('gt', value);
  },
  /** Greater than or equal to the value. */
  gte<V>(value: V): Operator<V> {
    return new Operator('gte', value);
  },
  /** Less than the value. */
  lt<V>(value: V): Operator<V> {
    return new Operator('lt', value);
  },
  /** Less than or equal to the value. */
  lte<V>(value: V): Operator<V> {
    return new Operator('lte', value);
  },
  /** Equal to one of the values; of an empty list nothing is. */
  in<V>(values: readonly V[]): Operator<V> {
    return new Operator('in', values);
  },
  /** Equal to none of the values; also matches where the field is missing. */
  nin<V>(values: readonly V[]): Operator<V> {
    return new Operator('nin', values);
  },
  /** The field is there (null counts), or is not with `op.exists(false)`. */
  exists(exists = true): Operator<never> {
    return new Operator('exists', exists);
  },
  /** The text contains this text. Nothing in it is a pattern. */
  contains(text: string, options: TextOptions = {}): Operator<string> {
    return new Operator('contains', text, options);
  },
  /** The text starts with this text; can use an index, unless case is ignored. Nothing in it is a pattern. */
  startsWith(text: string, options: TextOptions = {}): Operator<string> {
    return new Operator('startsWith', text, options);
  },
  /** The text ends with this text. Nothing in it is a pattern. */
  endsWith(text: string, options: TextOptions = {}): Operator<string> {
    return new Operator('endsWith', text, options);
  },
  /**
   * The text matches the pattern, with its flags `i`, `m` and `s`. The server reads it as PCRE, which differs from
   * JavaScript in details (`\u0041` is `\x{41}`). Never build it from user input: some patterns take for ever.
   */
  matches(pattern: RegExp): Operator<string> {
    return new Operator('matches', pattern);
  },
  /** The array contains all of the values, in any order. */
  all<V>(values: readonly V[]): Operator<readonly V[]> {
    return new Operator('all', values);
  },
  /** The array has this many elements. */
  size(length: number): Operator<readonly never[]> {
    return new Operator('size', length);
  },
  /**
   * One element of the array meets the whole condition: a filter where the elements are objects, an operator where
   * they are values. (Without it, `{ 'items.sku': 'a', 'items.qty': 2 }` may be met by two different items.)
   */
  elemMatch<E>(condition: NoInfer<Filter<E> | OperatorOn<E>>): Operator<readonly never[], E> {
    return new Operator('elemMatch', condition);
  },
  /** The operator (or equality with the value) does not hold; also matches where the field is missing. */
  not,
  /** Divided by the divisor, the number leaves the remainder. */
  mod<V extends number | bigint = number>(divisor: V, remainder: V): Operator<V> {
    return new Operator('mod', divisor, remainder);
  },
  /** All of the operators hold, of one field: `op.allOf(op.gte(1), op.lt(5))`. */
  allOf<V, E>(...operators: readonly Operator<V, E>[]): Operator<V, E> {
    return new Operator('allOf', ...operators);
  },
  /** All of the filters hold. */
  and<T>(...filters: readonly NoInfer<Filter<T>>[]): FilterGroup<T> {
    return new FilterGroup('and', filters);
  },
  /** At least one of the filters holds. */
  or<T>(...filters: readonly NoInfer<Filter<T>>[]): FilterGroup<T> {
    return new FilterGroup('or', filters);
  },
  /** None of the filters holds. */
  nor<T>(...filters: readonly NoInfer<Filter<T>>[]): FilterGroup<T> {
    return new FilterGroup('nor', filters);
  },
  /**
   * The way out: MongoDB's own operators on one field, sent as they are, with stored names and stored types.
   * `$where`, `$expr`, `$function` and `$accumulator` are refused. Never give it what a client sent.
   *
   * @example { place: op.raw({ $geoWithin: { $centerSphere: [[13.4, 52.5], 0.01] } }) }
   */
  raw(operators: Readonly<Record<`$${string}`, unknown>>): Operator<never> {
    return new Operator('raw', operators);
  },
});

function not<V, E>(operator: Operator<V, E>): Operator<V, E>;
function not<V>(value: V): Operator<V>;
function not(condition: unknown): Operator<never> {
  return new Operator('not', condition);
}
