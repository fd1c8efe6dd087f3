/**
 * The one table of errors: for each code the HTTP status, what happened and what to do.
 *
 * Texts name the class, the field or the option. They never contain stored values, since they reach clients.
 */

/** Where an error happened; a row takes what its texts need from it. */
export interface ErrorDetails {
  /** Class name of the entity or embedded class. */
  entity?: string;
  /** Property name, dotted for nested ones. */
  field?: string;
  /** Option, parameter or method that was given. */
  option?: string;
  /** Id of the document, as text. */
  id?: string;
  /** What was given, in a few words. */
  given?: string;
  /** What would have been right, in a few words. */
  expected?: string;
  /** Anything else that the row's text needs, as a sentence. */
  reason?: string;
  /** Several findings: fields, constraints, conflicts. */
  issues?: readonly ErrorIssue[];
  /** Names the flush in logs and answers. */
  flushId?: string;
  /** What both sides of a conflict say: made when it is asked for. */
  conflicts?: () => readonly ConflictDetail[];
}

/** A field, or a list, that a flush and someone else changed. The values are as they are stored. */
export interface ConflictDetail {
  readonly entity: string;
  readonly id: string;
  readonly field: string;
  /** What was loaded. */
  readonly original: unknown;
  /** What the flush would have written. */
  readonly yours: unknown;
  /** What the database holds. */
  readonly theirs: unknown;
}

/** One finding of an error that reports several. */
export interface ErrorIssue {
  readonly entity?: string;
  readonly id?: string;
  readonly field?: string;
  readonly message: string;
  /** Violated constraints by name, from class-validator. */
  readonly constraints?: Readonly<Record<string, string>>;
}

interface ErrorRow {
  readonly status: number;
  readonly what: (d: ErrorDetails) => string;
  readonly remedy: (d: ErrorDetails) => string;
}

const place = (d: ErrorDetails) => (d.field ? `${d.entity ?? 'value'}.${d.field}` : (d.entity ?? 'value'));
/** A reason may be another's sentence, which brings its own full stop. */
const because = (d: ErrorDetails) => (d.reason ? `: ${d.reason.replace(/\.+$/, '')}` : '');

