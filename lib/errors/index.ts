export { CowError, isCowError } from './cow-error.js';
export { ERROR_TABLE, type ConflictDetail, type ErrorCode, type ErrorDetails, type ErrorIssue } from './error-table.js';
