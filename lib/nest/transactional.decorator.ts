import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { from, isObservable, lastValueFrom, toArray } from 'rxjs';
import { CowError, isCowError } from '../errors/index.js';
import { backoff } from '../flush/transaction.js';
import { currentScope, requireScope } from '../unit-of-work/context.js';
import { runForked } from '../unit-of-work/fork.js';
import { runInNew } from '../unit-of-work/lifecycle.js';
import type { ScopeOptions } from '../unit-of-work/scope.js';
import { signalRetry } from '../unit-of-work/signals.js';
import { HANDLER_FLUSH } from './handler-kind.js';
import { suggestionFor } from './suggestion.js';

/** Options of `@Transactional()`. */
export interface TransactionalOptions {
  /**
   * What the method does with the current unit of work:
   * - `'required'` (default): joins it; it flushes at its end. Opens one where there is none.
   * - `'nested'`: runs in a fork of it, united when the method returns and dropped when it throws: a savepoint. Opens
   *   one where there is none.
   * - `'new'`: always opens one of its own, flushed when the method returns, whatever becomes of the current one.
   * - `'mandatory'`: joins it; an error where there is none.
   * - `'supports'`: joins it; runs without where there is none.
   * - `'never'`: runs without; an error where there is one.
   */
  propagation?: 'required' | 'nested' | 'new' | 'mandatory' | 'supports' | 'never';
  /**
   * How often to run the method again after a ConcurrentModification, each time in a fresh unit of work. With it the
   * method always has its own, so load what it changes inside of it. Not with the propagations that open none. Default:
   * never.
   */
  retries?: number;
  /**
   * `'manual'`: a unit of work that is opened here is written by `unitOfWork.flush()` only. Above the handler of a
   * request it says so of the request's. Default: `'auto'`.
   */
  flush?: ScopeOptions['flush'];
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Gives a method of any provider a unit of work: flushed when it returns, dropped when it throws. Jobs, listeners and
 * consumers have none by themselves. It stands above or below `@Cron()`, `@OnEvent()`, `@Get()` and the like. Where
 * it opens a unit of work the method answers a promise.
 *
 * @example
 * \@Transactional({ retries: 5 })
 * async place(dto: OrderDto) { … }
 */
export function Transactional(options: TransactionalOptions = {}): MethodDecorator {
  checkTransactional(options);
  const isOwn = options.propagation === 'new' || options.retries !== undefined;
  return ((target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<Method>) => {
    const original = descriptor.value;
    if (typeof original !== 'function') {
      throw new CowError('InvalidOption', {
        option: '@Transactional()',
        reason: `${String(key)} is no method`,
        expected: 'Put it above a method.',
      });
    }
    const owner = typeof target === 'function' ? target.name : target.constructor.name;
    const scope: ScopeOptions = { label: `${owner}.${String(key)}`, flush: options.flush ?? 'auto' };
    descriptor.value = imitate(original, function (...args) {
      const current = currentScope();
      if (!isOwn && current !== undefined) {
        if (options.propagation === 'never') throw new CowError('UnexpectedUnitOfWork', { option: scope.label ?? '' });
        if (options.propagation !== 'nested') return original.apply(this, args);
        return runForked(current, () => settled(original.apply(this, args)));
      }
      if (options.propagation === 'mandatory') requireScope(`${scope.label}() (propagation: 'mandatory')`);
      if (options.propagation === 'supports' || options.propagation === 'never') return original.apply(this, args);
      return runAgain(options.retries ?? 0, scope.label, () =>
        runInNew(scope, () => settled(original.apply(this, args))),
      );
    });
    if (options.flush !== undefined) Reflect.defineMetadata(HANDLER_FLUSH, options.flush, descriptor.value);
    return descriptor;
  }) as MethodDecorator;
}

/** Runs `fn`, again after a conflict, up to `retries` times. */
async function runAgain<T>(retries: number, label: string | undefined, fn: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await fn();
    } catch (error) {
      if (attempt >= retries || !isCowError(error, 'ConcurrentModification')) throw error;
      signalRetry({ of: 'transactional', label, attempt: attempt + 1, error });
    }
    await sleep(backoff(attempt));
  }
}

/** An observable has to end inside of the unit of work: its values are collected. */
async function settled(result: unknown): Promise<unknown> {
  const value = await result;
  return isObservable(value) ? from(await lastValueFrom(value.pipe(toArray()))) : value;
}

/** Gives the wrapper what other decorators and Nest look for on the method. */
function imitate(original: Method, wrapper: Method): Method {
  for (const name of ['name', 'length'] as const) {
    Object.defineProperty(wrapper, name, { value: original[name], configurable: true });
  }
  for (const key of Reflect.getOwnMetadataKeys(original) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, original), wrapper);
  }
  return wrapper;
}

/** Propagations that may open a unit of work of their own, and so can run again. */
const OPENING = ['required', 'new'];

const VALUES: Readonly<Record<string, readonly string[]>> = {
  propagation: ['required', 'nested', 'new', 'mandatory', 'supports', 'never'],
  flush: ['auto', 'manual'],
};

/** @throws InvalidOption */
function checkTransactional(options: TransactionalOptions): void {
  const { propagation, retries } = options;
  if (retries !== undefined && propagation !== undefined && VALUES.propagation?.includes(propagation)) {
    if (!OPENING.includes(propagation)) {
      throw invalid(
        'retries',
        `with propagation '${propagation}' the method has no unit of work of its own`,
        'Leave out one of the two.',
      );
    }
  }
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (option === 'retries') {
      if (Number.isSafeInteger(value) && Number(value) >= 0) continue;
      throw invalid(option, 'it is no whole number of 0 or more', 'Give the number of further tries.');
    }
    const values = VALUES[option];
    if (values === undefined) {
      const meant = suggestionFor(option, [...Object.keys(VALUES), 'retries']);
      throw invalid(
        option,
        '@Transactional() knows no such option',
        meant === undefined ? 'Options are propagation, retries and flush.' : `Did you mean "${meant}"?`,
      );
    }
    if (!values.includes(value as string)) {
      const names = values.map((name) => `'${name}'`).join(' or ');
      throw invalid(option, `@Transactional() expects ${names}`, `Give ${names}.`);
    }
  }
}

function invalid(option: string, reason: string, expected: string): CowError {
  return new CowError('InvalidOption', { option, reason, expected });
}
