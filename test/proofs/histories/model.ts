/** A document, as the model holds it. */
export interface Doc {
  text: string;
  num: number;
  code: string;
  place: { city: string; zip: string };
  views: number;
  best: number;
  labels: string[];
  tags: string[];
  lines: { sku: string; qty: number; note: string }[];
  /** Of those guarded by one. */
  version?: number;
}

/** The database: documents by name. */
export type State = Map<string, Doc>;

/** What a unit of work knows of a document: what was loaded, what it shows, which fields must not change. */
export interface Copy {
  base: Doc | undefined;
  now: Doc | undefined;
  readonly expected: Set<'text' | 'num'>;
}

export type Result = 'nothing' | 'success' | 'conflict' | 'duplicate';

/** What a flush does to one document: a compare-and-set register for each field and element. */
interface Step {
  readonly name: string;
  readonly isVersionRaised: boolean;
  holds(state: State): boolean;
  apply(state: State): void;
}

/** A unit of work of the model: the rules of change and guard, without a server. */
export class ModelUnit {
  readonly copies = new Map<string, Copy>();

  /** What it would send: one step for each document. */
  plan(): Step[] {
    const steps: Step[] = [];
    for (const [name, copy] of this.copies) {
      const step = stepOf(name, copy);
      if (step !== undefined) steps.push(step);
    }
    if (steps.length === 0) return steps;
    const written = new Set(steps.map(({ name }) => name));
    for (const [name, copy] of this.copies)
      if (!written.has(name) && copy.expected.size > 0) steps.push(lockOf(name, copy));
    return steps;
  }

  /** Compares every guard with the state, then applies everything, or nothing. */
  static commit(steps: readonly Step[], state: State): Result {
    if (steps.length === 0) return 'nothing';
    if (!steps.every((step) => step.holds(state))) return 'conflict';
    const next = ModelUnit.applied(steps, state);
    if (hasDuplicates(next)) return 'duplicate';
    state.clear();
    for (const [name, doc] of next) state.set(name, doc);
    return 'success';
  }

  /**
   * Is this what the flush may have answered? One that is refused for two reasons may name either: a document was
   * removed, and a unique value is taken. Nothing is written for both.
   */
  static explains(result: Result, expected: Result, steps: readonly Step[], before: State): boolean {
    if (result === expected) return true;
    if (result !== 'duplicate' || expected !== 'conflict') return false;
    return hasDuplicates(
      ModelUnit.applied(
        steps.filter((step) => step.holds(before)),
        before,
      ),
    );
  }

  private static applied(steps: readonly Step[], state: State): State {
    const next: State = new Map([...state].map(([name, doc]) => [name, structuredClone(doc)]));
    for (const step of steps) step.apply(next);
    return next;
  }

  /** What the unit of work knows afterwards: on success what it sent on top of what it had. */
  settle(steps: readonly Step[], result: Result): void {
    if (result === 'nothing') return;
    for (const { name, isVersionRaised } of steps) {
      const copy = this.copies.get(name)!;
      if (result !== 'success' || copy.now === undefined) {
        this.copies.delete(name); // stale, or gone: read again
        continue;
      }
      if (copy.now.version !== undefined && isVersionRaised) copy.now.version = (copy.base?.version ?? 0) + 1;
      copy.base = structuredClone(copy.now);
      copy.expected.clear();
    }
    if (result !== 'success') for (const copy of this.copies.values()) copy.expected.clear(); // rolled back
  }
}

/** Do two documents of one class have one code? */
function hasDuplicates(state: State): boolean {
  const codes = [...state.values()].map(({ code, version }) => `${version === undefined ? 'f' : 'v'} ${code}`);
  return new Set(codes).size < codes.length;
}

