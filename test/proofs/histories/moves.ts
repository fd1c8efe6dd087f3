import type { Doc } from './model.js';

/** A change that is made to the entity and to the model alike. */
export interface Change {
  readonly text: string;
  /** Of an entity or of a document of the model: both have these fields. */
  to(doc: Pick<Doc, Exclude<keyof Doc, 'version'>>): void;
}

const LETTERS = ['a', 'b', 'c'] as const;
const LABELS = ['p', 'q', 'r', 's'] as const;
const SKUS = ['x', 'y', 'z', 'w', 'v'] as const;

const of = <T>(values: readonly T[], pick: number): T => values[pick % values.length]!;

/** @param base what was loaded: an element that was removed is not put back, which would be a move */
export function change(base: Doc | undefined, now: Doc, kind: number, pick: number, code: string): Change {
  const letter = of(LETTERS, pick);
  if (kind < 45) return { text: `text = ${letter}`, to: (doc) => void (doc.text = letter) };
  if (kind < 50) return { text: `num = ${pick % 3}`, to: (doc) => void (doc.num = pick % 3) };
  if (kind < 56) {
    const field = pick % 2 === 0 ? 'city' : 'zip';
    return { text: `place.${field} = ${letter}`, to: (doc) => void (doc.place[field] = letter) };
  }
  if (kind < 62) return { text: `views += ${(pick % 5) - 2}`, to: (doc) => void (doc.views += (pick % 5) - 2) };
  if (kind < 66) return { text: `best ^= ${pick % 9}`, to: (doc) => void (doc.best = Math.max(doc.best, pick % 9)) };
  if (kind < 73) {
    const label = of(LABELS, pick);
    if (!now.labels.includes(label)) return { text: `labels + ${label}`, to: (doc) => void doc.labels.push(label) };
    return { text: `labels - ${label}`, to: (doc) => void (doc.labels = doc.labels.filter((each) => each !== label)) };
  }
  if (kind < 78) return { text: `tags + ${letter}`, to: (doc) => void doc.tags.push(letter) };
  if (kind < 82) return { text: `code = ${code}`, to: (doc) => void (doc.code = code) };
  const sku = of(SKUS, pick);
  const isThere = now.lines.some((line) => line.sku === sku);
  if (!isThere) {
    if (base?.lines.some((line) => line.sku === sku) === true) return { text: 'nothing', to: () => undefined };
    return { text: `lines + ${sku}`, to: (doc) => void doc.lines.push({ sku, qty: pick % 3, note: '' }) };
  }
  const at = (doc: Pick<Doc, 'lines'>) => doc.lines.findIndex((line) => line.sku === sku);
  if (kind < 86) return { text: `lines - ${sku}`, to: (doc) => void doc.lines.splice(at(doc), 1) };
  if (kind < 94)
    return { text: `lines.${sku}.qty = ${pick % 4}`, to: (doc) => void (doc.lines[at(doc)]!.qty = pick % 4) };
  return { text: `lines.${sku}.note = ${letter}`, to: (doc) => void (doc.lines[at(doc)]!.note = letter) };
}
