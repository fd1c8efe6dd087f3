import { BsonType } from '../bson/elements.js';
import { RawValue } from '../bson/raw-value.js';
import { advance } from '../flush/advance.js';
import type { Guard, PathChange } from '../flush/change.js';
import { diffDocument } from '../flush/diff.js';
import { follow } from '../flush/guard-check.js';
import type { DeleteWrite, InsertWrite, LockWrite, UpdateWrite, Write } from '../flush/plan.js';
import { storedPath, type FieldMap } from '../mapping/index.js';
import { DocumentSource } from './document-source.js';
import type { EntityStore } from './entity-store.js';
import type { Managed } from './managed.js';
import { WrittenSource } from './written-source.js';

/** What a flush will do to one entity. */
export interface PlannedWrite {
  readonly managed: Managed;
  readonly write: Write;
  /** The document after the write; undefined for a delete. */
  readonly after: DocumentSource | undefined;
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
  const write = new EntityInsert(managed, document);
  return { managed, write, after: new DocumentSource(store.codec, document), fields: undefined };
}

function planUpdate(managed: Managed, now: Date): PlannedWrite | undefined {
  const base = managed.base!;
  const { map } = managed.store;
  const touched = doubtfulFields(managed, base);
  if (touched.length === 0) return undefined;
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
  const guards = withExpectations(policyGuards(managed, base, change.guards, changes), managed, base);
  if (map.updatedAt !== undefined) changes.push({ op: '$max', path: map.updatedAt.stored, value: now });
  const after = afterOf(base, changes);
  return { managed, write: new EntityUpdate(managed, changes, guards, base, after), after, fields: change.fields };
}

/** The document after the changes. */
function afterOf(base: DocumentSource, changes: readonly PathChange[]): DocumentSource {
  const written = WrittenSource.of(base, changes);
  if (written !== undefined) return written;
  return new DocumentSource(base.codec, advance(RawValue.ofDocument(base.bytes), changes), base.loaded);
}

/** Fields that may have changed, in the order of their declaration: not those that were only read, nor the library's. */
function doubtfulFields(managed: Managed, base: DocumentSource): readonly FieldMap[] {
  const { byProperty, id, version, updatedAt } = managed.store.map;
  const fields: FieldMap[] = [];
  for (const property of managed.touched()) {
    const field = byProperty.get(property)!;
    if (field === id || field === version || field === updatedAt) continue;
    if (!base.isSurely(property, managed.present(property))) fields.push(field);
  }
  return fields.length < 2 ? fields : fields.sort((a, b) => a.index - b.index);
}

/** What only errors and events ask for is made when they do. */
abstract class EntityWrite {
  private byId: Record<string, unknown> | undefined;

  constructor(protected readonly managed: Managed) {}

  get target(): EntityStore {
    return this.managed.store;
  }

  get id(): string {
    return this.managed.idText;
  }

  get filter(): Record<string, unknown> {
    const { store, id } = this.managed;
    this.byId ??= store.filterById(id, store.map.shardKey.length > 0 ? this.stored : undefined);
    return this.byId;
  }

  /** The document that has the shard key. */
  protected abstract get stored(): RawValue;
}

class EntityInsert extends EntityWrite implements InsertWrite {
  readonly kind = 'insert';

  constructor(
    managed: Managed,
    readonly document: Buffer,
  ) {
    super(managed);
  }

  protected get stored(): RawValue {
    return RawValue.ofDocument(this.document);
  }

  get value(): InsertWrite['value'] {
    return RawValue.ofDocument(this.document) as unknown as InsertWrite['value'];
  }
}

class EntityUpdate extends EntityWrite implements UpdateWrite {
  readonly kind = 'update';

  constructor(
    managed: Managed,
    readonly changes: readonly PathChange[],
    readonly guards: readonly Guard[],
    private readonly before: DocumentSource,
    private readonly after: DocumentSource,
  ) {
    super(managed);
  }

  get base(): Buffer {
    return this.before.bytes;
  }

  get next(): Buffer {
    return this.after.bytes;
  }

  protected get stored(): RawValue {
    return RawValue.ofDocument(this.base);
  }
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
  return { managed, write, after: undefined, fields: [] };
}

/** A document that is only guarded, beside writes to others: it must be locked, else two such flushes both commit. */
export function planLock(managed: Managed): PlannedWrite | undefined {
  const { base } = managed;
  if (base === undefined || managed.status !== 'loaded') return undefined;
  const { version } = managed.store.map;
  if (version === undefined) {
    const common = { target: managed.store, id: managed.idText, filter: managed.filter };
    const write: LockWrite = { kind: 'lock', ...common, guards: withExpectations([], managed, base) };
    return { managed, write, after: base, fields: [] };
  }
  const changes: PathChange[] = [{ op: '$inc', path: version.stored, value: 1 }];
  const guards = withExpectations([versionGuard(version, base)], managed, base);
  const after = afterOf(base, changes);
  return { managed, write: new EntityUpdate(managed, changes, guards, base, after), after, fields: [] };
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
