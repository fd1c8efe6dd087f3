import type { CollationOptions, Hint, ReadConcernLike, ReadPreferenceLike } from 'mongodb';
import { CowError } from '../errors/index.js';
import type { Fields } from './projection.js';
import { isPlainObject } from './plain-object.js';
import { refuse } from './refuse.js';
import type { Sort } from './sort.js';

/** Options of the reading methods of a repository. */
export interface FindOptions<T> {
  /** Load these fields only; reading another of such an entity is an error. Default: all. */
  fields?: Fields<T>;
  /** Order of the result. Default: none; MongoDB then answers in any order. */
  sort?: Sort<T>;
  /** Most entities to answer. Default: no limit, which 0 also means. */
  limit?: number;
  /** Entities to leave out at the beginning of the result. Default: 0. */
  skip?: number;
  /** Do not track what is read: a change of it is an error, and memory holds less. Default: false. */
  readonly?: boolean;
  /** Give entities that are loaded already, and unchanged, what the database now has. Default: false. */
  refresh?: boolean;
  /** Flush before, so that the query sees the unit of work's own changes. Default: false. */
  flushFirst?: boolean;
  /** Validate what is read by class-validator. Default: false; what comes from the database is trusted. */
  validate?: boolean;
  /** The most documents in a batch from the server. Default: 5,000. A tracked entity keeps its batch in memory. */
  batchSize?: number;
  /** Milliseconds after which the server gives up. Default: no limit. */
  maxTimeMS?: number;
  /** Index to use: its name, or its key by stored names. Default: the server's choice. */
  hint?: Hint;
  /** Rules to compare text by. Default: the collection's. */
  collation?: CollationOptions;
  /** Members of the replica set to read from. Default: the unit of work's, else the module's. */
  readPreference?: ReadPreferenceLike;
  /** How durable what is read must be. Default: the unit of work's, else the module's. */
  readConcern?: ReadConcernLike;
  /** Shown in the server's logs and profiler. Default: none. */
  comment?: string;
}

type Check = (value: unknown) => boolean;

const isBoolean: Check = (value) => typeof value === 'boolean';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject: Check = (value) => typeof value === 'object' && value !== null;
const isTextOrObject: Check = (value) => typeof value === 'string' || isObject(value);

const COUNT: [Check, string] = [isCount, 'a whole number, 0 or more'];
const BOOLEAN: [Check, string] = [isBoolean, 'true or false'];

/** What each option may be, and how that is said. */
const OPTIONS: Record<keyof FindOptions<unknown>, [Check, string]> = {
  fields: [Array.isArray, 'an array of paths'],
  sort: [isPlainObject, "an object such as { placedAt: 'desc' }"],
  limit: COUNT,
  skip: COUNT,
  readonly: BOOLEAN,
  refresh: BOOLEAN,
  flushFirst: BOOLEAN,
  validate: BOOLEAN,
  batchSize: COUNT,
  maxTimeMS: COUNT,
  hint: [isTextOrObject, 'the name or the key of an index'],
  collation: [isObject, 'a collation such as { locale: "en" }'],
  readPreference: [isTextOrObject, 'a read preference'],
  readConcern: [isTextOrObject, 'a read concern'],
  comment: [(value) => typeof value === 'string', 'text'],
};

/**
 * Checks options as they were given. What each says is checked where it is used.
 *
 * @param entity name of the entity, for errors
 * @throws InvalidOption for an unknown one, which would be ignored
 * @throws InvalidQuery for a value that cannot be meant; it may come from a client (`?limit=-1`)
 */
export function checkFindOptions(options: unknown, entity = 'The query'): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    refuse({ entity }, 'the options are no object', 'Give for example { limit: 10 }.');
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw new CowError('InvalidOption', {
        option: name,
        reason: 'queries have no such option',
        expected: `Known are: ${Object.keys(OPTIONS).join(', ')}.`,
      });
    }
    if (value === undefined) continue; // as if it were not there: { limit: dto.limit }
    const [isValid, expected] = OPTIONS[name as keyof FindOptions<unknown>];
    if (!isValid(value)) refuse({ entity }, `the option "${name}" must be ${expected}`, `Give ${expected}.`);
  }
}
