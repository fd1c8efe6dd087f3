import { CHANGES, changedNames, SHAPES, TRACKERS } from '../support/trackers.mjs';

/** Changes fields of a record; to another value in each round. */
function change({ set }, tracker, value) {
  for (const name of changedNames) set(tracker, name, value);
}

/**
 * The operations. `prepare` makes what one needs, and is not measured; `run` answers what it must (`expected`).
 */
const OPERATIONS = {
  init: {
    title: 'begin to track',
    prepare: (tracker, record) => record,
    run: (tracker, record) => (tracker.track(record) === undefined ? 0 : 1),
    expected: 1,
  },
  change: {
    title: 'begin to track, change 5 fields',
    prepare: (tracker, record) => record,
    run(tracker, record) {
      change(tracker, tracker.track(record), 'changed');
      return 1;
    },
    expected: 1,
  },
  modified: {
    title: 'is anything modified? Nothing is',
    prepare: (tracker, record) => tracker.track(record),
    run: (tracker, tracked) => Number(tracker.isModified(tracked)),
    expected: 0,
  },
  diff: {
    title: 'the differences, 5 fields changed',
    prepare(tracker, record) {
      const tracked = tracker.track(record);
      change(tracker, tracked, 'changed');
      return tracked;
    },
    run: (tracker, tracked) => tracker.diff(tracked),
    expected: CHANGES,
  },
  rollback: {
    title: 'roll back 5 changes',
    prepare(tracker, record) {
      const tracked = tracker.track(record);
      change(tracker, tracked, 'changed');
      return tracked;
    },
    run(tracker, tracked) {
      tracker.rollback(tracked);
      return 1;
    },
    expected: 1,
  },
};

/** Records a run: as many as one batch of calls needs, each call has its own. */
const timesFor = (fields) => Math.max(50, Math.ceil(20_000 / fields));

const runner = (operation, shape) => (make) => async () => {
  const tracker = await make();
  const count = timesFor(shape.fields);
  const records = Array.from({ length: count }, shape.make);
  return {
    before: () => records.map((record) => operation.prepare(tracker, { ...record })),
    run(prepared) {
      let sum = 0;
      const start = performance.now();
      for (let at = 0; at < count; at++) sum += operation.run(tracker, prepared[at]);
      return { elapsed: performance.now() - start, value: sum / count };
    },
  };
};

export default Object.entries(OPERATIONS).flatMap(([name, operation]) =>
  SHAPES.map((shape) => ({
    name: `tracker-${name}-${shape.name}`,
    title: `${operation.title}: ${shape.title}`,
    times: timesFor(shape.fields),
    minimum: 40,
    run: Object.fromEntries(
      Object.entries(TRACKERS).map(([participant, make]) => [participant, runner(operation, shape)(make)]),
    ),
    expected: () => operation.expected,
  })),
);
