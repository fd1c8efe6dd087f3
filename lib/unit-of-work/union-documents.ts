import { DocumentSource } from './document-source.js';
import { RawValue, encodeValue, underName } from '../bson/raw-value.js';
import { codecOfField } from '../bson/codec-of.js';
import type { FieldMap } from '../mapping/index.js';
import { encodeInstance, encodeMap, isOwn, type Frozen } from './fork-state.js';
import type { OnConflict, UnionConflict } from './union-conflict.js';
import { Merge, sameStored } from './union-merge.js';

/** A document as the ancestor, the receiver and the other side have it; undefined where it is not known. */
export interface ThreeStates {
  readonly original: Frozen | undefined;
  readonly ours: Frozen | undefined;
  readonly theirs: Frozen | undefined;
}

type Decision = OnConflict | 'original';

/**
 * What the receiver shows of a document after a union: its own state itself where nothing is to be done.
 *
 * @param conflicts gathers what cannot be merged
 */
export function mergeDocument(
  three: ThreeStates,
  onConflict: Decision,
  conflicts: UnionConflict[],
): Frozen | undefined {
  const original = alive(three.original);
  const ours = alive(three.ours);
  const theirs = alive(three.theirs);
  if (theirs === undefined) {
    if (original === undefined || ours === undefined) return three.ours;
    return sameDocument(original, ours) ? { ...ours, isRemoved: true } : asWhole(three, onConflict, conflicts);
  }
  if (original === undefined) return ours === undefined ? theirs : asWhole(three, onConflict, conflicts);
  if (sameDocument(original, theirs)) return three.ours;
  if (ours === undefined) return asWhole(three, onConflict, conflicts);
  return mergeFields(original, ours, theirs, onConflict, conflicts);
}

function alive(state: Frozen | undefined): Frozen | undefined {
  return state?.isRemoved === true ? undefined : state;
}

function mergeFields(
  original: Frozen,
  ours: Frozen,
  theirs: Frozen,
  onConflict: Decision,
  conflicts: UnionConflict[],
): Frozen {
  const { codec, map } = ours.store;
  const merge = new Merge(map.name, idOf(ours), onConflict, conflicts);
  let fields: Map<string, unknown> | undefined;
  let loaded: Set<string> | undefined;
  for (const field of map.fields) {
    if (isOwn(ours.store, field.property) || !theirs.source.isLoaded(field.property)) continue;
    const before = rawIn(ours, field);
    let after: RawValue | undefined;
    if (original.source.isLoaded(field.property)) {
      const three = { original: rawIn(original, field), ours: before, theirs: rawIn(theirs, field) };
      after = merge.field(field, three, field.property, codec.defaultOf(field));
    } else if (ours.source.isLoaded(field.property)) {
      // Assigned there without having been read: nobody knows from what.
      const three = { original: undefined, ours: before, theirs: rawIn(theirs, field) };
      after = merge.field(field, three, field.property);
    } else {
      after = rawIn(theirs, field);
    }
    if (after === before) continue;
    if (!ours.source.isLoaded(field.property)) (loaded ??= new Set(ours.source.loaded)).add(field.property);
    fields ??= new Map(RawValue.ofDocument(ours.source.bytes).fields());
    if (after === undefined) fields.delete(field.stored);
    else fields.set(field.stored, underName(field.stored, after));
  }
  if (fields === undefined) return ours;
  return { ...ours, source: new DocumentSource(codec, encodeMap(fields), loaded ?? ours.source.loaded) };
}

function rawIn({ source }: Frozen, field: FieldMap): RawValue | undefined {
  return source.isLoaded(field.property) ? source.raw(field) : undefined;
}

function sameDocument(a: Frozen, b: Frozen): boolean {
  if (a.source === b.source) return true;
  return a.store.map.fields.every(
    (field) => isOwn(a.store, field.property) || sameStored(codecOfField(field), rawIn(a, field), rawIn(b, field)),
  );
}

/** A conflict about the whole document. */
function asWhole(three: ThreeStates, onConflict: Decision, conflicts: UnionConflict[]): Frozen | undefined {
  if (onConflict === 'original' || onConflict === 'ours' || onConflict === 'theirs') return three[onConflict];
  const known = (three.ours ?? three.theirs)!;
  const { codec, map } = known.store;
  const read = (state: Frozen | undefined) => {
    const one = alive(state);
    return one && codec.decodeInstance(one.source.bytes);
  };
  const conflict: UnionConflict = {
    entity: map.name,
    id: idOf(known),
    path: '',
    original: read(three.original),
    ours: read(three.ours),
    theirs: read(three.theirs),
  };
  if (typeof onConflict !== 'function') {
    conflicts.push(conflict);
    return three.ours;
  }
  const value = onConflict(conflict);
  if (value === conflict.ours) return three.ours;
  if (value === conflict.theirs) return three.theirs;
  if (value === undefined || value === null) return { ...known, isRemoved: true };
  return { ...known, isRemoved: false, source: new DocumentSource(codec, encodeInstance(codec, value)) };
}

function idOf({ store, source }: Frozen): string {
  const { id } = store.map;
  const raw = source.raw(id);
  return raw === undefined ? '' : String(store.codec.codec(id).toJson(store.codec.decode(id, encodeValue(raw))));
}
