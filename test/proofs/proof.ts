import fc from 'fast-check';
import type { MongoClient } from 'mongodb';

/** What a proof is run with. */
export interface ProofOptions {
  readonly runs: number;
  readonly seed: number;
  /** A database of its own. */
  readonly client: MongoClient;
  readonly database: string;
  /** Told how many runs are done. */
  readonly progress: (done: number) => void;
  /** Told of each failure, with what reproduces it. */
  readonly report: (text: string) => void;
}

/** A long-running check by random input; `npm test` runs a short version through the same code. */
export interface Proof {
  readonly name: string;
  /** What it shows, in one line. */
  readonly about: string;
  /** Default number of runs. */
  readonly runs: number;
  run(options: ProofOptions): Promise<{ readonly failures: number } & Record<string, number>>;
}

/** Random cases in batches, so that a long run needs little memory; batch k of seed s is always the same. */
export function* sampled<T>(arbitrary: fc.Arbitrary<T>, seed: number, runs: number): Generator<T> {
  for (let done = 0; done < runs; done += BATCH) {
    yield* fc.sample(arbitrary, { seed: seed + done, numRuns: Math.min(BATCH, runs - done) });
  }
}

const BATCH = 1_000;
