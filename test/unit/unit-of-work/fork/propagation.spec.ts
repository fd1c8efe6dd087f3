import { describe, expect, it } from '@jest/globals';
import { Transactional, UnitOfWork, type TransactionalOptions } from '../../../../lib/index.js';
import { currentScope } from '../../../../lib/unit-of-work/context.js';

const unitOfWork = new UnitOfWork();

function method(propagation: NonNullable<TransactionalOptions['propagation']>, fn: () => unknown = currentScope) {
  class Service {
    @Transactional({ propagation })
    run(): unknown {
      return fn();
    }
  }
  return async () => new Service().run();
}

const inside = (fn: () => Promise<unknown>) =>
  unitOfWork.run(async () => ({ outer: currentScope(), inner: await fn() }));

describe('@Transactional({ propagation })', () => {
  it.each([
    ['required', 'joins', 'opens'],
    ['nested', 'forks', 'opens'],
    ['new', 'opens', 'opens'],
    ['mandatory', 'joins', 'NoUnitOfWork'],
    ['supports', 'joins', 'has none'],
    ['never', 'UnexpectedUnitOfWork', 'has none'],
  ] as const)("'%s' %s inside a unit of work, and %s outside", async (propagation, within, without) => {
    const run = method(propagation);
    const found = await inside(run).then(
      ({ outer, inner }) => {
        if (inner === outer) return 'joins';
        const ending = (inner as { ending?: string }).ending;
        return ending === 'united' ? 'forks' : 'opens';
      },
      (error: { code: string }) => error.code,
    );
    expect(found).toBe(within);
    const alone = await run().then(
      (scope) => (scope === undefined ? 'has none' : 'opens'),
      (error: { code: string }) => error.code,
    );
    expect(alone).toBe(without);
  });

  it("'nested' is dropped when the method throws, and its caller goes on", async () => {
    let nested: unknown;
    await unitOfWork.run(async () => {
      const run = method('nested', () => {
        nested = currentScope();
        throw new Error('no');
      });
      await expect(run()).rejects.toThrow('no');
      expect(currentScope()?.closed).toBe(false);
    });
    expect(nested).toMatchObject({ ending: 'dropped' });
  });

  it('refuses retries where the method has no unit of work of its own', () => {
    expect(() => Transactional({ propagation: 'nested', retries: 1 })).toThrow(/retries/);
  });
});
