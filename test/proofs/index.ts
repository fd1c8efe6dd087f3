import { forks } from './forks/forks.js';
import type { Proof } from './proof.js';
import { concurrency } from './tracking/concurrency.js';
import { tracking } from './tracking/tracking.js';

/** Every proof, as `npm run prove` lists them. */
export const proofs: readonly Proof[] = [forks, tracking, concurrency];
