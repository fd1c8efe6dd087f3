import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cases } from '../../bench/harness/cases.mjs';
import { Participant } from '../../bench/harness/participant.mjs';
import { TARGETS } from '../../bench/report/targets.mjs';
import { testDatabase } from '../support/mongo.js';

const database = testDatabase();
let cow: Participant;

beforeAll(async () => {
  cow = await Participant.open('cow', { uri: database.uri, database: database.name });
});

afterAll(async () => {
  await cow.end();
  await database.drop();
});

describe('the benchmark', () => {
  it('has at least 30 cases, by name', () => {
    const names = cases.map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(30);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has a case for every target', () => {
    const names = new Set(cases.map(({ name }) => name));
    expect(TARGETS.map((target) => target.case).filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('ours of each case does what is asked for', () => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    await cow.prepare(one, 'tiny'); // throws unless the answer and the database are right
    await cow.close();
  });
});

it('is noticed when it does something else', async () => {
  const one = cases.find(({ name }) => name === 'find-two-fields')!;
  const wrong = { ...one, run: { cow: () => () => 0 } };
  await expect(cow.prepare(wrong, 'tiny')).rejects.toThrow(/find-two-fields: it answers 0/);
  await cow.close();
});
