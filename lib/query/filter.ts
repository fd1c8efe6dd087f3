import { setOwn } from '../bson/codecs/any.js';
import { storedPath, type EntityMap } from '../mapping/index.js';
import { compileOperator, equality, type ElementFilter } from './compile-operator.js';
import type { Condition } from './condition.js';
import { FilterGroup } from './filter-group.js';
import { refuseUndefined } from './literal.js';
import { isPlainOperand, type Spot } from './operand.js';
import { Operator } from './operator.js';
import type { Path, PathValue } from './paths.js';
import { isPlainObject } from './plain-object.js';
import { refuse } from './refuse.js';
import { Scope } from './scope.js';

/**
 * Which documents are meant: conditions by path, all of which must hold, or filters joined by `op.and`, `op.or` and
 * `op.nor`.
 *
 * A plain value compares by equality only, whatever is in it; of an array field it may be an element or the whole
 * array. `null` matches null and missing fields. `undefined` is an error, since it would match everything.
 *
 * @example { status: 'open', 'items.sku': op.in(skus), customer: id }
 */
export type Filter<T> = { readonly [P in Path<T>]?: Condition<PathValue<T, P>> } | FilterGroup<T>;

type Compiled = Record<string, unknown>;

/**
 * MongoDB's filter, by stored names and stored types. Of a class below a discriminator it matches that class only.
 *
 * @throws InvalidQuery for unknown fields, undefined, and everything that tries to be an operator without `op`
 * @throws InvalidValue for a value of another type than the field
 */
export function compileFilter(map: EntityMap, filter: unknown): Compiled {
  const compiled = compileIn(Scope.of(map), filter);
  const own = ownValues(map);
  if (map.discriminator === undefined || own === undefined) return compiled;
  const restriction = own.length === 1 ? own[0] : { $in: own };
  const out = { ...compiled };
  addCondition(out, map.discriminator.stored, restriction);
  return out;
}

/** The root properties that a filter looks at. */
export function rootFieldsOf(map: EntityMap, filter: unknown): ReadonlySet<string> {
  if (FilterGroup.is(filter)) {
    return new Set(FilterGroup.read(filter).filters.flatMap((part) => [...rootFieldsOf(map, part)]));
  }
  return new Set(Object.keys(filter as object).map((path) => storedPath(map, path).root.property));
}

/** Discriminator values of the class and those below it; undefined where every document of the collection counts. */
function ownValues(map: EntityMap): string[] | undefined {
  if (map.discriminator === undefined || map === map.root) return undefined;
  return [...map.discriminator.variants]
    .filter(([, { target }]) => target === map.target || target.prototype instanceof map.target)
    .map(([value]) => value);
}

function compileIn(scope: Scope, filter: unknown): Compiled {
  const place = { entity: scope.map.name };
  if (FilterGroup.is(filter)) {
    const { name, filters } = FilterGroup.read(filter);
    if (filters.length === 0) {
      refuse(place, `op.${name}() was given no filter`, 'Give at least one; an empty list has no one meaning.');
    }
    return { [`$${name}`]: filters.map((part) => compileIn(scope, part)) };
  }
  if (!isPlainObject(filter)) {
    refuse(
      place,
      'the filter is no plain object',
      'Give { field: value }, or what op.and(), op.or() or op.nor() made.',
    );
  }
  const out: Compiled = {};
  for (const [key, value] of Object.entries(filter)) {
    const spot = scope.resolve(key);
    addCondition(out, spot.stored, compileCondition(spot, value, scope));
  }
  return out;
}

function compileCondition(spot: Spot, value: unknown, scope: Scope): unknown {
  if (value === undefined) refuseUndefined(spot);
  const elements: ElementFilter = (at, filter) => compileIn(scope.within(at), filter);
  if (Operator.is(value)) return compileOperator(spot, value, elements);
  const operators = equality(spot, value);
  return Object.keys(operators).length === 1 && isPlainOperand(operators.$eq) ? operators.$eq : operators;
}

/** Two conditions on one path must both hold; the later key of an object literal would replace the earlier. */
function addCondition(out: Compiled, path: string, condition: unknown): void {
  if (!Object.hasOwn(out, path)) return setOwn(out, path, condition);
  const others = (out.$and ?? []) as unknown[];
  out.$and = [...others, { [path]: condition }];
}
