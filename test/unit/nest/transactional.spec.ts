import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Get, SetMetadata } from '@nestjs/common';
import { firstValueFrom, Observable, toArray } from 'rxjs';
import { backoff } from '../../../lib/flush/transaction.js';
import { CowError, ReadOnly, Transactional, UnitOfWork, type TransactionalOptions } from '../../../lib/index.js';
import { READ_ONLY } from '../../../lib/nest/read-only.decorator.js';
import { currentScope } from '../../../lib/unit-of-work/context.js';
import type { Scope } from '../../../lib/unit-of-work/scope.js';

const unitOfWork = new UnitOfWork();
/** What a method answers, which is a promise where it opens a unit of work. */
const answered = (value: unknown): Promise<unknown> => Promise.resolve(value);
const conflict = () => new CowError('ConcurrentModification', { entity: 'Order' });

class Jobs {
  runs: (Scope | undefined)[] = [];

  @Transactional()
  @SetMetadata('schedule', 'below')
  above(_a: number, _b: number) {
    this.runs.push(currentScope());
    return this.runs.length;
  }

  @SetMetadata('schedule', 'above')
  @Transactional()
  below() {
    this.runs.push(currentScope());
  }

  @Transactional({ propagation: 'new' })
  alone() {
    this.runs.push(currentScope());
  }

  @Transactional({ retries: 3 })
  async again(failures: number) {
    this.runs.push(currentScope());
    if (this.runs.length <= failures) throw conflict();
    return this.runs.length;
  }

  @Transactional({ retries: 3 })
  async fails() {
    this.runs.push(currentScope());
    throw new Error('not a conflict');
  }

  @Transactional({ flush: 'manual' })
  manual() {
    this.runs.push(currentScope());
  }

  @Transactional()
  observable(): Observable<Scope | undefined> {
    return new Observable((to) => {
      to.next(currentScope());
      to.next(currentScope());
      to.complete();
    });
  }

  @Transactional()
  static atClass() {
    return currentScope()?.options.label;
  }
}

describe('@Transactional()', () => {
  it('opens a unit of work where there is none', async () => {
    const jobs = new Jobs();
    expect(await answered(jobs.above(1, 2))).toBe(1);
    expect(jobs.runs[0]?.options).toEqual({ label: 'Jobs.above', flush: 'auto' });
    expect(jobs.runs[0]?.closed).toBe(true);
    expect(await answered(Jobs.atClass())).toBe('Jobs.atClass');
  });

  it('joins the current one, and answers as the method does', async () => {
    const jobs = new Jobs();
    await unitOfWork.run(() => {
      expect(jobs.above(1, 2)).toBe(1);
      expect(jobs.runs[0]).toBe(currentScope());
    });
  });

  it.each(['alone', 'again'] as const)('%s() has one of its own', async (method) => {
    const jobs = new Jobs();
    await unitOfWork.run(async () => {
      await answered(jobs[method](0));
      expect(jobs.runs[0]).toBeDefined();
      expect(jobs.runs[0]).not.toBe(currentScope());
      expect(currentScope()?.closed).toBe(false);
    });
  });

  it('leaves the flush to the method where that is asked for', async () => {
    const jobs = new Jobs();
    await answered(jobs.manual());
    expect(jobs.runs[0]?.options.flush).toBe('manual');
  });

  it('runs the method again after a conflict, each time in a fresh unit of work', async () => {
    const jobs = new Jobs();
    expect(await jobs.again(3)).toBe(4);
    expect(new Set(jobs.runs).size).toBe(4);
    expect(jobs.runs.every((scope) => scope?.closed)).toBe(true);
  });

  it('gives up after that many tries, and at once for other errors', async () => {
    const jobs = new Jobs();
    await expect(jobs.again(9)).rejects.toMatchObject({ code: 'ConcurrentModification' });
    expect(jobs.runs).toHaveLength(4);
    const others = new Jobs();
    await expect(others.fails()).rejects.toThrow('not a conflict');
    expect(others.runs).toHaveLength(1);
  });

  it('waits between tries for a random time, which grows up to a bound', () => {
    const waits = (attempt: number) => Array.from({ length: 200 }, () => backoff(attempt));
    const most = [0, 3, 6, 60].map((attempt) => Math.max(...waits(attempt)));
    expect(most).toEqual([...most].sort((a, b) => a - b));
    expect(most.at(-1)).toBeLessThanOrEqual(500);
    expect(Math.min(...waits(60))).toBeLessThan(250); // no two that met wait for the same time
  });

  it('lets an observable end inside', async () => {
    const jobs = new Jobs();
    const result = (await answered(jobs.observable())) as Observable<Scope | undefined>;
    const [first, second] = await firstValueFrom(result.pipe(toArray()));
    expect(first).toBeDefined();
    expect(second).toBe(first);
  });

  it('stands above or below other decorators', () => {
    const { above, below } = Jobs.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    expect(Reflect.getMetadata('schedule', above!)).toBe('below');
    expect(Reflect.getMetadata('schedule', below!)).toBe('above');
    expect(above).toHaveLength(2);
    expect(above).toHaveProperty('name', 'above');
    class Controller {
      @Transactional() @Get('a') a() {}
      @Get('b') @Transactional() b() {}
    }
    const { a, b } = Controller.prototype;
    expect([a, b].map((handler) => Reflect.getMetadata('path', handler))).toEqual(['a', 'b']);
  });

  it.each([
    [{ propagation: 'sometimes' }, '"propagation"'],
    [{ retries: -1 }, '"retries"'],
    [{ retries: 1.5 }, '"retries"'],
    [{ flush: 'never' }, '"flush"'],
    [{ retry: 2 }, 'Did you mean "retries"?'],
    [{ isolation: 'x' }, '"isolation"'],
  ])('%j is refused', (options, text) => {
    expect(() => Transactional(options as TransactionalOptions)).toThrow(text);
  });

  it('is for methods', () => {
    const decorate = Transactional() as (target: object, key: string, descriptor: object) => void;
    expect(() => decorate(class {}.prototype, 'total', { get: () => 1 })).toThrow(/total is no method/);
  });
});

it('@ReadOnly() marks a handler or a controller', () => {
  @ReadOnly()
  class Reports {
    @ReadOnly(false) write() {}
  }
  expect(Reflect.getMetadata(READ_ONLY, Reports)).toBe(true);
  expect(Reflect.getMetadata(READ_ONLY, Reports.prototype.write)).toBe(false);
});
