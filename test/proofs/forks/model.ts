import type { Forked } from './subject.js';

/**
 * The naive model: every unit of work is a deep copy of everything. A value knows all the values it came from, so what
 * two units of work have in common needs no layers. Every value written is one that never was there before: then a
 * value is unchanged exactly when nobody wrote it.
 */
export interface Register {
  readonly value: unknown;
  readonly from: readonly Register[];
}

/** One document as one unit of work has it. */
export interface ModelDocument {
  isAlive: boolean;
  /** Every operation that led here. */
  readonly seen: Set<number>;
  /** By path; undefined stands for what was removed. */
  readonly values: Map<string, Register>;
  readonly sums: Map<number, number>;
  readonly tags: string[];
  readonly labels: Set<string>;
}

export type ModelUnit = Map<string, ModelDocument>;

let operations = 0;

export function newDocument(fields: Omit<Forked, 'id'>): ModelDocument {
  const values = new Map<string, Register>();
  const set = (path: string, value: unknown) => values.set(path, { value, from: [] });
  set('text', fields.text);
  set('num', fields.num);
  set('place.city', fields.place.city);
  set('place.street', fields.place.street);
  for (const { sku, qty } of fields.lines) set(`lines.${sku}`, qty);
  for (const [key, value] of fields.stock) set(`stock.${key}`, value);
  return {
    isAlive: true,
    seen: new Set([operations++]),
    values,
    sums: new Map([[operations++, fields.views]]),
    tags: [...fields.tags],
    labels: new Set(fields.labels),
  };
}

export function copyUnit(unit: ModelUnit): ModelUnit {
  return new Map([...unit].map(([id, document]) => [id, copyDocument(document)]));
}

function copyDocument(document: ModelDocument): ModelDocument {
  return {
    isAlive: document.isAlive,
    seen: new Set(document.seen),
    values: new Map(document.values),
    sums: new Map(document.sums),
    tags: [...document.tags],
    labels: new Set(document.labels),
  };
}

export function write(document: ModelDocument, path: string, value: unknown): void {
  const before = document.values.get(path);
  document.values.set(path, { value, from: before === undefined ? [] : [before] });
  touch(document);
}

export function touch(document: ModelDocument): number {
  document.seen.add(operations);
  return operations++;
}

/**
 * The united document, and the paths in conflict; `undefined` where lists were united in two orders before, or a
 * document that one side removed was changed alike on both.
 */
export interface Merged {
  readonly unit: ModelUnit;
  readonly conflicts: readonly string[];
}

export function uniteModels(ours: ModelUnit, theirs: ModelUnit, side: 'ours' | 'theirs'): Merged | undefined {
  const unit = copyUnit(ours);
  const conflicts: string[] = [];
  for (const [id, other] of theirs) {
    const own = ours.get(id);
    if (own === undefined) {
      unit.set(id, copyDocument(other));
      continue;
    }
    const merged = mergeDocuments(own, other, side);
    if (merged === undefined) return undefined;
    unit.set(id, merged.document);
    conflicts.push(...merged.conflicts.map((path) => `${id} ${path}`));
  }
  return { unit, conflicts };
}

