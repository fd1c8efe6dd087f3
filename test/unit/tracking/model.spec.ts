import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StateTracker } from '../../../lib/tracking/index.js';
import { SEED, check } from '../../support/property.js';

/** The tracker as one would write it without a thought for cost: two deep copies, compared as text. */
class Model {
  present: Fields;
  original: Fields;

  constructor(record: Fields) {
    this.present = clone(record);
    this.original = clone(record);
  }

  changed(): string[] {
    const fields = new Set([...Object.keys(this.present), ...Object.keys(this.original)]);
    return [...fields].filter((field) => text(this.present[field]) !== text(this.original[field])).sort();
  }

  rollback(field?: string): void {
    if (field === undefined) {
      this.present = clone(this.original);
    } else if (field in this.original) {
      this.present[field] = clone(this.original[field]);
    } else {
      delete this.present[field];
    }
  }

  reset(): void {
    this.original = clone(this.present);
  }
}

type Fields = Record<string, any>;

const tagOf = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1);

function clone<T>(value: T, seen = new Map<unknown, unknown>()): T {
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value) as T;
  const keep = <C>(copy: C): C => (seen.set(value, copy), copy);
  switch (tagOf(value)) {
    case 'Array': {
      const array = keep([] as unknown[]);
      array.length = (value as unknown as unknown[]).length;
      for (const key of Object.keys(value)) array[Number(key)] = clone((value as Fields)[key], seen);
      return array as T;
    }
    case 'Map': {
      const map = keep(new Map());
      for (const [key, part] of value as unknown as Map<unknown, unknown>) map.set(key, clone(part, seen));
      return map as T;
    }
    case 'Set': {
      const set = keep(new Set());
      for (const part of value as unknown as Set<unknown>) set.add(clone(part, seen));
      return set as T;
    }
    case 'Date':
      return keep(new Date(Number(value))) as T;
    case 'Uint8Array':
      return keep(Buffer.from(value as unknown as Buffer)) as T;
    default: {
      const object: Fields = keep({});
      for (const [key, part] of Object.entries(value as Fields)) object[key] = clone(part as unknown, seen);
      return object as T;
    }
  }
}

/** One text for equal values: keys sorted, undefined left out, members of a Set in any order. */
function text(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  switch (tagOf(value)) {
    case 'Array':
      return `[${Array.from(value as unknown[], text).join()}]`;
    case 'Map':
      return `Map(${[...(value as Map<unknown, unknown>)]
        .map(([k, v]) => `${text(k)}:${text(v)}`)
        .sort()
        .join()})`;
    case 'Set':
      return `Set(${Array.from(value as Set<unknown>, text)
        .sort()
        .join()})`;
    case 'Date':
      return `Date(${Number(value)})`;
    case 'Uint8Array':
      return `Bytes(${(value as Buffer).toString('hex')})`;
    default:
      return `{${Object.entries(value)
        .filter(([, part]) => part !== undefined)
        .map(([key, part]) => `${key}:${text(part)}`)
        .sort()
        .join()}}`;
  }
}

const FIELDS = ['name', 'size', 'at', 'bytes', 'list', 'tags', 'map', 'set', 'object', 'absent'];

const record = (): Fields => ({
  name: 'Ada',
  size: 0,
  at: new Date(1000),
  bytes: Buffer.from([1, 2, 3]),
  list: [{ sku: 'a', inner: { n: 1 } }, { sku: 'b' }, [1, 2], 'text', null],
  tags: ['x', 'y'],
  map: new Map<string, unknown>([
    ['a', 1],
    ['b', { deep: new Date(5) }],
  ]),
  set: new Set<unknown>(['red', { in: 'set' }]),
  object: { a: { b: { c: 1 } }, list: [1, { d: 2 }], when: new Date(7) },
});

