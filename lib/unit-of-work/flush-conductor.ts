import { randomUUID } from 'node:crypto';
import type { Document } from 'mongodb';
import { sameRaw } from '../bson/raw-value.js';
import { CowError } from '../errors/index.js';
import { sentBytes } from '../flush/commands.js';
import { makePlan, type Write } from '../flush/plan.js';
import { writePlan } from '../flush/write.js';
import { planEntity, planLock, type PlannedWrite } from './changes.js';
import { DocumentSource } from './document-source.js';
import type { ConnectionSettings } from './connection.js';
import type { EntityStore } from './entity-store.js';
import { publishFlush } from './events.js';
import type { Managed } from './managed.js';
import type { Scope } from './scope.js';
import { FlushSignals } from './signals.js';
import { absorbHeld } from './union-held.js';
import { validateWrites } from './validation.js';

/**
 * One flush, stage by stage: compare, plan, validate, write, advance.
 *
 * The plan is made in one go and never changed, so what the application does while it is sent stays a change for the
 * next flush. Entities move to their new base only after the commit; after a failure they are as they were.
 */
export async function flushScope(scope: Scope): Promise<void> {
  if (scope.failure !== undefined) throw new CowError('UnitOfWorkFailed', {}, { cause: scope.failure });
  absorbHeld(scope);
  for (const store of collatedStores(scope)) await store.learnCollation();
  for (const managed of partlyLoaded(scope)) await loadMissingFields(scope, managed);
  const planned = planScope(scope);
  if (planned.length === 0) return;
  const [first] = planned as [PlannedWrite];
  const { settings } = first.managed.store.connection;
  refuseReadOnly(scope, planned);
  refuseTooLarge(planned, settings);
  if (settings.validate) {
    const issues = await validateWrites(planned);
    if (issues.length > 0) throw new CowError('ValidationFailed', { entity: issues[0]?.entity ?? '', issues });
  }
  const started = performance.now();
  const plan = makePlan(
    randomUUID(),
    planned.map(({ write }) => write),
  );
  for (const { managed } of planned) managed.flight = { isRolledBack: false };
  const signals = new FlushSignals(plan.flushId, scope.options.label, planned.length, () =>
    planned.map(({ write: { target, id, kind } }) => ({ entity: target.map.name, id, kind })),
  );
  const limits = { deadlineMS: settings.flushTimeoutMS, flushId: plan.flushId, onRetry: signals.retry };
  try {
    await writePlan(plan, settings.atomicity, limits);
  } catch (error) {
    scope.failure = error;
    for (const { managed } of planned) failEntity(scope, managed);
    const reported = asCowError(error, plan.flushId);
    signals.failed(reported);
    throw reported;
  }
  for (const each of planned) advanceEntity(scope, each);
  signals.committed();
  publishFlush(plan, scope.options.label, performance.now() - started, () => sizesAfter(planned));
}

/** What a flush would write now; nothing is sent or changed. */
export function planScope(scope: Scope): PlannedWrite[] {
  absorbHeld(scope);
  const now = new Date();
  const planned: PlannedWrite[] = [];
  for (const managed of scope.candidates()) {
    const one = planEntity(managed, now);
    if (one !== undefined) planned.push(one);
  }
  if (planned.length === 0) return planned;
  const written = new Set(planned.map(({ managed }) => managed));
  for (const managed of scope.expecting) {
    const lock = written.has(managed) ? undefined : planLock(managed);
    if (lock !== undefined) planned.push(lock);
  }
  if (scope.expecting.size === 0) return planned;
  return planned.map((one) => ({ ...one, expected: [...(one.managed.expectations ?? [])] }));
}

/** Bytes of the documents that the writes leave. */
function sizesAfter(planned: readonly PlannedWrite[]): ReadonlyMap<Write, number> {
  return new Map(planned.map(({ write, after }) => [write, after?.size ?? 0]));
}

const MEBIBYTE = 1024 * 1024;

