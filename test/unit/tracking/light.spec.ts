import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StateTracker } from '../../../lib/tracking/state-tracker.js';
import { SEED, check } from '../../support/property.js';

type Plain = Record<string, unknown>;

const inherited: string[] = [];

class Guarded {
  declare a: unknown;
  b = 1;

  get odd(): unknown {
    return 'odd';
  }
  set odd(value: unknown) {
    inherited.push(`odd = ${String(value)}`);
  }
}

/** Records of each sort that an application may have; `b` of the names is also a value. */
const RECORDS: Record<string, () => Plain> = {
  plain: () => ({ a: 1, b: 'x', c: null, d: true, e: 2, f: 3, g: 4, h: 5, i: 6, j: 7, deep: { n: 1 }, list: [1] }),
  'without a prototype': () => Object.assign(Object.create(null) as Plain, { a: 1, b: 'b', c: 0 }),
  'of a class': () => Object.assign(new Guarded() as object as Plain, { a: 1 }),
  'with an own property that hides an accessor': () => {
    const record = new Guarded() as object as Plain;
    Object.defineProperty(record, 'odd', { value: 1, writable: true, enumerable: true, configurable: true });
    return record;
  },
  frozen: () => Object.freeze({ a: 1, b: 2 }),
  'with a field that cannot be written': () =>
    Object.defineProperty({ a: 1, c: 2 }, 'b', { value: 1, writable: false, enumerable: true }),
  'with an own __proto__': () => JSON.parse('{"a":1,"__proto__":5}') as Plain,
};

const OPERATIONS: Record<
  string,
  (tracker: StateTracker<Plain>, record: Plain, key: string, value: unknown) => unknown
> = {
  get: (tracker, _record, key) => tracker.get(key),
  set: (tracker, _record, key, value) => tracker.set(key, value),
  'set behind': (_tracker, record, key, value) => Reflect.set(record, key, value),
  'delete behind': (_tracker, record, key) => Reflect.deleteProperty(record, key),
  'freeze behind': (_tracker, record) => Object.isFrozen(Object.freeze(record)),
  told: (tracker, _record, key, value) => tracker.trackChange(key, value),
  modified: (tracker) => tracker.isModified(),
  changed: (tracker, _record, key) => tracker.hasChanged(key),
  compare: (tracker, _record, key, value) => tracker.compareField(key, value),
  fields: (tracker) => tracker.changedFields(),
  changes: (tracker) => tracker.getChanges(),
  set_: (tracker) => tracker.changeSet(),
  original: (tracker, _record, key) => tracker.getOriginalValue(key),
  all: (tracker) => tracker.getAllOriginalData(),
  'roll back': (tracker) => tracker.rollback(),
  'roll back one': (tracker, _record, key) => tracker.rollback(key),
  reset: (tracker) => tracker.reset(),
};

function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return String(error);
  }
}

/** One that has gone into everything at its beginning. */
function heavy(record: Plain): StateTracker<Plain> {
  const tracker = new StateTracker(record);
  expect(tracker.state.isModified()).toBe(false);
  return tracker;
}

describe(`a tracker that keeps a few names and values (seed ${SEED})`, () => {
  it.each(Object.entries(RECORDS))('does what the full one does, on a record %s', (_what, make) => {
    const step = fc.tuple(
      fc.constantFrom('set', 'set', 'set', ...Object.keys(OPERATIONS)),
      fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'deep', 'list', 'odd', 'none', '__proto__'),
      fc.constantFrom<unknown>(1, 'b', 'new', null, undefined, false, 0, -0, NaN, 7n, [2], { n: 2 }),
    );
    check(
      fc.property(fc.array(step, { maxLength: 16 }), (steps) => {
        const [one, other] = [make(), make()];
        const [light, full] = [new StateTracker(one), heavy(other)];
        for (const [name, key, value] of steps) {
          inherited.length = 0;
          const got = [outcome(() => OPERATIONS[name]!(light, one, key, structuredClone(value))), [...inherited]];
          inherited.length = 0;
          const wanted = [outcome(() => OPERATIONS[name]!(full, other, key, structuredClone(value))), [...inherited]];
          expect([name, key, got]).toEqual([name, key, wanted]);
          expect(Object.getOwnPropertyDescriptors(one)).toEqual(Object.getOwnPropertyDescriptors(other));
        }
        expect([light.isModified(), light.changedFields()]).toEqual([full.isModified(), full.changedFields()]);
      }),
      250,
    );
  });

  it('keeps more than a few as well', () => {
    const record = RECORDS.plain!();
    const tracker = new StateTracker(record);
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    names.forEach((name) => tracker.set(name, name));
    names.forEach((name) => tracker.set(name, `${name} again`));
    expect(tracker.changedFields()).toEqual(names);
    tracker.rollback();
    expect(record).toEqual(RECORDS.plain!());
    expect(tracker.isModified()).toBe(false);
  });

  it('cannot roll back what was frozen since, and says so', () => {
    const record: Plain = { a: 1, b: 2 };
    const tracker = new StateTracker(record);
    tracker.set('a', 3);
    Object.freeze(record);
    expect(() => tracker.rollback()).toThrow("Cannot write 'a': the object is frozen");
    expect(tracker.getChanges()).toEqual({ a: 3 });
  });

  it('keeps a name that is as well the original of another', () => {
    const record: Plain = { a: 1, b: 2, c: 'd', d: 4 };
    const tracker = new StateTracker(record);
    for (const name of ['a', 'b', 'c', 'd']) tracker.set(name, 0);
    tracker.rollback();
    expect(record).toEqual({ a: 1, b: 2, c: 'd', d: 4 });
  });

  it('takes functions and what is absent as the full one does', () => {
    const record: Plain = { a: 1, run: () => 1 };
    const tracker = new StateTracker(record);
    expect((tracker.get('run') as () => number)()).toBe(1);
    tracker.set('a', undefined);
    expect(tracker.getChanges()).toEqual({ a: undefined });
    expect(new StateTracker(record).get('none')).toBeUndefined();
  });

  it('keeps the first original, however often a field is set', () => {
    const record: Plain = { a: 1, b: 2, c: 3, d: 4 };
    const tracker = new StateTracker(record);
    const names = Object.keys(record);
    for (const value of [5, 6]) for (const name of names) tracker.set(name, value);
    expect(tracker.getChanges()).toEqual({ a: 6, b: 6, c: 6, d: 6 });
    tracker.set('b', 2);
    expect(tracker.changedFields()).toEqual(['a', 'c', 'd']);
    tracker.rollback();
    expect(record).toEqual({ a: 1, b: 2, c: 3, d: 4 });
  });

  it('sees that a field it has set was deleted behind its back', () => {
    const record: Plain = { a: 1 };
    const tracker = new StateTracker(record);
    tracker.set('a', 1);
    expect(tracker.isModified()).toBe(false);
    delete record.a;
    expect(tracker.getChanges()).toEqual({ a: undefined });
    tracker.rollback();
    expect(record).toEqual({ a: 1 });
  });

  it('restores a field that hid an accessor of the class, and does not call that', () => {
    const record = RECORDS['with an own property that hides an accessor']!();
    const tracker = new StateTracker(record);
    tracker.set('odd', 2);
    delete record.odd;
    inherited.length = 0;
    tracker.rollback();
    expect(Object.getOwnPropertyDescriptor(record, 'odd')?.value).toBe(1);
    expect(inherited).toEqual([]);
  });
});
