// The public surface: everything else is internal.

export { CowModule } from './cow.module.js';
export {
  CowError,
  isCowError,
  type ConflictDetail,
  type ErrorCode,
  type ErrorDetails,
  type ErrorIssue,
} from './errors/index.js';
export {
  CreatedAt,
  Embedded,
  Entity,
  Id,
  Index,
  Prop,
  UpdatedAt,
  Version,
  type ClassType,
  type ConcurrencyPolicy,
  type EmbeddedOptions,
  type EntityOptions,
  type IndexDirection,
  type MergePolicy,
  type PropOptions,
  type TypeToken,
} from './mapping/index.js';
export * from './nest/index.js';
export { op, type Fields, type Filter, type FindOptions, type Sort } from './query/index.js';
export {
  Repository,
  type AssignOptions,
  type DirectWriteOptions,
  type EachUpdate,
  type EntityData,
  type EntityId,
  type ImportOptions,
  type StreamOptions,
} from './repository/index.js';
export { snapshot } from './tracking/entity-state.js';
export { StateTracker, type Change } from './tracking/index.js';
export {
  counters,
  ForkConflictError,
  Connection,
  stateOf,
  UnitOfWork,
  type BranchesOptions,
  type BranchResults,
  type CommittedWrite,
  type ConflictEvent,
  type Counters,
  type EntityChange,
  type FlushEvent,
  type LoadEvent,
  type OutboxEvent,
  type OutcomeEvent,
  type PlanEvent,
  type RetryEvent,
  type OnConflict,
  type RunOptions,
  type StoredEvent,
  type UnionConflict,
  type UnionOptions,
} from './unit-of-work/index.js';