/** Nothing is sent of a plan that the server would refuse half way. */
function refuseTooLarge(planned: readonly PlannedWrite[], settings: ConnectionSettings): void {
  const most = settings.maxDocumentBytes ?? 15 * MEBIBYTE;
  let total = 0;
  for (const { managed, after } of planned) {
    const size = after?.size ?? 0;
    if (size > most) {
      throw new CowError('PlanTooLarge', {
        entity: managed.store.map.name,
        id: managed.idText,
        reason: `the document would have ${size} bytes, and ${most} are allowed`,
      });
    }
    total += size;
  }
  const mostOfAll = settings.maxFlushBytes ?? 64 * MEBIBYTE;
  if (total <= mostOfAll) return; // an update sends no more than its document
  total = planned.reduce((sum, { write }) => sum + sentBytes(write), 0);
  if (total > mostOfAll) {
    throw new CowError('PlanTooLarge', {
      entity: 'The flush',
      reason: `it would send ${total} bytes, and ${mostOfAll} are allowed`,
    });
  }
}

function collatedStores(scope: Scope): ReadonlySet<EntityStore> {
  const stores = new Set<EntityStore>();
  for (const { store } of scope.candidates()) if (store.mayBeCollated) stores.add(store);
  return stores;
}

/** Entities of which a field that was not loaded is overwritten. */
function partlyLoaded(scope: Scope): readonly Managed[] {
  const found: Managed[] = [];
  for (const managed of scope.touchedEntities) {
    const { base } = managed;
    if (base?.loaded === undefined || managed.status !== 'loaded') continue;
    for (const field of managed.touched()) {
      if (base.isLoaded(field)) continue;
      found.push(managed);
      break;
    }
  }
  return found;
}

/** Reads the whole document: the original of a field must be known before it is overwritten, to guard it. */
async function loadMissingFields(scope: Scope, managed: Managed): Promise<void> {
  const { store } = managed;
  const base = managed.base!;
  const changed = (field?: string) =>
    new CowError('ConcurrentModification', {
      entity: store.map.name,
      id: managed.idText,
      ...(field === undefined ? {} : { field }),
    });
  const bytes = (await store.ownCollection.findOne({ _id: managed.id } as Document, {
    raw: true,
    readPreference: 'primary',
  })) as unknown as Buffer | null;
  if (bytes === null) throw changed();
  const full = new DocumentSource(store.codec, bytes);
  for (const field of store.map.fields.filter((one) => base.isLoaded(one.property))) {
    if (!sameRaw(base.raw(field), full.raw(field))) throw changed(field.property);
  }
  scope.touchedEntities.delete(managed);
  managed.rebase(full);
}

function refuseReadOnly(scope: Scope, planned: readonly PlannedWrite[]): void {
  for (const { managed } of planned) {
    if (scope.options.readonly === true || managed.store.map.readonly) {
      throw new CowError('ReadOnlyViolation', {
        entity: managed.store.map.name,
        reason: managed.store.map.readonly ? 'its entity is declared readonly' : 'this unit of work is read-only',
      });
    }
  }
}

function failEntity(scope: Scope, managed: Managed): void {
  managed.isStale = true;
  managed.flight = undefined;
  if (managed.status === 'removed' && managed.base === undefined) scope.forget(managed); // it was never stored
}

function advanceEntity(scope: Scope, { managed, write, after, fields, expected }: PlannedWrite): void {
  scope.node?.committing(managed, write.kind === 'delete' ? undefined : after?.bytes);
  const { flight } = managed;
  managed.flight = undefined;
  for (const path of expected ?? []) managed.expectations?.delete(path);
  if (managed.expectations?.size === 0) {
    managed.expectations = undefined;
    scope.expecting.delete(managed);
  }
  if (write.kind === 'delete' || after === undefined) {
    scope.forget(managed);
    return;
  }
  if (write.kind === 'lock') return; // it is what it was: what was handed out is still to be compared
  if (managed.status === 'detached') return;
  scope.touchedEntities.delete(managed);
  managed.committed(after, fields ?? []);
  if (flight?.isRolledBack === true) managed.rollback(); // to what is stored now
}

function asCowError(error: unknown, flushId: string): unknown {
  if (error instanceof CowError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new CowError('WriteRefused', { flushId, reason: text.slice(0, 200) }, { cause: error });
}

/** The entities of a plan by what happens to them, for `changes()`. */
export type ChangeKind = 'new' | 'changed' | 'removed';

export function kindOf(managed: Managed): ChangeKind {
  return managed.status === 'new' ? 'new' : managed.status === 'removed' ? 'removed' : 'changed';
}
