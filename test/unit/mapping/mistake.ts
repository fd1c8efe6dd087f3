import { isCowError, type CowError } from '../../../lib/errors/index.js';

/** The library's error that the call throws. */
export function mistake(call: () => unknown): CowError {
  try {
    call();
  } catch (error) {
    if (isCowError(error)) return error;
    throw error;
  }
  throw new Error('expected an error, got none');
}

/** A refused mapping, with all that it must name: class, field and remedy. */
export function refused(entity: string, field: string | undefined, reason: RegExp, remedy: RegExp): object {
  const named: Record<string, string> = field === undefined ? {} : { field };
  return expectLike({ ...named, code: 'InvalidMapping', entity, message: reason, remedy });
}

/** An asymmetric matcher: each property equals, or matches the pattern. */
function expectLike(wanted: Record<string, string | RegExp>): object {
  return {
    $$typeof: Symbol.for('jest.asymmetricMatcher'),
    asymmetricMatch: (given: Record<string, unknown>) =>
      Object.entries(wanted).every(([name, value]) =>
        value instanceof RegExp ? value.test(String(given[name])) : given[name] === value,
      ),
    toString: () => 'RefusedMapping',
    toAsymmetricMatcher: () =>
      Object.entries(wanted)
        .map(([name, value]) => `${name}: ${String(value)}`)
        .join(', '),
  };
}
