import { BsonType } from '../bson/elements.js';
import { RawValue } from '../bson/raw-value.js';
import { advance } from '../flush/advance.js';
import type { Guard, PathChange } from '../flush/change.js';
import { diffDocument } from '../flush/diff.js';
import { follow } from '../flush/guard-check.js';
import type { DeleteWrite, InsertWrite, LockWrite, UpdateWrite, Write } from '../flush/plan.js';
import { storedPath, type FieldMap } from '../mapping/index.js';
import type { DocumentSource } from './document-source.js';
import type { Managed } from './managed.js';

/** What a flush will do to one entity. */
export interface PlannedWrite {
  readonly managed: Managed;
  readonly write: Write;
  /** The document after the write; undefined for a delete. */
  readonly next: Buffer | undefined;
  /** Properties that were changed by the application; undefined for all (a new entity). */
  readonly fields: readonly string[] | undefined;
  /** Paths that were only read and are guarded by it. */
  readonly expected?: readonly string[];
}

/** The write that brings an entity to the database; undefined when nothing changed. */
export function planEntity(managed: Managed, now: Date): PlannedWrite | undefined {
  switch (managed.status) {
    case 'new':
      return planInsert(managed, now);
    case 'removed':
      return planDelete(managed);
    case 'loaded':
      return planUpdate(managed, now);
    case 'detached':
      return undefined;
  }
}

function planInsert(managed: Managed, now: Date): PlannedWrite {
  const { store, entity } = managed;
  const { version, createdAt, updatedAt } = store.map;
  const document = store.codec.encodeBytes((field) => {
    if (field === version) return 1; // the instance itself changes after the commit only
    const value = (entity as Record<string, unknown>)[field.property];
    return field === createdAt || field === updatedAt ? (value ?? now) : value;
  });
  const write: InsertWrite = {
    kind: 'insert',
    target: store,
    id: managed.idText,
    filter: managed.filter,
    value: RawValue.ofDocument(document) as unknown as InsertWrite['value'],
    document,
  };
  return { managed, write, next: document, fields: undefined };
}

function planUpdate(managed: Managed, now: Date): PlannedWrite | undefined {
  const base = managed.base!;
  const { map } = managed.store;
  const doubtful = new Set<string>(); // few of those that were only read
  for (const property of managed.touched()) {
    if (!base.isSurely(property, managed.present(property))) doubtful.add(property);
  }
  if (doubtful.size === 0) return undefined;
  const own = new Set<FieldMap | undefined>([map.id, map.version, map.updatedAt]);
  const touched = map.fields.filter((field) => doubtful.has(field.property) && !own.has(field));
  const change = diffDocument({
    codec: managed.store.codec,
    original: (field) => base.raw(field),
    present: (field) => managed.present(field.property),
    touched,
    isExact: !managed.store.isCollated,
    mayTakeSeveral: managed.store.connection.settings.atomicity === 'transaction',
  });
  if (change === undefined) return undefined;
  const changes: PathChange[] = [...change.changes];
  const guards = policyGuards(managed, base, change.guards, changes);
  if (map.updatedAt !== undefined) changes.push({ op: '$max', path: map.updatedAt.stored, value: now });
  const next = advance(RawValue.ofDocument(base.bytes), changes);
  const write: UpdateWrite = {
    kind: 'update',
    target: managed.store,
    id: managed.idText,
    filter: managed.filter,
    changes,
    guards: withExpectations(guards, managed, base),
    base: base.bytes,
    next,
  };
  return { managed, write, next, fields: change.fields };
}

/** With `@Version()` the version guards and is raised; changes that commute alone need neither. */
function policyGuards(
  managed: Managed,
  base: DocumentSource,
  guards: readonly Guard[],
  changes: PathChange[],
): readonly Guard[] {
  const { version, concurrency } = managed.store.map;
  if (concurrency === 'none') return [];
  if (version === undefined) return guards;
  if (guards.length === 0 && changes.every(commutes)) return guards;
  changes.push({ op: '$inc', path: version.stored, value: 1 });
  return [versionGuard(version, base), ...guards.filter((guard) => isOfMergeField(managed, guard))];
}

function commutes({ op }: PathChange): boolean {
  return ['$inc', '$max', '$min', '$addToSet', '$pullAll'].includes(op);
}

/** A commuting field that fell back to a plain write is guarded by its own value too: others do not raise the version. */
function isOfMergeField(managed: Managed, guard: Guard): boolean {
  return managed.store.map.byProperty.get(guard.field)?.merge !== undefined;
}

function versionGuard(version: FieldMap, base: DocumentSource): Guard {
  return { kind: 'value', path: version.stored, field: version.property, original: base.raw(version) };
}

function planDelete(managed: Managed): PlannedWrite {
  const base = managed.base!;
  const { version, concurrency } = managed.store.map;
  const isVersioned = version !== undefined && concurrency !== 'none';
  const guards = withExpectations(isVersioned ? [versionGuard(version, base)] : [], managed, base);
  const write: DeleteWrite = {
    kind: 'delete',
    target: managed.store,
    id: managed.idText,
    filter: managed.filter,
    guards,
  };
  return { managed, write, next: undefined, fields: [] };
}

/** A document that is only guarded, beside writes to others: it must be locked, else two such flushes both commit. */
export function planLock(managed: Managed): PlannedWrite | undefined {
  const { base } = managed;
  if (base === undefined || managed.status !== 'loaded') return undefined;
  const { version } = managed.store.map;
  const common = { target: managed.store, id: managed.idText, filter: managed.filter };
  if (version === undefined) {
    const write: LockWrite = { kind: 'lock', ...common, guards: withExpectations([], managed, base) };
    return { managed, write, next: base.bytes, fields: [] };
  }
  const changes: PathChange[] = [{ op: '$inc', path: version.stored, value: 1 }];
  const next = advance(RawValue.ofDocument(base.bytes), changes);
  const write: UpdateWrite = {
    kind: 'update',
    ...common,
    changes,
    guards: withExpectations([versionGuard(version, base)], managed, base),
    base: base.bytes,
    next,
  };
  return { managed, write, next, fields: [] };
}

/** The guards, and those of what was only read and must not have changed. */
function withExpectations(guards: readonly Guard[], managed: Managed, base: DocumentSource): readonly Guard[] {
  if (managed.expectations === undefined) return guards;
  const isGuarded = (path: string) => guards.some((guard) => guard.kind === 'value' && guard.path === path);
  const expected = [...managed.expectations].flatMap((path) => expectationGuards(managed, base, path));
  return [...guards, ...expected.filter((guard) => guard.kind !== 'value' || !isGuarded(guard.path))];
}

/** What leads to the value must be an object still. In an array nothing has a place of its own: it is guarded whole. */
function expectationGuards(managed: Managed, base: DocumentSource, field: string): Guard[] {
  const document = RawValue.ofDocument(base.bytes);
  const parts = storedPath(managed.store.map, field).stored.split('.');
  const guards: Guard[] = [];
  for (let length = 1; ; length++) {
    const path = parts.slice(0, length).join('.');
    const original = follow(document, path);
    if (length === parts.length || original?.type !== BsonType.object) {
      guards.push({ kind: 'value', path, field, original });
      return guards;
    }
    guards.push({ kind: 'object', path, field });
  }
}
