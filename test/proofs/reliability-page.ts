/** A line of JSON that a proof ended with. */
export type Result = { readonly proof: string; readonly on: string; readonly failures: number } & Readonly<
  Record<string, number | string>
>;

/** What the page says of each: what was done, what came out, what it costs. */
interface Row {
  readonly proof: string;
  readonly what: (r: Result) => string;
  readonly outcome: (r: Result) => string;
}

const n = (value: number | string | undefined) => Number(value ?? NaN).toLocaleString('en-US');
const seconds = (value: number | string | undefined) => `${(Number(value) / 1000).toFixed(1)} s`;

/** Of the proofs that look for the traces of every flush. */
const traces = (r: Result) =>
  `${n(r.torn)} torn, ${n(r.lost)} lost, ${n(r.doubled)} doubled, ${n(r.falseConflicts)} applied and reported as a conflict, ` +
  `${n(r.falseRefusals)} applied and reported as not written`;
const flushes = (r: Result) =>
  `${n(r.flushes)} flushes: ${n(r.acknowledged)} acknowledged, ${n(r.refused)} refused, ${n(r.unknown)} unknown`;

const ROWS: readonly Row[] = [
  {
    proof: 'histories',
    what: (r) =>
      `${n(r.runs)} random histories of 2 to 8 units of work, by fields and by version, with unique values, keyed arrays, ` +
      `deletes and commutative fields; ${n(r.flushes)} flushes, in ${n(r.together)} histories several at the same time`,
    outcome: (r) =>
      `${n(r.failures)} that the model does not explain; ${n(r.successes)} successes, ${n(r.conflicts)} conflicts, ${n(r.duplicates)} duplicate keys`,
  },
  {
    proof: 'race',
    what: (r) => `${n(r.requests)} HTTP requests of 16 clients that read a document and write one more than they read`,
    outcome: (r) => `${n(r.lost)} lost; ${n(r.succeeded)} successes, ${n(r.conflicts)} answered by 409`,
  },
  {
    proof: 'faults',
    what: (r) =>
      `${n(r.faults)} fail points of MongoDB's driver specifications, each on a flush of one write and of several; ` +
      `${n(r.retargeted)} of them moved to commands that a flush sends; ${flushes(r)}`,
    outcome: traces,
  },
  {
    proof: 'flaky-network',
    what: (r) =>
      `connections closed by chance (p = 0.1, 4 workers), codes 112, 91 and 11602, write concern errors; ${n(r.messagesLost)} ` +
      `requests and replies lost, up to 5 in a row on each command; ${flushes(r)}`,
    outcome: traces,
  },
  {
    proof: 'partial',
    what: (r) =>
      `failure of each of the ${n(r.commands)} commands of a flush, in five ways (${n(r.cases)} cases); ${flushes(r)}`,
    outcome: (r) => `${n(r.wrong)} wrong; ${traces(r)}`,
  },
  {
    proof: 'restart',
    what: (r) => `${n(r.kills)} times kill -9 of the single node, and restart; ${flushes(r)}`,
    outcome: (r) =>
      `${traces(r)}; a flush is acknowledged ${seconds(r.recoveryMSP50)} after the kill (median; at most ${seconds(r.recoveryMSMax)})`,
  },
  {
    proof: 'failover',
    what: (r) =>
      `three nodes, the primary killed ${n(r.kills)} times, stepped down ${n(r.stepDowns)}, stopped (SIGSTOP) ${n(r.stops)} times; ${flushes(r)}`,
    outcome: (r) =>
      `${traces(r)}; first acknowledged flush after a kill ${seconds(r.killMSP50)} (median; at most ${seconds(r.killMSMax)}), ` +
      `a step-down ${seconds(r.stepDownMSP50)}, a stop ${seconds(r.stopMSP50)}`,
  },
  {
    proof: 'app-crash',
    what: (r) =>
      `${n(r.crashes)} times kill -9 of the application, ${n(r.interrupted)} flushes under way; ${flushes(r)}`,
    outcome: (r) =>
      `${traces(r)}; others wait for what it had locked ${seconds(r.blockedMSP50)} (median; at most ${seconds(r.blockedMSMax)}) ` +
      `with \`transactionLifetimeLimitSeconds: ${n(r.lifetimeSeconds)}\``,
  },
  {
    proof: 'outbox',
    what: (r) => `${n(r.kills)} times kill -9 of the relay, while ${n(r.emitted)} events of 8 entities are emitted`,
    outcome: (r) => `${n(r.missing)} not delivered, ${n(r.outOfOrder)} out of order, ${n(r.repeated)} delivered again`,
  },
  {
    proof: 'leaks',
    what: (r) => `${n(r.requests)} requests that open pooled sockets, read and write`,
    outcome: (r) =>
      `${n(r.live)} units of work alive afterwards; the heap changes by ${n(r.bytesPerRequest)} bytes a request`,
  },
  {
    proof: 'hostile',
    what: (r) => `${n(r.inputs)} fuzzed filters, operands, ids, DTOs, paths and pipelines; ${n(r.refused)} refused`,
    outcome: (r) =>
      `${n(r.crashes)} crashes, ${n(r.polluted)} pollutions, ${n(r.through)} operators through, ${n(r.slow)} above 50 ms ` +
      `(slowest ${n(r.slowestMS)} ms)`,
  },
];

