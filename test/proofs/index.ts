import { bson } from './bson/bson.js';
import { forks } from './forks/forks.js';
import { histories } from './histories/histories.js';
import type { Proof } from './proof.js';
import { appCrash } from './reliability/app-crash.js';
import { failover } from './reliability/failover.js';
import { faults } from './reliability/faults.js';
import { flakyNetwork } from './reliability/flaky-network.js';
import { hostile } from './reliability/hostile.js';
import { leaks } from './reliability/leaks.js';
import { outbox } from './reliability/outbox.js';
import { partial } from './reliability/partial.js';
import { race } from './reliability/race.js';
import { restart } from './reliability/restart.js';
import { concurrency } from './tracking/concurrency.js';
import { tracking } from './tracking/tracking.js';

/** Every proof, as `npm run prove` lists them. */
export const proofs: readonly Proof[] = [
  ...[bson, forks, tracking, concurrency],
  ...[histories, race, faults, flakyNetwork, partial, restart, failover, appCrash, outbox, leaks, hostile],
];