const SCALARS = ['x', 'Ada', '', 0, -0, Number.NaN, 1, true, null, undefined, 5n];
const CONTAINERS: (() => unknown)[] = [
  () => ({}),
  () => ({ a: { b: { c: 1 } } }),
  () => [],
  () => ['x', 'y'],
  () => [{ sku: 'a' }],
  () => new Map([['a', 1]]),
  () => new Set(['red']),
  () => new Date(1000),
  () => Buffer.from([1, 2, 3]),
];
const valueOf = (n: number): unknown =>
  n % 2 === 0 ? SCALARS[(n / 2) % SCALARS.length] : CONTAINERS[((n - 1) / 2) % CONTAINERS.length]!();

/** Changes a container in place, or one in it; by the numbers, so that equal containers are changed alike. */
function mutate(value: unknown, [step = 0, action = 0, where = 0, what = 0, ...rest]: readonly number[]): void {
  if (typeof value !== 'object' || value === null) return;
  const parts = partsOf(value);
  if (step % 2 === 1 && parts.length > 0) return mutate(parts[where % parts.length], [action, where, what, ...rest]);
  const put = valueOf(what);
  const at = <T>(list: readonly T[]): T => list[where % Math.max(1, list.length)] as T;
  switch (tagOf(value)) {
    case 'Array': {
      const array = value as unknown[];
      const actions = [
        () => array.push(put),
        () => array.pop(),
        () => array.shift(),
        () => array.unshift(put),
        () => array.reverse(),
        () => array.sort((a, b) => (text(a) < text(b) ? 1 : -1)),
        () => array.splice(where % 4, 1),
        () => array.splice(where % 4, 0, put),
        () => (array.length = where % 3),
        () => (array[where % 7] = put),
        () => Reflect.deleteProperty(array, where % 4),
        () => array.push(array[where % 4]),
        () => array.fill(put, 1, 2),
        () => array.copyWithin(0, 1),
      ];
      actions[action % actions.length]!();
      return;
    }
    case 'Map': {
      const map = value as Map<string, unknown>;
      if (action % 3 === 0) map.clear();
      else if (action % 3 === 1) map.delete(at(['a', 'b', 'c']));
      else map.set(at(['a', 'b', 'c']), put);
      return;
    }
    case 'Set': {
      const set = value as Set<unknown>;
      if (action % 3 === 0) set.clear();
      else if (action % 3 === 1) set.delete('red');
      else set.add(put);
      return;
    }
    case 'Date':
      (value as Date).setTime(where % 3 === 0 ? Number.NaN : where * 1000);
      return;
    case 'Uint8Array':
      (value as Buffer).fill(where, 0, action % 4);
      return;
    default: {
      const object = value as Fields;
      const keys = Object.keys(object).sort();
      if (action % 4 === 0 || keys.length === 0) object[at(['a', 'new', 'list'])] = put;
      else if (action % 4 === 1) delete object[at(keys)];
      else if (action % 4 === 2) object.alias = object[at(keys)];
      else object[at(keys)] = put;
    }
  }
}

function partsOf(value: object): unknown[] {
  switch (tagOf(value)) {
    case 'Array':
      return value as unknown[];
    case 'Map':
      return [...(value as Map<string, unknown>)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
    case 'Set':
      return [...(value as Set<unknown>)].sort((a, b) => (text(a) < text(b) ? -1 : 1));
    case 'Object':
      return Object.keys(value)
        .sort()
        .map((key) => (value as Fields)[key] as unknown);
    default:
      return [];
  }
}

/** Every container with its path. */
function containersOf(value: unknown, path = ''): [string, object][] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = partsOf(value).flatMap((part, index) => containersOf(part, `${path}/${index}`));
  return [[path, value], ...inner];
}

class Pair {
  readonly record = record();
  readonly tracker = new StateTracker<Fields>(this.record);
  readonly model = new Model(this.record);
  /** What a rollback brings back; unknown once something was removed that the tracker never saw. */
  containers: [string, object][] | undefined = containersOf(this.record).slice(1);

  rollback(field?: string): void {
    this.tracker.rollback(field);
    this.model.rollback(field);
    if (field !== undefined || this.containers === undefined) return;
    const present = containersOf(this.record).slice(1);
    expect(present.map(([path]) => path).sort()).toEqual(this.containers.map(([path]) => path).sort());
    for (const [path, container] of this.containers) {
      expect([path, present.find(([other]) => other === path)![1] === container]).toEqual([path, true]);
    }
  }

