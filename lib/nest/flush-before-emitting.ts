import { Observable } from 'rxjs';
import type { Lifecycle } from '../unit-of-work/lifecycle.js';
import { within } from './within.js';

/** What becomes of a unit of work around an observable. */
export interface Ending {
  /** Writes what changed, or refuses to; default: `lifecycle.commit()`. */
  readonly commit?: () => Promise<void>;
  /** Ends the unit of work, for who does that here. */
  readonly close: () => void;
  /**
   * `'hold'`: everything waits for the flush. `'stream'`: values pass through, but one that is followed by the end at
   * once, as a promise's is, waits.
   */
  readonly values: 'hold' | 'stream';
  /** Makes of an error what is thrown. */
  readonly mapError: (error: unknown) => unknown;
}

/**
 * Runs the source in a unit of work, flushes when it completes, and emits its values after that. When it fails, or is
 * torn down before its end, nothing is sent.
 */
export function flushBeforeEmitting(
  lifecycle: Lifecycle,
  source: () => Observable<unknown>,
  { close, values, mapError, commit = () => lifecycle.commit() }: Ending,
): Observable<unknown> {
  return new Observable<unknown>((subscriber) => {
    const held: unknown[] = [];
    let isOver = false;
    const emit = () => {
      for (const value of held.splice(0)) subscriber.next(value);
    };
    const discard = async () => {
      await within(lifecycle, () => lifecycle.discard());
      close();
    };
    const fail = async (error: unknown) => {
      await discard();
      subscriber.error(mapError(error));
    };
    const succeed = async () => {
      try {
        await within(lifecycle, commit);
      } catch (error) {
        await fail(error);
        return;
      }
      close();
      emit();
      subscriber.complete();
    };
    const subscription = within(lifecycle, () =>
      source().subscribe({
        next(value) {
          if (values === 'stream') {
            emit();
            queueMicrotask(() => {
              if (!isOver) emit();
            });
          }
          held.push(value);
        },
        error(error: unknown) {
          isOver = true;
          void fail(error);
        },
        complete() {
          isOver = true;
          void succeed();
        },
      }),
    );
    return () => {
      subscription.unsubscribe();
      if (isOver) return; // a flush under way goes on
      isOver = true;
      void discard();
    };
  });
}
