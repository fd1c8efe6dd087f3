import type { Document } from 'mongodb';
import type { RawValue } from '../bson/raw-value.js';
import { CowError, type ErrorIssue } from '../errors/index.js';
import type { ObjectMap } from '../mapping/index.js';
import type { Guard } from './change.js';
import { conflictDetails } from './conflict-details.js';
import type { Write } from './plan.js';
import { isDuplicateKey, isShapeChange } from './server-errors.js';

/** The conflict of a write whose guards do not hold; with no guards named, the document itself is gone or changed. */
export function conflict(write: Write, broken: readonly Guard[], exists: boolean, stored?: RawValue): CowError {
  const { name } = write.target.map;
  const all = [...new Set(broken.map((guard) => guard.field))];
  const fields = all.filter((field) => !all.some((outer) => field.startsWith(`${outer}.`))); // the outermost say it
  const issues: ErrorIssue[] = exists
    ? (fields.length > 0 ? fields : ['']).map((field) => ({
        entity: name,
        id: write.id,
        ...(field === '' ? {} : { field }),
        message: field === '' ? `${name} was changed` : `${name}.${field} was changed by someone else`,
      }))
    : [{ entity: name, id: write.id, message: `${name} was removed by someone else` }];
  return new CowError('ConcurrentModification', {
    entity: name,
    id: write.id,
    ...(fields.length > 0 && exists ? { field: fields.join(', ') } : {}),
    issues,
    ...(broken.length > 0 ? { conflicts: () => conflictDetails(write, broken, stored) } : {}),
  });
}

/** The error for what the server answered to one write. */
export function writeError(write: Write, error: Document): CowError {
  const { name } = write.target.map;
  const code = error.code as number | undefined;
  const message = String(error.errmsg ?? '');
  const cause = error instanceof Error ? error : new Error(message, { cause: error });
  if (isDuplicateKey(code)) {
    const stored = Object.keys((error.keyPattern as object | undefined) ?? keyFromMessage(message));
    const fields = stored.map((path) => propertyPath(write.target.map, path));
    const index = /index: (\S+)/.exec(message)?.[1];
    return new CowError(
      'DuplicateKey',
      { entity: name, id: write.id, field: fields.join(', '), ...(index === undefined ? {} : { option: index }) },
      { cause },
    );
  }
  if (isShapeChange(code, message)) {
    const error = conflict(write, [], true);
    error.cause = cause;
    return error;
  }
  return new CowError('WriteRefused', { entity: name, id: write.id, reason: `code ${code ?? '?'}` }, { cause });
}

/** The property path of a stored one, as far as the class declares it. */
function propertyPath(map: ObjectMap, stored: string): string {
  const [first = '', ...rest] = stored.split('.');
  const field = map.byStored.get(first);
  if (field === undefined || rest.length === 0) return [field?.property ?? first, ...rest].join('.');
  let { type } = field;
  while (type.kind === 'array' || type.kind === 'set') type = type.of;
  const inner = rest.join('.');
  return `${field.property}.${type.kind === 'embedded' ? propertyPath(type.map, inner) : inner}`;
}

/** Older servers name the key in the text only: `dup key: { email: "…" }`. */
function keyFromMessage(message: string): Record<string, unknown> {
  const key = /dup key: \{ ([^:]+):/.exec(message)?.[1];
  return key === undefined ? {} : { [key]: 1 };
}
