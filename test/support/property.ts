import fc from 'fast-check';

/** Seed of this run's property tests: `PROPERTY_SEED` repeats an earlier run. Put it into the name of the suite. */
export const SEED = Number(process.env.PROPERTY_SEED ?? Math.floor(Math.random() * 0x7fffffff));

/** How many times the usual number of examples: `PROPERTY_FACTOR=100` searches for long. */
export const FACTOR = Number(process.env.PROPERTY_FACTOR ?? 1);

/** Checks a property on random examples; what fails is shrunk, and named with its seed and path. */
export function check<Ts>(property: fc.IProperty<Ts>, runs: number): void {
  fc.assert(property, { seed: SEED, numRuns: runs * FACTOR });
}
