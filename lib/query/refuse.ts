import { CowError } from '../errors/index.js';

/** Where in a query something stands: the entity's name and the path of property names. */
export interface QueryPlace {
  readonly entity: string;
  readonly field?: string;
}

/** Refuses a part of a query (400), with the reason and what to write instead. */
export function refuse({ entity, field }: QueryPlace, reason: string, expected: string): never {
  throw new CowError('InvalidQuery', { entity, reason, expected, ...(field === undefined ? {} : { field }) });
}