export const ERROR_TABLE = {
  // Mapping: mistakes in the classes, found at start.
  InvalidMapping: {
    status: 500,
    what: (d) => `${place(d)}: ${d.reason ?? 'the mapping is wrong'}.`,
    remedy: (d) => d.expected ?? 'Correct the decorators of this class.',
  },
  NotAnEntity: {
    status: 500,
    what: (d) => `${d.entity ?? 'The class'} is no entity.`,
    remedy: (d) => d.expected ?? 'Put @Entity() above the class, and give forFeature() and repositories that class.',
  },
  InvalidOption: {
    status: 500,
    what: (d) => `The option "${d.option ?? '?'}" cannot be used${because(d)}.`,
    remedy: (d) => d.expected ?? 'Correct the options given.',
  },
  // Start.
  ConnectionFailed: {
    status: 503,
    what: (d) => `No connection to ${d.option ?? 'the database'}${because(d)}.`,
    remedy: (d) => d.expected ?? 'Check that the server runs and that its address is right.',
  },
  IndexNotCreated: {
    status: 500,
    what: (d) => `${d.entity ?? 'The entity'}: the index ${d.option ?? '?'} cannot be created${because(d)}.`,
    remedy: (d) => d.expected ?? "See the cause of this error, which is the server's own.",
  },
  // Values.
  InvalidValue: {
    status: 400,
    what: (d) =>
      `${place(d)}: ${d.reason ?? `expected ${d.expected ?? 'another value'}, got ${d.given ?? 'this one'}`}.`,
    remedy: (d) => `Give ${d.expected ?? 'a value of the declared type'}, or change the type declared in @Prop().`,
  },
  InvalidId: {
    status: 400,
    what: (d) => `${d.given ?? 'The value'} is no valid id of ${d.entity ?? 'this entity'}.`,
    remedy: (d) => `Give ${d.expected ?? 'an id of the declared type'}.`,
  },
  UnsafeInteger: {
    status: 500,
    what: (d) => `${place(d)} holds a 64-bit integer beyond ±2^53, which a JavaScript number cannot hold exactly.`,
    remedy: () => 'Declare the field as bigint (or Long).',
  },
  ValidationFailed: {
    status: 400,
    what: (d) =>
      `Nothing was sent, since ${(d.issues ?? []).map((issue) => issue.message).join('; ') || 'validation failed'}.`,
    remedy: () => 'Correct the named fields and flush again, or roll back.',
  },
  FieldNotLoaded: {
    status: 500,
    what: (d) => `${place(d)} was not loaded by the projection that read this ${d.entity ?? 'entity'}.`,
    remedy: () => 'Name the field in the projection, or load the entity whole.',
  },
  ReadOnlyViolation: {
    status: 500,
    what: (d) => `${place(d)} cannot be written: ${d.reason ?? 'it is read-only'}.`,
    remedy: (d) => d.expected ?? 'Remove the write, or what made this read-only.',
  },
  ImmutableField: {
    status: 500,
    what: (d) => `${place(d)} cannot be changed: ${d.reason ?? 'it belongs to the library'}.`,
    remedy: (d) => d.expected ?? 'Leave the field alone.',
  },
  // Queries.
  InvalidQuery: {
    status: 400,
    what: (d) => `${place(d)}: ${d.reason ?? 'the query is wrong'}.`,
    remedy: (d) => d.expected ?? 'Correct the filter.',
  },
  EntityNotFound: {
    status: 404,
    what: (d) => `No ${d.entity ?? 'entity'} ${d.id === undefined ? 'matches' : `with the id ${d.id} exists`}.`,
    remedy: () => 'Check the id or the filter; findById() and findOne() answer null instead of this error.',
  },
  // Unit of work.
  NoUnitOfWork: {
    status: 500,
    what: (d) => `${d.option ?? 'A repository'} was used outside any unit of work.`,
    remedy: () =>
      'Call it in a request (forRoot() installs the interceptor), in a method with @Transactional(), or inside ' +
      'unitOfWork.run(async () => { … }).',
  },
  UnitOfWorkClosed: {
    status: 500,
    what: (d) => `The unit of work has ended${d.entity ? `, and ${place(d)} with it` : ''}.`,
    remedy: () =>
      'Await everything that uses it before the handler returns; for later work open another by unitOfWork.run().',
  },
  UnexpectedUnitOfWork: {
    status: 500,
    what: (d) => `${d.option ?? 'The method'} must run outside any unit of work (propagation: 'never').`,
    remedy: () => 'Call it before the unit of work begins, or give it another propagation.',
  },
  UnitOfWorkFailed: {
    status: 500,
    what: () => 'An earlier flush of this unit of work failed; its changes are still here and still readable.',
    remedy: () => 'Call unitOfWork.rollback(), then load, change and flush again (or use @Transactional({ retries })).',
  },
  ForeignEntity: {
    status: 500,
    what: (d) => `This ${d.entity ?? 'object'} ${d.reason ?? 'does not belong to this unit of work'}.`,
    remedy: (d) => d.expected ?? 'Load it in this unit of work, or add() it when it was made with new.',
  },
  UnsafeResponse: {
    status: 500,
    what: (d) =>
      `${d.option ?? 'The handler'} ${d.reason ?? 'answers by itself'}, so that a failed flush cannot reach its client` +
      `${d.given ? `; ${d.given}` : ''}.`,
    remedy: () =>
      'Return the answer instead, or call unitOfWork.flush() before answering and say so by ' +
      "@Transactional({ flush: 'manual' }); put @ReadOnly() above what only reads.",
  },
  NotStandalone: {
    status: 500,
    what: (d) => `${d.option ?? 'This'} is for a standalone StateTracker, and this one belongs to a unit of work.`,
    remedy: () => 'Call unitOfWork.flush() to commit the changes, or unitOfWork.rollback() to drop them.',
  },
  PendingChanges: {
    status: 500,
    what: (d) =>
      `${d.option ?? 'This method'} writes at once, and ${d.entity ?? 'the class'} has uncommitted changes in this unit of work.`,
    remedy: () => 'Flush before, or pass { flushFirst: true }.',
  },
  // Forks.
  ForkClosed: {
    status: 500,
    what: (d) =>
      `The fork "${d.option ?? '?'}" was ${d.reason ?? 'closed'}${d.entity ? `, and ${place(d)} with it` : ''}.`,
    remedy: () => 'Work with the unit of work that it was united with, or fork again.',
  },
  ForkedWrite: {
    status: 500,
    what: (d) =>
      `${d.option ?? 'This method'} writes to the server, and was called inside the fork "${d.reason ?? '?'}".`,
    remedy: () =>
      'Unite the fork, and call it outside: the flush of the outermost unit of work writes what a fork did.',
  },
  ForkConflict: {
    status: 409,
    what: (d) =>
      `The fork "${d.option ?? '?'}" cannot be united, since both sides changed the same: ` +
      `${(d.issues ?? []).map((issue) => issue.message).join('; ')}. Neither was altered.`,
    remedy: () => "Decide by union(fork, { onConflict: 'ours' | 'theirs' | (conflict) => value }), or drop the fork.",
  },
  ForeignFork: {
    status: 500,
    what: (d) =>
      `${d.option ?? 'The unit of work'} ${d.reason ?? 'is of another fork tree'}${d.field ? ` (${place(d)})` : ''}.`,
    remedy: (d) => d.expected ?? 'Only forks of one unit of work can be united, each once, and dropped.',
  },
  // Flush.
  ConcurrentModification: {
    status: 409,
    what: (d) =>
      `${d.entity ?? 'The entity'}${d.id ? ` ${d.id}` : ''} was changed by someone else since it was read` +
      `${d.field ? ` (${d.field})` : ''}. Nothing was written.`,
    remedy: () => 'Load it again, apply the change again and send it again; @Transactional({ retries }) does so.',
  },
  DuplicateKey: {
    status: 409,
    what: (d) =>
      `Another ${d.entity ?? 'document'} already has this value of ${d.field ?? 'a unique field'}` +
      `${d.option ? ` (index ${d.option})` : ''}. Nothing was written.`,
    remedy: () => 'Use another value, or load and change the document that has it.',
  },
  FlushOutcomeUnknown: {
    status: 503,
    what: (d) =>
      `The connection was lost while flush ${d.flushId ?? '?'} was sent, and its outcome could not be learnt.`,
    remedy: () => 'Read the entity again before repeating the change: it may have been written.',
  },
  HalfFlushed: {
    status: 500,
    what: (d) =>
      `Flush ${d.flushId ?? '?'} failed after a part of it was written: ${(d.issues ?? []).map((issue) => issue.message).join('; ')}.`,
    remedy: () =>
      "See the cause. Only a replica set makes a flush of several documents atomic: atomicity is 'single-document'.",
  },
  StoreUnavailable: {
    status: 503,
    what: () => 'The database could not be reached in time. Nothing was written.',
    remedy: () => 'Try again; when it lasts, look at the health of the replica set.',
  },
  PlanTooLarge: {
    status: 413,
    what: (d) => `${place(d)} is too large to be stored${because(d)}. Nothing was sent.`,
    remedy: () => 'Store less in one document, or flush in smaller parts.',
  },
  CrossConnectionFlush: {
    status: 500,
    what: (d) => `This unit of work changed entities of two clients (${d.given ?? ''}). Nothing was sent.`,
    remedy: () => 'No transaction spans two clients: flush the changes of one before those of the other are made.',
  },
  TransactionsUnsupported: {
    status: 500,
    what: (d) => `${d.option ?? 'The server'} is a standalone server, which has no transactions.`,
    remedy: () =>
      'Start it as a replica set (one node is enough: mongod --replSet rs0, then rs.initiate()), or accept flushes ' +
      "that are atomic per document only by forRoot({ atomicity: 'single-document' }).",
  },
  WriteRefused: {
    status: 500,
    what: (d) => `The server refused the write of ${d.entity ?? 'an entity'}${because(d)}. Nothing was written.`,
    remedy: () => 'See the cause of this error, which is the server’s own.',
  },
} as const satisfies Record<string, ErrorRow>;

/** Code of an error, a row of the table in `docs/errors.md`. */
export type ErrorCode = keyof typeof ERROR_TABLE;
