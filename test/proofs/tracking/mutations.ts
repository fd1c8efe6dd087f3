import fc from 'fast-check';
import { Decimal128, ObjectId } from 'mongodb';
import { freeValue } from './documents.js';
import { Card, Line, Place, Point, Transfer, type SubjectFields } from './subject.js';

/** One mutation, as data: which container, what to do, and with what. Interpreted modulo what there is. */
export interface Mutation {
  readonly where: number;
  readonly how: number;
  readonly at: number;
  readonly value: number;
  readonly free: unknown;
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  where: fc.nat(1000),
  how: fc.nat(1000),
  at: fc.nat(5),
  value: fc.nat(20),
  free: freeValue,
});

const TEXTS = ['', 'a', 'A', 'x', '$a', 'a.b', 'new', 'another text', '日本', 'p', 'q', 'r', 's', 't'];
const text = (m: Mutation) => TEXTS[m.value % TEXTS.length]!;
const number = (m: Mutation) => [m.value, -m.value, m.value / 4, 0, -0][m.at % 5]!;

const point = (m: Mutation): Point => {
  const made = m.at % 2 === 0 ? new Point() : ({ extra: 'not stored' } as unknown as Point);
  made.x = number(m);
  if (m.value % 3 === 0) made.label = text(m);
  return made;
};

const line = (m: Mutation): Line => Object.assign(m.at % 2 === 0 ? new Line() : {}, { sku: text(m), qty: m.value });

const place = (m: Mutation): Place =>
  Object.assign(new Place(), { city: text(m), ...(m.value % 2 === 0 ? { at: point(m), lines: [text(m)] } : {}) });

/** An instance of either class of the union, or a plain object that says which it is. */
const payment = (m: Mutation): Card | Transfer => {
  if (m.at % 3 === 0) return Object.assign(new Card(), { number: text(m), at: point(m) });
  if (m.at % 3 === 1) return Object.assign(new Transfer(), { iban: text(m) });
  return { kind: m.value % 2 === 0 ? 'card' : 'transfer', number: text(m) };
};

type Change = (m: Mutation, entity: SubjectFields) => void;

/** Changes whole fields. */
const ASSIGNMENTS: Change[] = [
  (m, e) => (e.text = text(m)),
  (m, e) => (e.num = number(m)),
  (m, e) => (e.flag = m.value % 2 === 0),
  (m, e) => (e.when = new Date(m.value * 1000)),
  (m, e) => (e.big = BigInt(m.value) * 2n ** 58n),
  (m, e) => (e.dec = Decimal128.fromString(`${m.value}.50`)),
  (m, e) => (e.ref = new ObjectId(String(m.value).padStart(24, '0'))),
  (m, e) => (e.bytes = Buffer.alloc(m.value, m.at)),
  (m, e) => (e.maybe = m.value % 2 === 0 ? null : text(m)),
  (m, e) => (e.place = place(m)),
  (m, e) => (e.payment = payment(m)),
  (m, e) => e.place && (e.place = { ...e.place, city: text(m) }), // by a plain object
  (m, e) => (e.lines = [line(m)]),
  (m, e) => (e.points = [point(m), point({ ...m, at: m.at + 1 })]),
  (m, e) => (e.tags = [text(m), 'a']),
  (m, e) => (e.grid = [[number(m)], []]),
  (m, e) => (e.stock = new Map([[text(m), number(m)]])),
  (m, e) => (e.spots = new Map([[text(m), point(m)]])),
  (m, e) => (e.roles = new Set([text(m), 'a'])),
  (m, e) => (e.free = m.free),
  (m, e) => (e.views = (typeof e.views === 'number' ? e.views : 0) + m.value),
  (m, e) => (e.labels = [...(e.labels ?? []), text(m)]),
  (m, e) => (e.labels = (e.labels ?? []).slice(1)),
  (m, e) => (e.status = text(m)),
  (m, e) =>
    Reflect.deleteProperty(e, Object.keys(e).filter((name) => name !== 'id' && name !== 'version')[m.value] ?? 'text'),
  (m, e) =>
    ((e as unknown as Record<string, unknown>)[['text', 'num', 'place', 'tags', 'free'][m.at % 5]!] = undefined),
  (_, e) => e.place && e.points?.push(e.place.at!), // the same object in two places
  (_, e) => e.points?.[0] && e.place && (e.place.at = e.points[0]),
  (_, e) => e.lines && (e.lines = [...e.lines].reverse()),
];

/** What an element or entry of a container is. */
type Kind = 'free' | 'text' | 'number' | 'point' | 'line' | 'numbers' | 'fields';

/** What the containers below a field hold. */
const KINDS: Record<string, Kind> = {
  free: 'free',
  lines: 'line',
  points: 'point',
  nums: 'number',
  grid: 'numbers',
  stock: 'number',
  spots: 'point',
};