  reset(): void {
    this.tracker.reset();
    this.model.reset();
    this.containers = containersOf(this.record).slice(1);
  }

  compare(): void {
    const { tracker, model } = this;
    const changed = model.changed();
    const changeSet = tracker.changeSet();
    expect({
      record: text(this.record),
      changedFields: [...tracker.changedFields()].sort(),
      isModified: tracker.isModified(),
      hasChanged: FIELDS.filter((name) => tracker.hasChanged(name)).sort(),
      changes: text(tracker.getChanges()),
      originals: text(tracker.getAllOriginalData()),
      each: FIELDS.map((name) => text(tracker.getOriginalValue(name))),
      changeSet: [...new Set(changeSet.map(({ path }) => path.split('.')[0]))].sort(),
      json: typeof JSON.stringify(changeSet),
    }).toEqual({
      record: text(model.present),
      changedFields: changed,
      isModified: changed.length > 0,
      hasChanged: changed,
      changes: text(Object.fromEntries(changed.map((name) => [name, model.present[name]]))),
      originals: text(model.original),
      each: FIELDS.map((name) => text(model.original[name])),
      changeSet: changed,
      json: 'string',
    });
  }
}

interface Command {
  readonly run: (pair: Pair) => void;
  /** For fast-check, which prints the sequence that failed. */
  toString(): string;
}

const field = fc.constantFrom(...FIELDS);
const number = fc.nat(99);
const numbers = fc.array(number, { minLength: 4, maxLength: 9 });
const command = (name: string, run: Command['run']): Command => ({ run, toString: () => name });

const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(field, numbers).map(([f, by]) =>
      command(`mutate ${f} by ${by.join()}`, ({ tracker, model }) => {
        mutate(tracker.get(f), by);
        mutate(model.present[f], by);
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(field, number).map(([f, n]) =>
      command(`set ${f} to ${text(valueOf(n))}`, ({ tracker, model }) => {
        tracker.set(f, valueOf(n));
        model.present[f] = valueOf(n);
      }),
    ),
  },
  field.map((f) =>
    command(`get ${f}`, ({ tracker, model }) => expect(text(tracker.get(f))).toBe(text(model.present[f]))),
  ),
  fc.tuple(field, field).map(([f, g]) =>
    command(`set ${f} to the original of ${g}`, ({ tracker, model }) => {
      tracker.set(f, tracker.getOriginalValue(g));
      model.present[f] = clone(model.original[g]);
    }),
  ),
  fc
    .tuple(field, numbers)
    .map(([f, by]) =>
      command(`spoil the copied original of ${f}`, ({ tracker }) => mutate(tracker.getOriginalValue(f), by)),
    ),
  fc.tuple(field, numbers).map(([f, by]) =>
    command(`change ${f} behind its back by ${by.join()}, and tell`, (pair) => {
      const before = clone(pair.record[f]);
      mutate(pair.record[f], by);
      mutate(pair.model.present[f], by);
      pair.tracker.trackChange(f, before);
      pair.containers = undefined;
    }),
  ),
  fc
    .tuple(field, number)
    .map(([f, n]) =>
      command(`compare ${f} with ${text(valueOf(n))}`, ({ tracker, model }) =>
        expect(tracker.compareField(f, valueOf(n))).toBe(text(valueOf(n)) !== text(model.original[f])),
      ),
    ),
  field.map((f) => command(`rollback ${f}`, (pair) => pair.rollback(f))),
  fc.constant(command('rollback', (pair) => pair.rollback())),
  fc.constant(command('reset', (pair) => pair.reset())),
);

describe(`a StateTracker on a plain record (seed ${SEED})`, () => {
  it('is what two deep copies would be, through any sequence of changes', () => {
    check(
      fc.property(fc.array(commands, { maxLength: 12 }), (sequence) => {
        const pair = new Pair();
        for (const { run } of sequence) {
          run(pair);
          pair.compare();
        }
        pair.rollback();
        pair.compare();
      }),
      300,
    );
  });
});
