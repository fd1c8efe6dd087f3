import type { ExecutionContext } from '@nestjs/common';
import { tap, type Observable } from 'rxjs';
import { CowError } from '../errors/index.js';
import { entityMapOf, type ClassType } from '../mapping/index.js';
import { Managed } from '../unit-of-work/managed.js';

const warned = new Set<string>();

/** Warns, once a handler and in development, of an answer that was made with `new` and never added: it is not stored. */
export function warnUnadded(answers: Observable<unknown>, context: ExecutionContext): Observable<unknown> {
  if (process.env.NODE_ENV === 'production') return answers;
  return answers.pipe(
    tap((answer) => {
      const name = unaddedIn(Array.isArray(answer) ? (answer as unknown[])[0] : answer);
      const handler = `${context.getClass().name}.${context.getHandler().name}()`;
      if (name === undefined || warned.has(handler)) return;
      warned.add(handler);
      process.emitWarning(
        `${handler} answered a new ${name} that is in no unit of work: it is not stored. ` +
          `Make it by repository.create(data), or pass it to repository.add().`,
        { type: 'CowWarning', code: 'NOT_ADDED' },
      );
    }),
  );
}

/** The class of an entity that no unit of work knows. What was only read has an id; a new one gets it when it is added. */
function unaddedIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Managed.of(value) !== undefined) return undefined;
  const type = value.constructor as unknown;
  if (typeof type !== 'function' || type === Object) return undefined;
  try {
    const { id, name } = entityMapOf(type as ClassType);
    return (value as Record<string, unknown>)[id.property] === undefined ? name : undefined;
  } catch (error) {
    if (error instanceof CowError) return undefined; // no entity, or none that can be mapped
    throw error;
  }
}
