import { ERROR_TABLE, type ConflictDetail, type ErrorCode, type ErrorDetails, type ErrorIssue } from './error-table.js';

/**
 * Every error that the library itself throws. Its texts come from the one error table.
 *
 * @example
 * try { await unitOfWork.flush(); }
 * catch (error) { if (isCowError(error, 'ConcurrentModification')) return this.again(); throw error; }
 */
export class CowError extends Error {
  /** Row of the error table. */
  readonly code: ErrorCode;
  /** HTTP status that answers it. */
  readonly status: number;
  /** What to do about it. */
  readonly remedy: string;
  /** Class name of the entity concerned. */
  readonly entity?: string;
  /** Property concerned, dotted for nested ones. */
  readonly field?: string;
  /** Id of the document concerned, as text. */
  readonly id?: string;
  /** Each finding, for errors that report several. */
  readonly issues?: readonly ErrorIssue[];
  /** Names the flush, for errors that a flush reports. */
  readonly flushId?: string;

  readonly #conflicts: (() => readonly ConflictDetail[]) | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    const row = ERROR_TABLE[code];
    const remedy = row.remedy(details);
    super(`${row.what(details)} ${remedy}`, options);
    this.name = code;
    this.code = code;
    this.status = row.status;
    this.remedy = remedy;
    if (details.entity !== undefined) this.entity = details.entity;
    if (details.field !== undefined) this.field = details.field;
    if (details.id !== undefined) this.id = details.id;
    if (details.issues !== undefined) this.issues = details.issues;
    if (details.flushId !== undefined) this.flushId = details.flushId;
    this.#conflicts = details.conflicts;
  }

  /**
   * Of a ConcurrentModification what both sides say of each field: `original`, `yours`, `theirs`. Stored values, which
   * logs and answers therefore do not show: it is a getter, and no field of the body.
   */
  get details(): readonly ConflictDetail[] {
    return this.#conflicts?.() ?? [];
  }
}

/** Is this an error of the library, and (when `code` is given) of that row? */
export function isCowError(error: unknown, code?: ErrorCode): error is CowError {
  return error instanceof CowError && (code === undefined || error.code === code);
}
