import { HttpException } from '@nestjs/common';
import type { CowError } from '../errors/index.js';
import { ERROR_TABLE, type ConflictDetail, type ErrorIssue } from '../errors/index.js';

/** What a client is answered. Names only: no stored value is in it. */
export interface CowErrorBody {
  readonly statusCode: number;
  readonly code: CowError['code'];
  readonly message: string;
  readonly entity?: string;
  readonly id?: string;
  readonly field?: string;
  readonly issues?: readonly ErrorIssue[];
  /** What both sides of a conflict say; with the option `conflictDetails` only, since these are stored values. */
  readonly details?: readonly ConflictDetail[];
  /** Names the flush in the log. */
  readonly flushId?: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** A library error on its way to an HTTP client; the error itself is its `cause`. */
export class CowHttpException extends HttpException {
  declare readonly cause: CowError;

  /** @param withDetails put what both sides of a conflict say into the body, stored values included */
  constructor(error: CowError, withDetails = false) {
    super({ ...bodyOf(error, withDetails) }, error.status, { cause: error });
  }

  /** Code of the library error. */
  get code(): CowError['code'] {
    return this.cause.code;
  }
}

/** The library error as an HttpException, which every exception filter knows how to answer. */
export function toHttpException(error: CowError, withDetails = false): CowHttpException {
  return new CowHttpException(error, withDetails);
}

function bodyOf(error: CowError, withDetails: boolean): CowErrorBody {
  const { code, status, entity, id, field, issues, flushId, remedy } = error;
  return {
    statusCode: status,
    code,
    message: messageOf(error),
    ...(entity !== undefined && { entity }),
    ...(id !== undefined && { id }),
    ...(field !== undefined && { field }),
    ...(issues !== undefined && { issues: issues.map(namesOnly) }),
    ...(withDetails && error.details.length > 0 && { details: error.details }),
    ...(flushId !== undefined && { flushId }),
    remedy,
  };
}

/** What happened, without the remedy. The server's own words may quote stored values, and stay in the log. */
function messageOf({ code, message, remedy, entity }: CowError): string {
  if (code === 'WriteRefused') return ERROR_TABLE.WriteRefused.what(entity === undefined ? {} : { entity });
  return message.endsWith(` ${remedy}`) ? message.slice(0, -remedy.length - 1) : message;
}

function namesOnly({ entity, id, field, message, constraints }: ErrorIssue): ErrorIssue {
  return {
    ...(entity !== undefined && { entity }),
    ...(id !== undefined && { id }),
    ...(field !== undefined && { field }),
    message,
    ...(constraints !== undefined && { constraints }),
  };
}
