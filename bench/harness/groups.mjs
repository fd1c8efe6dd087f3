/** The groups of cases, in the order of the report. */
export const GROUPS = {
  odm: 'MongoDB’s ODM Performance Benchmark 1.0',
  request: 'The request cycle',
  find: 'Find many',
  bulk: 'Bulk writes and indexed finds',
  memory: 'Bytes held',
  tracker: 'The tracker alone',
  growth: 'How it grows',
  forks: 'Forks',
};

/**
 * Groups of cases that take microseconds: each is measured in new processes. How V8 compiles such code depends on what
 * it was used for before, so that in one process each case would be measured with the habits of those before it. (JMH
 * forks a JVM for each benchmark for the same reason.)
 */
export const ALONE = new Set(['tracker', 'forks']);
