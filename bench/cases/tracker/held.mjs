import { flatRecord } from '../../data/wide.mjs';

/** Many enough that what is made once, whatever the number, does not show. @param {number} fields */
const countOf = (fields) => 800_000 / fields;

/** @param {number} fields */
function records(fields) {
  // Texts of their own in each: shared ones would cost a copy nothing. And copies themselves: what was made by names,
  // one after the other, is a dictionary to V8 and twice as large, and a copy of it is not.
  return Array.from({ length: countOf(fields) }, (_, at) =>
    structuredClone(
      Object.fromEntries(Object.entries(flatRecord(fields)).map(([name, value]) => [name, `${value}${at}`])),
    ),
  );
}

const trackers = {
  async cow() {
    const { StateTracker } = await import('nestjs-cow/tracking');
    return (record, changed) => {
      const tracker = new StateTracker(record);
      for (const name of changed) tracker.set(name, 'changed');
      return tracker;
    };
  },
  'structured-clone': () => (record, changed) => {
    const original = structuredClone(record);
    for (const name of changed) record[name] = 'changed';
    return { record, original };
  },
};

/** What trackers hold beyond the records (`withRecord`: and the records). */
const holding = (fields, changed, withRecord) => (make) => async () => {
  const track = await make();
  const given = withRecord ? undefined : records(fields);
  return {
    run: () => (given ?? records(fields)).map((record) => track(record, changed)),
  };
};

const cases = [
  {
    name: 'tracker-held-100',
    title: 'bytes to track 2 changed of 100 fields',
    fields: 100,
    run: holding(100, ['field1', 'field2'], false),
  },
  {
    name: 'tracker-held-1000',
    title: 'bytes of an object and its tracker, 1 changed of 1,000 fields',
    fields: 1_000,
    run: holding(1_000, ['field1'], true),
  },
];

export default cases.map(({ run, fields, ...one }) => ({
  ...one,
  kind: 'bytes',
  size: countOf(fields),
  tiny: countOf(fields),
  run: Object.fromEntries(Object.entries(trackers).map(([participant, make]) => [participant, run(make)])),
}));
