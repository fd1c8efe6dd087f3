import { flatRecord, nestedRecord } from '../../data/wide.mjs';

/** Shapes of the records: ten fields, fifty texts, … */
export const SHAPES = [
  { name: '10', title: '10 fields', fields: 10, make: () => flatRecord(10) },
  { name: '50', title: '50 flat strings', fields: 50, make: () => flatRecord(50) },
  { name: '100', title: '100 fields', fields: 100, make: () => flatRecord(100) },
  { name: '200', title: '200 fields, most nested', fields: 200, make: () => nestedRecord(200) },
  { name: '1000', title: '1,000 fields', fields: 1_000, make: () => flatRecord(1_000) },
];

/** How many fields are changed. */
export const CHANGES = 5;

/** Names of the fields that are changed. */
export const changedNames = Array.from({ length: CHANGES }, (_, at) => `field${1 + at * 2}`);

/**
 * What each does to know what changed. `track` begins with a record, `set` changes a field, `isModified` and `diff` tell,
 * `rollback` restores.
 */
export const TRACKERS = {
  async cow() {
    const { StateTracker } = await import('nestjs-cow/tracking');
    return {
      track: (record) => new StateTracker(record),
      set: (tracker, field, value) => tracker.set(field, value),
      isModified: (tracker) => tracker.isModified(),
      diff: (tracker) => Object.keys(tracker.getChanges()).length,
      rollback: (tracker) => tracker.rollback(),
    };
  },
  'structured-clone': () => copying((record) => structuredClone(record)),
  'recursive-copy': () => copying(copy),
  async immer() {
    const { createDraft, enablePatches, finishDraft, setAutoFreeze } = await import('immer');
    enablePatches();
    setAutoFreeze(false);
    return drafting({
      draft: (base) => createDraft(base),
      finish: (draft) => finishDraft(draft),
      patches(draft) {
        let found = [];
        finishDraft(draft, (patches) => (found = patches));
        return found;
      },
    });
  },
  async mutative() {
    const { create } = await import('mutative');
    return drafting({
      draft: (base) => create(base, { enablePatches: true }),
      finish: ([, finalize]) => finalize()[0],
      patches: ([, finalize]) => finalize()[1],
      of: ([draft]) => draft,
    });
  },
};

/** A copy at the beginning, compared with at the end. */
function copying(copy) {
  return {
    track: (record) => ({ record, original: copy(record) }),
    set(tracker, field, value) {
      tracker.record[field] = value;
    },
    isModified({ record, original }) {
      for (const field in record) if (!same(record[field], original[field])) return true;
      return false;
    },
    diff({ record, original }) {
      let count = 0;
      for (const field in record) if (!same(record[field], original[field])) count++;
      return count;
    },
    rollback: ({ record, original }) => Object.assign(record, copy(original)),
  };
}

/** Drafts of an immutable base: where nothing changed, the base is answered. */
function drafting({ draft, finish, patches, of = (made) => made }) {
  return {
    track: (record) => ({ base: record, made: draft(record) }),
    set({ made }, field, value) {
      of(made)[field] = value;
    },
    isModified: ({ base, made }) => finish(made) !== base,
    diff: ({ made }) => patches(made).length,
    rollback(tracker) {
      tracker.made = draft(tracker.base);
    },
  };
}

function copy(value) {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  const made = {};
  for (const key in value) made[key] = copy(value[key]);
  return made;
}

function same(a, b) {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}
