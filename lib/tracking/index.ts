export type { Change } from './change-set.js';
export type { FieldPath, PathValue } from './field-path.js';
export { StateTracker } from './state-tracker.js';
