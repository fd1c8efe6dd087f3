import { CowError, type ErrorIssue } from '../errors/index.js';

/** What both sides of a union changed, each in another way. Values are copies. */
export interface UnionConflict {
  /** Class name. */
  readonly entity: string;
  readonly id: string;
  /** Dotted path of property names; empty for the whole document: an edit against a removal, two inserts of one id. */
  readonly path: string;
  /** The value that both began with; undefined where there was none. */
  readonly original: unknown;
  /** The receiver's value. */
  readonly ours: unknown;
  /** The value of the unit of work that is united with it. */
  readonly theirs: unknown;
}

/** What becomes of conflicts: an error (default), one side's value, or the value that the function answers. */
export type OnConflict = 'error' | 'ours' | 'theirs' | ((conflict: UnionConflict) => unknown);

/** Both sides of a union changed the same: see `conflicts`. Neither side was altered. */
export class ForkConflictError extends CowError {
  /** Each conflict, with its values. Not enumerable: values stay out of logs. */
  declare readonly conflicts: readonly UnionConflict[];

  constructor(conflicts: readonly UnionConflict[], other: string) {
    const issues = conflicts.map(({ entity, id, path }): ErrorIssue => {
      const what = path === '' ? 'as a whole' : path;
      return { entity, id, ...(path === '' ? {} : { field: path }), message: `${entity} ${id} (${what})` };
    });
    super('ForkConflict', { option: other, issues });
    Object.defineProperty(this, 'conflicts', { value: conflicts, enumerable: false });
  }
}