function mergeDocuments(ours: ModelDocument, theirs: ModelDocument, side: 'ours' | 'theirs') {
  const seen = new Set([...ours.seen, ...theirs.seen]);
  if (!ours.isAlive || !theirs.isAlive) {
    const [dead, other] = ours.isAlive ? [theirs, ours] : [ours, theirs];
    const isKnown = isWithin(other.seen, dead.seen);
    const isOutdated = isWithin(dead.seen, other.seen);
    if (isKnown || !other.isAlive) return { document: { ...copyDocument(dead), seen }, conflicts: [] };
    if (isOutdated) return { document: { ...copyDocument(other), seen }, conflicts: [] };
    if (bringsNothing(other, dead)) return undefined; // equal changes, before the removal: who has which is not known
    return { document: { ...copyDocument(side === 'ours' ? ours : theirs), seen }, conflicts: [''] };
  }
  const conflicts: string[] = [];
  const values = new Map<string, Register>();
  for (const path of new Set([...ours.values.keys(), ...theirs.values.keys()])) {
    const [x, y] = [ours.values.get(path), theirs.values.get(path)];
    if (x === undefined || y === undefined) values.set(path, (x ?? y)!);
    else if (x === y || isFrom(x, y)) values.set(path, x);
    else if (isFrom(y, x)) values.set(path, y);
    else {
      if (x.value !== y.value) conflicts.push(path);
      values.set(path, { value: (side === 'ours' ? x : y).value, from: [x, y] });
    }
  }
  const tags = uniteLists(ours.tags, theirs.tags);
  if (tags === undefined) return undefined;
  const document: ModelDocument = {
    isAlive: true,
    seen,
    values,
    sums: new Map([...ours.sums, ...theirs.sums]),
    tags,
    labels: new Set([...ours.labels, ...theirs.labels]),
  };
  return { document, conflicts };
}

/** Has `other` nothing that `dead` did not have as well, by whoever's changes? */
function bringsNothing(other: ModelDocument, dead: ModelDocument): boolean {
  return (
    isWithin(new Set(other.sums.keys()), new Set(dead.sums.keys())) &&
    isWithin(new Set(other.tags), new Set(dead.tags)) &&
    isWithin(other.labels, dead.labels) &&
    [...other.values].every(([path, { value }]) => value === dead.values.get(path)?.value)
  );
}

function isWithin<T>(part: ReadonlySet<T>, whole: ReadonlySet<T>): boolean {
  return [...part].every((each) => whole.has(each));
}

/** The receiver's appends first; undefined where what both have is not the beginning of both, after other unions. */
function uniteLists(ours: readonly string[], theirs: readonly string[]): string[] | undefined {
  const common = ours.filter((tag) => theirs.includes(tag));
  if (common.length === ours.length && common.join() === theirs.filter((tag) => ours.includes(tag)).join()) {
    return [...theirs];
  }
  const isPrefix = (list: readonly string[]) => common.every((tag, index) => list[index] === tag);
  if (common.length === theirs.length && isPrefix(theirs)) return [...ours];
  return isPrefix(ours) && isPrefix(theirs) ? [...ours, ...theirs.slice(common.length)] : undefined;
}

/** Was `later` made from `earlier`? */
function isFrom(later: Register, earlier: Register, done = new Set<Register>()): boolean {
  if (done.has(later)) return false;
  done.add(later);
  return later.from.some((each) => each === earlier || isFrom(each, earlier, done));
}

/** What a document shows, as plain values whose order says nothing but that of the tags. */
export function shownByModel(document: ModelDocument): object {
  const under = (prefix: string) =>
    Object.fromEntries(
      [...document.values]
        .filter(([path, { value }]) => path.startsWith(prefix) && value !== undefined)
        .map(([path, { value }]) => [path.slice(prefix.length), value])
        .sort(),
    ) as object;
  const value = (path: string) => document.values.get(path)?.value;
  return {
    text: value('text'),
    num: value('num'),
    city: value('place.city'),
    street: value('place.street'),
    lines: under('lines.'),
    stock: under('stock.'),
    views: [...document.sums.values()].reduce((sum, delta) => sum + delta, 0),
    tags: document.tags,
    labels: [...document.labels].sort(),
  };
}

export function shownByEntity(entity: Forked): object {
  const byKey = (entries: [string, number][]) => Object.fromEntries(entries.sort()) as object;
  return {
    text: entity.text,
    num: entity.num,
    city: entity.place.city,
    street: entity.place.street,
    lines: byKey(entity.lines.map(({ sku, qty }) => [sku, qty])),
    stock: byKey([...entity.stock]),
    views: entity.views,
    tags: [...entity.tags],
    labels: [...entity.labels].sort(),
  };
}
