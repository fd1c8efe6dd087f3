import { setOwn } from '../tracking/plain-values.js';
import type { DocumentSource } from './document-source.js';
import type { EntityStore } from './entity-store.js';
import { forkScope } from './fork.js';
import { LARGE_SAMPLE, type Managed } from './managed.js';
import { Scope } from './scope.js';
import { unite } from './union.js';

/**
 * Lets the store keep a unit of work of nobody, forked and united, which changes fields of one entity. While it does
 * V8 keeps the shapes of forks, and the machine code made for them: between two requests there is no fork, and a
 * collection would drop both (the first forks after it took three times as long). See `Managed.sample`, decision 14.
 *
 * @param source a document of the class: a copy is taken
 */
export function keepForkSample(store: EntityStore, source: DocumentSource): void {
  store.forkSample = []; // the sample is a fork, too
  store.forkSample = sampleOf(store, source);
}

function sampleOf(store: EntityStore, source: DocumentSource): readonly Scope[] {
  if (source.bytes.length > LARGE_SAMPLE || source.loaded !== undefined) return [];
  const root = new Scope({ flush: 'manual' });
  try {
    const { bytes } = source.alone();
    const { key } = root.materialise(store, bytes);
    const open = forkScope(root);
    change(open.find(store, key)!);
    const inner = forkScope(open);
    change(inner.find(store, key)!);
    const united = forkScope(root);
    change(united.find(store, key)!, 1);
    change(root.find(store, key)!);
    unite(root, united);
    return [root, open, inner, united];
  } catch {
    return []; // a value that cannot be read, or none that can be changed: who has to do with it is told
  }
}

/** Gives a field another value, as an assignment would: the first that can be, or one after it. */
function change(managed: Managed, after = 0): void {
  const { fields, id } = managed.store.map;
  const plain = fields.filter((field) => field !== id && PLAIN.has(typeof managed.read(field.property)));
  const { property } = plain[Math.min(after, plain.length - 1)]!;
  const value = managed.read(property);
  managed.touch(property);
  setOwn(managed.values, property, typeof value === 'boolean' ? !value : typeof value === 'number' ? 1 - value : '');
}

const PLAIN = new Set(['string', 'number', 'boolean']);
