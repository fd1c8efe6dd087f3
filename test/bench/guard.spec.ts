import { afterAll, describe, expect, it } from '@jest/globals';
import { ATTEMPTS, floorOf, judge } from '../../bench/harness/check.mjs';
import { findCase } from '../../bench/harness/cases.mjs';
import { measure } from '../../bench/harness/measure.mjs';
import { valueOf } from '../../bench/report/targets.mjs';
import { testDatabase } from '../support/mongo.js';
import { InProcess } from './in-process.js';

const NAME = 'find-two-fields';
const database = testDatabase();
const cases = new Map<string, any>([[NAME, { ...findCase(NAME), brief: 300 }]]);
const fleet = new InProcess({ uri: database.uri, database: database.name }, (name) => cases.get(name));
const measured = () =>
  measure(cases.get(NAME), fleet as never, { rounds: 3, purpose: 'brief', participants: ['cow', 'driver'] });

afterAll(() => fleet.end());

/** The same operation, done that many times. */
function slowed(one: any, times: number) {
  return {
    ...one,
    run: {
      ...one.run,
      cow: (world: any, at: any) => {
        const run = one.run.cow(world, at);
        return async () => {
          for (let time = 1; time < times; time++) await run();
          return run();
        };
      },
    },
  };
}

describe('the guard', () => {
  it('sees an operation that has become slow', async () => {
    const check = { case: NAME, metric: 'cpu' as const, against: 'driver', recorded: 1, floor: 0 };
    for (let warm = 0; warm < 2; warm++) await measured(); // code that has run becomes several times faster
    const recorded = valueOf(check, [await measured()])!;
    expect(recorded).toBeGreaterThan(0);
    check.floor = recorded / 6; // a busy machine may halve it; what follows is ten times slower than this
    expect((await judge(check, measured)).holds).toBe(true);

    const fast = cases.get(NAME);
    cases.set(NAME, slowed(fast, 60));
    const verdict = await judge(check, measured);
    cases.set(NAME, fast);
    expect(verdict.values).toHaveLength(ATTEMPTS);
    expect(verdict.holds).toBe(false);
  }, 240_000);

  it('measures again before it says so', async () => {
    const result = (ours: number) => ({
      name: NAME,
      figures: { cow: { cpu: { median: ours } }, driver: { cpu: { median: 10 } } },
    });
    const values = [100, 2];
    const check = { case: NAME, metric: 'cpu' as const, against: 'driver', recorded: 5, floor: 3.75 };
    const verdict = await judge(check, () => Promise.resolve(result(values.shift()!)));
    expect(verdict).toEqual({ check, values: [0.1, 5], holds: true });
  });

  it.each([
    ['three quarters of what was recorded', 8, 10, false, 6],
    ['what must be, where that is reached with room', 5, 4, false, 4],
    ['three quarters of more', 20, 4, false, 15],
    ['not what must be, when that is hardly reached', 4.2, 4, false, 3.15],
    ['of growth, what must be', 1.4, 2 / 3, true, 0.667],
  ])('asks for %s', (_, recorded, must, isGrowth, floor) => {
    expect(floorOf(recorded, must, isGrowth)).toBe(floor);
  });
});
