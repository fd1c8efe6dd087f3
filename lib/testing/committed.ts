import { AssertionError } from 'node:assert';
import { subscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import type { Document } from 'mongodb';
import { BSON } from '../bson/values.js';
import { entityMapOf, type ClassType, type EntityMap } from '../mapping/index.js';
import type { CommittedWrite, FlushEvent } from '../unit-of-work/events.js';

/**
 * A write that a test expects, by stored names: the operators of an update (`{ $set: { note: 'x' } }`), the fields of
 * an inserted document that matter (`{ insert: { customer: 'Ada' } }`), or `{ delete: id }`.
 */
export type ExpectedWrite = { insert: Document } | { delete: unknown } | Document;

const writes: CommittedWrite[] = [];
let isWatching = false;

/** From now on every committed write of this process is remembered, until `clearCommitted()`. */
export function watchCommits(): void {
  if (isWatching) return;
  isWatching = true;
  subscribe('nestjs-cow:flush', (event) => {
    // Commands hold references to what was loaded: what is compared later must not change any more.
    for (const write of (event as FlushEvent).writes) writes.push({ ...write, command: plain(write.command) });
  });
}

watchCommits();

/** The committed writes since the last `clearCommitted()`, in their order. @param entity of this class only */
export function committed(entity?: ClassType): readonly CommittedWrite[] {
  return entity === undefined ? [...writes] : writes.filter((write) => isOf(entityMapOf(entity), write));
}

/** Forgets what was committed so far. For `beforeEach`, unless `CowTesting.reset()` is called there. */
export function clearCommitted(): void {
  writes.length = 0;
}

/**
 * Passes when exactly this was committed for one entity of the class since the last `clearCommitted()`: all operators
 * and all values of one update, whatever its guards. What the library itself adds, a version or the time of the last
 * change, may be left out.
 *
 * @throws AssertionError which shows what was committed
 * @example expectCommitted(Order, { $set: { note: 'x' }, $push: { tags: { $each: ['express'] } } });
 */
export function expectCommitted(entity: ClassType, expected: ExpectedWrite): void {
  const found = committed(entity);
  if (found.some((write) => matches(entityMapOf(entity), write, expected))) return;
  const seen = found.map(asExpected);
  throw new AssertionError({
    message:
      `Expected a commit of ${entity.name}: ${show(expected)}\n` +
      (seen.length === 0
        ? `Nothing of ${entity.name} was committed.`
        : `Committed were:\n${seen.map(show).join('\n')}`),
    actual: seen,
    expected: [expected],
    operator: 'expectCommitted',
    stackStartFn: expectCommitted,
  });
}

/** Passes when nothing was committed since the last `clearCommitted()`. @param entity of this class */
export function expectNothingCommitted(entity?: ClassType): void {
  const found = committed(entity);
  if (found.length === 0) return;
  throw new AssertionError({
    message: `Expected no commit${entity === undefined ? '' : ` of ${entity.name}`}. Committed were:\n${found
      .map((write) => `${write.collection}: ${show(asExpected(write))}`)
      .join('\n')}`,
    actual: found.map(asExpected),
    expected: [],
    operator: 'expectNothingCommitted',
    stackStartFn: expectNothingCommitted,
  });
}

/** Of the class, or of one below it. */
function isOf(map: EntityMap, { entity, collection }: CommittedWrite): boolean {
  const family = (map.discriminator?.variants.values() ?? [map]) as Iterable<EntityMap>;
  const names = [...family]
    .filter(({ target }) => target === map.target || target.prototype instanceof map.target)
    .map(({ name }) => name);
  return collection === map.collection && names.includes(entity);
}

function matches(map: EntityMap, { operation, command }: CommittedWrite, expected: ExpectedWrite): boolean {
  switch (operation) {
    case 'insertOne':
      return 'insert' in expected && Object.entries(expected.insert as Document).every(([k, v]) => same(command[k], v));
    case 'deleteOne':
      return 'delete' in expected && same((command.q as Document)._id, expected.delete);
    case 'updateOne':
      return same(command.u, expected) || same(withoutOwn(map, command.u as Document, expected), expected);
  }
}

/** The update without what the library added of itself, but for what the test names. */
function withoutOwn(map: EntityMap, update: Document | Document[], expected: ExpectedWrite): unknown {
  if (Array.isArray(update)) return update;
  const own = [map.version, map.updatedAt].flatMap((field) => (field === undefined ? [] : [field.stored]));
  const named = Object.values(expected).flatMap((part) => Object.keys(part as Document));
  const parts = Object.entries(update).map(([operator, fields]): [string, Document] => {
    const kept = Object.entries(fields as Document).filter(([name]) => !own.includes(name) || named.includes(name));
    return [operator, Object.fromEntries(kept)];
  });
  return Object.fromEntries(parts.filter(([, fields]) => Object.keys(fields).length > 0));
}

function asExpected({ operation, command }: CommittedWrite): Document {
  if (operation === 'insertOne') return { insert: command };
  return operation === 'deleteOne' ? { delete: (command.q as Document)._id as unknown } : (command.u as Document);
}

/** As the server has it: bytes that were never decoded become values. */
function plain(value: Document): Document {
  return BSON.deserialize(BSON.serialize(value, { ignoreUndefined: true }));
}

/** Equal as stored, without regard to the order of keys. */
function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  const stored = BSON.EJSON.serialize(plain({ value })) as unknown;
  return JSON.stringify(stored, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)))
      : part,
  );
}

function show(value: unknown): string {
  return inspect(value, { depth: 8, breakLength: 120 });
}
