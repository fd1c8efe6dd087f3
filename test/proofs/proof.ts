import fc from 'fast-check';
import type { MongoClient } from 'mongodb';

/** What a proof is run with. */
export interface ProofOptions {
  readonly runs: number;
  readonly seed: number;
  /** A database of its own. */
  readonly client: MongoClient;
  readonly database: string;
  /** Starts further servers, for proofs that kill them. */
  readonly servers: Servers;
  /** Told how many runs are done. */
  readonly progress: (done: number) => void;
  /** Told of each failure, with what reproduces it. */
  readonly report: (text: string) => void;
}

/** Starts servers that end with this process. */
export interface Servers {
  /** One mongod, a replica set by itself. */
  single(options?: SingleOptions): Promise<Server>;
  /** A replica set of three. */
  replicaSet(): Promise<ReplicaSet>;
}

export interface SingleOptions {
  /** Where the data stays when it ends; it can be started there again, on the same port. */
  readonly dataDir?: string;
  readonly port?: number;
  readonly parameters?: Record<string, string | number | boolean>;
}

export interface Server {
  readonly uri: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when it ended before `stop()`. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface ReplicaSet {
  readonly uri: string;
  /** Hosts of the members, in their order. */
  readonly hosts: readonly string[];
  /** Ends a member by kill -9. */
  kill(host: string): Promise<void>;
  /** Starts it again, on its data. */
  restart(host: string): Promise<void>;
  /** Sends it a signal: SIGSTOP, SIGCONT. */
  signal(host: string, name: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
}

/** Names what was counted, and measured. */
export type Figures = { readonly failures: number } & Record<string, number>;

/** A long-running check by random input, or under random faults. */
export interface Proof {
  readonly name: string;
  /** What it shows, in one line. */
  readonly about: string;
  /** Default number of runs. */
  readonly runs: number;
  /** Runs of its short version in `npm run prove:short`; one without is run by `npm test`, through the same code. */
  readonly short?: number;
  run(options: ProofOptions): Promise<Figures>;
}

/** Random cases in batches, so that a long run needs little memory; batch k of seed s is always the same. */
export function* sampled<T>(arbitrary: fc.Arbitrary<T>, seed: number, runs: number): Generator<T> {
  for (let done = 0; done < runs; done += BATCH) {
    yield* fc.sample(arbitrary, { seed: seed + done, numRuns: Math.min(BATCH, runs - done) });
  }
}

const BATCH = 1_000;
