import { CowError } from '../../../lib/errors/index.js';

/** The library's error that a call throws. */
export function thrownBy(call: () => unknown): CowError {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    if (error instanceof CowError) return error;
    throw error;
  }
  throw new Error(`nothing was thrown, but ${JSON.stringify(result)} answered`);
}
