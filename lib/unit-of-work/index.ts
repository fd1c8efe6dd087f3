export { Connection, type ConnectionSettings } from './connection.js';
export type { BranchResults, BranchesOptions } from './branches.js';
export type { CommittedWrite, FlushEvent } from './events.js';
export {
  counters,
  type ConflictEvent,
  type Counters,
  type LoadEvent,
  type OutcomeEvent,
  type PlanEvent,
  type RetryEvent,
} from './signals.js';
export type { OutboxEvent, StoredEvent } from './outbox.js';
export { stateOf } from './state-of.js';
export type { UnionOptions } from './union.js';
export { ForkConflictError, type OnConflict, type UnionConflict } from './union-conflict.js';
export { UnitOfWork, type EntityChange, type RunOptions } from './unit-of-work.js';
