import { timesOf, sizeFor } from './case.mjs';
import { load } from './http-load.mjs';
import { median, quantile, spread } from './statistics.mjs';

/** Samples that are thrown away: compilers and caches warm up. */
const WARM_UP = 2;
/** Shortest time of each of them, in ms. */
const WARM_UP_MS = 500;

/**
 * Measures a case: in each round one sample of every participant, so that whatever else the machine does meets all.
 *
 * In new processes: how V8 compiles code depends on what it was used for before, so that in one process each case would
 * be measured with the habits of those before it. (JMH forks a JVM for each benchmark for the same reason.) The guard,
 * which is to be brief, does so for what takes microseconds only.
 *
 * @param {import('./case.mjs').Case} one
 * @param {import('./fleet.mjs').Fleet} fleet
 * @param {object} how
 * @param {number} how.rounds
 * @param {'full' | 'brief'} how.purpose
 * @param {readonly string[]} [how.participants] default: all that the case has
 * @param {(fraction: number) => void} [how.progress]
 */
export async function measure(one, fleet, how) {
  if (how.purpose === 'brief' && !one.isAlone) return measureIn(fleet, one, how);
  const own = fleet.another();
  try {
    return await measureIn(own, one, how);
  } finally {
    await own.end();
  }
}

async function measureIn(fleet, one, how) {
  const { purpose, participants = Object.keys(one.run), progress } = how;
  const rounds = purpose === 'full' ? Math.min(how.rounds, one.rounds ?? Infinity) : how.rounds;
  const members = [];
  const opened = [];
  const unable = {};
  for (const participant of participants) {
    const member = await fleet.member(participant);
    try {
      opened.push(await member.ask('open', { name: one.name, purpose }));
      members.push(member);
    } catch (error) {
      if (participant === 'cow') throw error;
      unable[participant] = error.message.split('\n', 1)[0]; // a peer that cannot do it is said to, and left out
      await member.ask('close');
    }
  }
  const samples = members.map(() => []);
  const warmUp = one.kind === 'bytes' || purpose === 'brief' ? 1 : WARM_UP;
  try {
    for (let round = -warmUp; round < rounds; round++) {
      for (const [index, member] of members.entries()) {
        const minimum = round >= 0 ? minimumOf(one, purpose) : WARM_UP_MS;
        const sample = await take(one, member, opened[index], minimum);
        if (round >= 0) samples[index].push(sample);
      }
      progress?.((round + 1 + warmUp) / (rounds + warmUp));
    }
  } finally {
    for (const member of members) await member.ask('close');
  }
  return {
    name: one.name,
    group: one.group,
    title: one.title,
    kind: one.kind ?? 'time',
    size: sizeFor(one, purpose),
    times: timesOf(one, sizeFor(one, purpose)),
    ...(one.bytes === undefined ? {} : { bytes: one.bytes }),
    rounds,
    figures: Object.fromEntries(members.map(({ participant }, index) => [participant, figuresOf(samples[index])])),
    ...(Object.keys(unable).length === 0 ? {} : { unable }),
  };
}

function take(one, member, opened, minimum) {
  if (one.kind === 'http') return load(opened, one.load, () => member.ask('cpu'));
  return member.ask('sample', { minimum });
}

function minimumOf({ minimum = 120 }, purpose) {
  return purpose === 'brief' ? minimum / 2 : minimum;
}

/** Medians, and the spread of each. */
function figuresOf(samples) {
  const keys = Object.keys(samples[0]);
  return Object.fromEntries(
    keys.map((key) => {
      const values = samples.map((sample) => sample[key]);
      return [
        key,
        { median: rounded(median(values)), low: rounded(quantile(values, 0.25)), spread: rounded(spread(values)) },
      ];
    }),
  );
}

/** Five digits are more than any of it means. */
const rounded = (value) => Number(value.toPrecision(5));
