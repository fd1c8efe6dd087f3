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

/** Groups of cases that take microseconds: the guard, too, measures each of these in new processes. */
export const ALONE = new Set(['tracker', 'forks']);