/** @throws Error when a proof has no result */
export function renderReliability(results: readonly Result[]): string {
  const rows = ROWS.map((row) => {
    const result = results.find(({ proof }) => proof === row.proof);
    if (result === undefined) throw new Error(`There is no result of the proof "${row.proof}".`);
    return `| \`${row.proof}\` | ${row.what(result)} | ${row.outcome(result)} | ${result.seed} |`;
  });
  const on = [...new Set(results.map((result) => result.on))].join('; ');
  return [
    ...HEAD,
    '| proof | what was done | what came out | seed |',
    '| ----- | ------------- | ------------- | ---- |',
    ...rows,
    '',
    `On ${on}.`,
    '',
    ...TAIL,
  ].join('\n');
}

const HEAD = [
  '# Reliability',
  '',
  'A flush is all or nothing, and its outcome is known, or reported as unknown (`FlushOutcomeUnknown`). These proofs try to',
  'show otherwise. Every flush leaves a token in all that it writes, so that afterwards each is found once, not at all, or in',
  'part; and what was found is held against what the application was told.',
  '',
  '- **torn**: applied in part. **lost**: acknowledged, and not applied. **doubled**: applied more than once.',
  '- **refused**: an error that says that nothing was written (`StoreUnavailable`, `WriteRefused`). **unknown**: nobody could tell.',
  '',
  'Run one by `npm run prove -- <name> [--runs N] [--seed S]`; `npm run prove:short` runs short versions, as CI does. This page',
  'is written by `npm run docs:reliability` from `test/proofs/results/`; a test fails when it is out of date.',
  '',
];

const TAIL = [
  '## What to set',
  '',
  '- **How fast a lost primary is noticed** is up to the driver and the replica set. The proof of failover uses',
  '  `heartbeatFrequencyMS: 1000, connectTimeoutMS: 2000, socketTimeoutMS: 10000, serverSelectionTimeoutMS: 5000` and',
  '  `electionTimeoutMillis: 1000`. With the defaults (10 s each) expect ten times as long; a host that hangs without closing',
  '  its connections is noticed after half a minute.',
  '- **An outlier.** An earlier run of `failover` (seed 20261121) lost and tore nothing either, but once took 130 s until a flush',
  '  was acknowledged, with 3 refused and 1 unknown meanwhile. Why is not known; it has not come again.',
  '- **An application that is killed in mid flush** leaves its transaction open on the server, and what that wrote locked, for',
  '  `transactionLifetimeLimitSeconds` (default: 60). Set it to a few seconds where that is too long.',
  '- **`flushTimeoutMS`** (default: 20,000) bounds a flush; a request is answered at most a second later. Past it the answer is',
  '  `StoreUnavailable` when nothing can have been written, else `FlushOutcomeUnknown`.',
  '- **Read concern**: classes with `@Version()` are read by a majority. For others, pass `readConcernLevel: majority` to the',
  '  client where reads of a primary that has just lost its place matter; guards then compare with what stays.',
  '',
];