/** Everything mutable that can be reached from the entity, with what it holds. */
function containersOf(entity: SubjectFields): { container: object; holds: Kind }[] {
  const found = new Map<object, Kind>();
  const visit = (value: unknown, holds: Kind): void => {
    if (typeof value !== 'object' || value === null || found.has(value)) return;
    if ('_bsontype' in value || value instanceof RegExp) return;
    found.set(value, holds);
    if (ArrayBuffer.isView(value)) return;
    const inner = holds === 'free' ? 'free' : holds === 'numbers' ? 'number' : 'text';
    for (const part of value instanceof Map ? value.values() : Array.isArray(value) ? value : Object.values(value)) {
      visit(part, inner);
    }
  };
  for (const [name, part] of Object.entries(entity)) visit(part, KINDS[name] ?? 'text');
  return [...found].map(([container, holds]) => ({ container, holds }));
}

function fresh(m: Mutation, holds: Kind): unknown {
  switch (holds) {
    case 'free':
      return m.free;
    case 'number':
      return m.value;
    case 'numbers':
      return [m.value];
    case 'point':
      return point(m);
    case 'line':
      return line(m);
    default:
      return text(m);
  }
}

/** Changes something in place, by the kind of the container. */
function mutateContainer(m: Mutation, container: object, holds: Kind): void {
  if (container instanceof Date) container.setTime(m.value * 1000);
  else if (Buffer.isBuffer(container)) container.fill(m.value, m.at);
  else if (container instanceof Map) mutateMap(m, container as Map<string, unknown>, holds);
  else if (container instanceof Set) mutateSet(m, container as Set<unknown>);
  else if (Array.isArray(container)) mutateArray(m, container, holds);
  else mutateObject(m, container as Record<string, unknown>, holds === 'free');
}

function mutateSet(m: Mutation, set: Set<unknown>): void {
  if (m.how % 3 === 0) set.delete([...set][0]);
  else set.add(text(m));
}

function mutateMap(m: Mutation, map: Map<string, unknown>, holds: Kind): void {
  const name = [...map.keys()][m.at] ?? text(m);
  if (m.how % 4 === 0) map.delete(name);
  else map.set(m.how % 2 === 0 ? name : text(m), fresh(m, holds));
}

function mutateArray(m: Mutation, array: unknown[], holds: Kind): void {
  switch (m.how % 12) {
    case 0:
    case 1:
    case 2:
      array.push(fresh(m, holds));
      return;
    case 3:
      array.pop();
      return;
    case 4:
      array.shift();
      return;
    case 5:
      array.unshift(fresh(m, holds));
      return;
    case 6:
      array.splice(m.at, 1);
      return;
    case 7:
      array.splice(m.at, 0, fresh(m, holds));
      return;
    case 8:
      array.reverse();
      return;
    case 9:
      array.length = Math.min(array.length, m.at);
      return;
    case 10:
      if (m.at < array.length) array[m.at] = fresh(m, holds);
      return;
    default:
      if (holds === 'free' && m.at < array.length)
        Reflect.deleteProperty(array, m.at); // a hole is stored as null
      else array.sort();
  }
}

function mutateObject(m: Mutation, object: Record<string, unknown>, isFree: boolean): void {
  if (isFree) {
    const name = Object.keys(object)[m.at] ?? ['a', 'b', 'x.y', '$z', '', '7'][m.at % 6]!;
    if (m.how % 4 === 0) Reflect.deleteProperty(object, name);
    else Object.defineProperty(object, name, { value: m.free, writable: true, enumerable: true, configurable: true });
    return;
  }
  if (object instanceof Place || 'city' in object) {
    if (m.how % 3 === 0) object.city = text(m);
    else if (m.how % 3 === 1) object.street = m.value % 2 === 0 ? undefined : text(m);
    else delete object.at;
  } else if (object instanceof Card || object instanceof Transfer) {
    if (m.how % 3 === 0) delete object.number;
    else object.number = text(m);
  } else if ('sku' in object) {
    if (m.how % 3 === 0) object.qty = m.value;
    else if (m.how % 3 === 1) object.note = text(m);
    else object.at = point(m);
  } else if (m.how % 2 === 0) {
    object.x = number(m);
  } else {
    object.label = m.value % 2 === 0 ? undefined : text(m);
  }
}

/** Applies a mutation; what the sample of containers does not offer is skipped. */
export function apply(m: Mutation, entity: SubjectFields): void {
  if (m.how % 5 < 2) {
    ASSIGNMENTS[m.where % ASSIGNMENTS.length]!(m, entity);
    return;
  }
  const all = containersOf(entity);
  const chosen = all[m.where % all.length];
  if (chosen !== undefined) mutateContainer(m, chosen.container, chosen.holds);
}