function stepOf(name: string, { base, now, expected }: Copy): Step | undefined {
  if (base === undefined) {
    return (
      now && {
        name,
        isVersionRaised: false,
        holds: () => true,
        apply: (state) => void state.set(name, structuredClone(now)),
      }
    );
  }
  const hasExpected = (doc: Doc) => [...expected].every((field) => doc[field] === base[field]);
  const hasVersion = (doc: Doc) => doc.version === base.version;
  if (now === undefined) {
    return {
      name,
      isVersionRaised: false,
      holds: (state) => onDoc(state, name, (doc) => hasVersion(doc) && hasExpected(doc)),
      apply: (state) => void state.delete(name),
    };
  }
  const { guards, changes, commutes } = compare(base, now);
  if (changes.length === 0) return undefined;
  const isVersionRaised = base.version !== undefined && !commutes;
  return {
    name,
    isVersionRaised,
    holds: (state) =>
      onDoc(state, name, (doc) => {
        if (!hasExpected(doc)) return false;
        if (base.version === undefined) return guards.every((guard) => guard(doc));
        return commutes || hasVersion(doc);
      }),
    apply: (state) => {
      const doc = state.get(name)!;
      for (const change of changes) change(doc);
      if (isVersionRaised) doc.version = base.version! + 1;
    },
  };
}

/** A document that was only read, and must not have changed. */
function lockOf(name: string, { base, expected }: Copy): Step {
  const isVersionRaised = base?.version !== undefined;
  return {
    name,
    isVersionRaised,
    holds: (state) =>
      onDoc(
        state,
        name,
        (doc) => doc.version === base?.version && [...expected].every((field) => doc[field] === base?.[field]),
      ),
    apply: (state) => {
      if (isVersionRaised) state.get(name)!.version! += 1;
    },
  };
}

function onDoc(state: State, name: string, holds: (doc: Doc) => boolean): boolean {
  const doc = state.get(name);
  return doc !== undefined && holds(doc);
}

/** Field by field, element by element: what changes, and what must still be as it was. */
function compare(base: Doc, now: Doc) {
  const guards: ((doc: Doc) => boolean)[] = [];
  const changes: ((doc: Doc) => void)[] = [];
  let commutes = true;
  const guarded = (guard: (doc: Doc) => boolean, change: (doc: Doc) => void) => {
    guards.push(guard);
    changes.push(change);
    commutes = false;
  };
  for (const field of ['text', 'num', 'code'] as const) {
    if (base[field] === now[field]) continue;
    guarded(
      (doc) => doc[field] === base[field],
      (doc) => void ((doc as unknown as Record<string, unknown>)[field] = now[field]),
    );
  }
  for (const field of ['city', 'zip'] as const) {
    if (base.place[field] === now.place[field]) continue;
    guarded(
      (doc) => doc.place[field] === base.place[field],
      (doc) => void (doc.place[field] = now.place[field]),
    );
  }
  if (now.views !== base.views) changes.push((doc) => void (doc.views += now.views - base.views));
  if (now.best !== base.best) changes.push((doc) => void (doc.best = Math.max(doc.best, now.best)));
  const gone = base.labels.filter((label) => !now.labels.includes(label));
  const come = now.labels.filter((label) => !base.labels.includes(label));
  if (gone.length + come.length > 0) {
    changes.push(
      (doc) => void (doc.labels = [...new Set([...doc.labels.filter((label) => !gone.includes(label)), ...come])]),
    );
  }
  const pushed = now.tags.slice(base.tags.length);
  if (pushed.length > 0) guarded(() => true, (doc) => void doc.tags.push(...pushed)); // prettier-ignore
  compareLines(base, now, guarded);
  return { guards, changes, commutes };
}

function compareLines(
  base: Doc,
  now: Doc,
  guarded: (guard: (doc: Doc) => boolean, change: (doc: Doc) => void) => void,
) {
  const find = (doc: Doc, sku: string) => doc.lines.find((line) => line.sku === sku);
  for (const line of base.lines) {
    const present = find(now, line.sku);
    if (present === undefined) {
      guarded(
        (doc) => JSON.stringify(find(doc, line.sku)) === JSON.stringify(line),
        (doc) => void (doc.lines = doc.lines.filter(({ sku }) => sku !== line.sku)),
      );
      continue;
    }
    for (const field of ['qty', 'note'] as const) {
      if (present[field] === line[field]) continue;
      guarded(
        (doc) => find(doc, line.sku)?.[field] === line[field],
        (doc) => void ((find(doc, line.sku) as Record<string, unknown>)[field] = present[field]),
      );
    }
  }
  const added = now.lines.filter(({ sku }) => find(base, sku) === undefined);
  if (added.length === 0) return;
  guarded(
    (doc) => added.every(({ sku }) => find(doc, sku) === undefined),
    (doc) => void doc.lines.push(...structuredClone(added)),
  );
}
