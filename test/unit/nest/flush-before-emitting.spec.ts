import { describe, expect, it } from '@jest/globals';
import type { Observable } from 'rxjs';
import { from, NEVER, of, Subject, throwError } from 'rxjs';
import { flushBeforeEmitting } from '../../../lib/nest/flush-before-emitting.js';
import { currentScope } from '../../../lib/unit-of-work/context.js';
import { Lifecycle } from '../../../lib/unit-of-work/lifecycle.js';
import { until } from '../../support/until.js';

/** Runs a source and notes the order of what happens. */
function observed(source: () => Observable<unknown>, values: 'hold' | 'stream', failure?: Error) {
  const events: unknown[] = [];
  class Noting extends Lifecycle {
    override async commit() {
      events.push(currentScope() === this.scope ? 'flush' : 'flush elsewhere');
      await new Promise(setImmediate);
      if (failure) throw failure;
    }
    override async discard() {
      events.push('discard');
      await super.discard();
    }
    override close() {
      events.push('close');
      super.close();
    }
  }
  const lifecycle = new Noting();
  let done: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (done = resolve));
  const subscription = flushBeforeEmitting(lifecycle, source, {
    close: () => lifecycle.close(),
    values,
    mapError: (error) => `mapped ${String(error)}`,
  }).subscribe({
    next: (value) => events.push(value),
    error: (error) => (events.push(error), done()),
    complete: () => (events.push('end'), done()),
  });
  return { events, ended, subscription, lifecycle };
}

describe.each(['hold', 'stream'] as const)('values: %s', (values) => {
  it('a promise is answered after the flush', async () => {
    const { events, ended } = observed(() => from(Promise.resolve(1)), values);
    await ended;
    expect(events).toEqual(['flush', 'close', 1, 'end']);
  });

  it('an error flushes nothing', async () => {
    const { events, ended } = observed(() => throwError(() => new Error('no')), values);
    await ended;
    expect(events).toEqual(['discard', 'close', 'mapped Error: no']);
  });

  it('a flush that fails becomes the answer, and no value is', async () => {
    const { events, ended } = observed(() => of(1), values, new Error('conflict'));
    await ended;
    expect(events).toEqual(['flush', 'discard', 'close', 'mapped Error: conflict']);
  });

  it('a teardown flushes nothing', async () => {
    const { events, subscription, lifecycle } = observed(() => NEVER, values);
    subscription.unsubscribe();
    await until(() => events.length === 2);
    expect(events).toEqual(['discard', 'close']);
    expect(lifecycle.scope.closed).toBe(true);
  });

  it('a teardown during the flush lets it end', async () => {
    const { events, subscription } = observed(() => of(1), values);
    subscription.unsubscribe();
    await until(() => events.length === 2);
    expect(events).toEqual(['flush', 'close']);
  });

  it('runs the source and the flush inside, wherever the source is driven from', async () => {
    const subject = new Subject<unknown>();
    let scope: unknown;
    const { events, ended, lifecycle } = observed(() => {
      scope = currentScope();
      return subject;
    }, values);
    subject.complete();
    await ended;
    expect(scope).toBe(lifecycle.scope);
    expect(events).toEqual(['flush', 'close', 'end']);
    expect(currentScope()).toBeUndefined();
  });
});

const later = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

async function* three() {
  for (const value of [1, 2, 3]) {
    yield value;
    await later();
  }
}

it('held values wait for the one flush', async () => {
  const { events, ended } = observed(() => from(three()), 'hold');
  await ended;
  expect(events).toEqual(['flush', 'close', 1, 2, 3, 'end']);
});

it('streamed values do not', async () => {
  const { events, ended } = observed(() => from(three()), 'stream');
  await ended;
  expect(events).toEqual([1, 2, 3, 'flush', 'close', 'end']);
});
