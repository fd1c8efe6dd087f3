export type { Change } from './change-set.js';
export { StateTracker } from './state-tracker.js';
