import { PARTICIPANTS } from '../worlds/index.mjs';
import { GROUPS } from '../harness/groups.mjs';
import { amount, digits } from './amount.mjs';
import { markdownTable } from './markdown.mjs';
import { MISSED } from './missed.mjs';
import { TARGETS, valueOf } from './targets.mjs';

/**
 * docs/performance.md.
 *
 * @param {any} result
 */
export function performancePage(result) {
  return `${[
    '# Performance',
    INTRODUCTION,
    '![Client CPU of each participant, for some cases](performance.svg)',
    '## Targets',
    `${TARGETS_ABOUT}\n\n${targetsTable(result)}`,
    '### What is missed, and why',
    missed(result),
    '## How it is measured',
    method(result),
    '## Every figure',
    FIGURES_ABOUT,
    ...Object.entries(GROUPS).flatMap(([group, title]) => groupSection(group, title, result)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

const INTRODUCTION = `What nestjs-cow costs, beside the bare driver, Mongoose, MikroORM and TypeORM doing the same. All of this page is generated
from a result file in \`bench/results/\` (\`npm run docs:performance\`); \`npm run bench\` measures on your machine, and
\`npm run bench -- --only find-two-fields\` a single case.`;

const TARGETS_ABOUT = `How many times less ours takes, or which part of the memory it holds. _Must_ is what the project has set itself, _aim_ the
record to beat. \`npm run bench:guard\` reruns these ratios briefly and fails when one falls below its floor: three
quarters of what was recorded, and never below _must_ where that is reached with room.`;

const FIGURES_ABOUT = `_wall_ and _CPU_ are medians of one operation, ± half of the width of their middle half. CPU is that of the client process,
all of its threads. _× driver_ and _× ours_ say how many times the wall time (the bytes) of the driver, and of ours, it is.`;

/** @param {any} result */
function targetsTable({ results }) {
  const rows = TARGETS.map((target) => {
    const value = valueOf(target, results);
    const show = (one) => (one === undefined ? '' : target.asPart ? `${digits(100 / one)} %` : `${digits(one)} ×`);
    return [
      target.work,
      titleOf(target.against),
      target.metric,
      show(target.must),
      show(target.aim),
      show(value),
      verdict(target, value),
    ];
  });
  return markdownTable(['work', 'against', 'by', 'must', 'aim', 'measured', ''], rows, [3, 4, 5]);
}

function verdict({ must, aim = Infinity }, value) {
  if (value === undefined) return 'not measured';
  return value >= aim ? 'aim' : value >= must ? 'must' : 'missed';
}

const titleOf = (against) => PARTICIPANTS[against]?.title ?? `ours, \`${against}\``;

function missed({ results }) {
  const names = new Set(
    TARGETS.filter((target) => verdict(target, valueOf(target, results)) === 'missed').map((target) => target.case),
  );
  if (names.size === 0) return 'Nothing.';
  return [...names].map((name) => `- \`${name}\`: ${MISSED[name] ?? 'not explained yet.'}`).join('\n');
}

/** @param {any} result */
function method({ measured, node, server, machine, versions, results, note }) {
  const rounds = Math.max(...results.map((result) => result.rounds));
  const named = ['nestjs-cow', 'mongodb', 'mongoose', '@nestjs/mongoose', '@mikro-orm/core', 'typeorm', '@nestjs/core']
    .concat(['immer', 'mutative'])
    .map((name) => `${name} ${versions[name]}`);
  return `Measured on ${measured}: ${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.system}; Node ${node}; MongoDB ${server}
on the same machine, a replica set of one. ${named.join(', ')}.${busy(machine)}${note === undefined ? '' : `\n\n${note}`}

- **Each participant runs in a process of its own**, new for each case, of one Node, against one server, with a database
  of its own and one copy of the driver for all. None shares compiled code or memory with another, or with the case
  before: what V8 makes of code depends on what it was used for.
- **Rounds are interleaved**: in each of the ${rounds}, every participant gives one sample in turn, after two that are thrown
  away. What the machine does beside it meets all of them. A figure is the median of its samples.
- **Garbage collection is part of the price.** The heap is collected before a sample, outside of it; what is collected
  during one counts, and it is long enough for that to happen.
- **Everyone does what was asked for**: before it is measured, each participant runs the case once, and its answer or the
  database is compared with what must come out. The tests do so with ours, on every commit.
- **Peers are used as their documentation says**: a fork of MikroORM's entity manager for each unit of work, \`bulkSave\`
  and \`insertMany\` of Mongoose, \`lean()\` where nothing is written, no relation populated, no rule of validation but the
  types. Ours sends its guards; the driver's \`bulkWrite\` has none.
- **The ODM benchmark** follows its specification 1.0 with fewer operations (MB/s do not depend on their number), on
  documents of the stated shapes made by a seed; \`--data DIR\` takes the official ones. What is searched by has an index.
- **Bytes held** are heap and buffers after collection, with what was loaded still held, less those before.
- **HTTP** is a Nest application on Express for each participant, with the same controller; CPU is the server's, wall the
  time a request over all connections, beside requests a second; p99 is how long the slowest hundredth took.
- **Calls of nanoseconds** are measured in batches; a sample is the middle one. Their CPU is their time.`;
}

/** Two processes are at work at a time, and the server. */
function busy({ load = 0, cores }) {
  if (load <= cores + 1) return '';
  return `\n\n**Other work ran on the machine meanwhile** (load average ${load} on ${cores} cores): ratios of CPU hold, wall times are longer
and less certain than on a machine of one's own.`;
}

function groupSection(group, title, { results }) {
  const own = results.filter((result) => result.group === group);
  if (own.length === 0) return [];
  const extra = group === 'odm' ? 'MB/s' : own.some(({ kind }) => kind === 'http') ? 'p99' : undefined;
  const head = ['case', 'participant', 'wall', 'CPU', '× driver', '× ours', ...(extra === undefined ? [] : [extra])];
  const isMemory = own.every(({ kind }) => kind === 'bytes');
  const rows = own.flatMap((result) => caseRows(result, extra));
  const titles = own.map(({ name, title }) => `- \`${name}\`: ${title}`).join('\n');
  if (isMemory) head[2] = 'bytes';
  return [`### ${title}`, titles, markdownTable(head, rows, head.map((_, at) => at).slice(2)), unable(own)];
}

function caseRows({ name, kind, figures, bytes, size }, extra) {
  return Object.entries(figures).map(([participant, own], at) => {
    const main = own.bytes === undefined ? 'wall' : 'bytes';
    const cell = (metric) =>
      own[metric] === undefined
        ? ''
        : `${amount(metric, own[metric].median)} ± ${Math.round(own[metric].spread * 50)} %`;
    const ratio = (of) => (of === undefined ? '' : digits(own[main].median / of[main].median));
    const rate = bytes === undefined ? '' : digits((bytes * size) / 1000 / own.wall.median);
    return [
      at === 0 ? `\`${name}\`` : '',
      PARTICIPANTS[participant].title,
      kind === 'http' ? `${cell(main)}, ${digits(1000 / own.wall.median)} /s` : cell(main),
      cell('cpu'),
      ratio(figures.driver),
      ratio(figures.cow),
      ...(extra === undefined ? [] : [extra === 'MB/s' ? rate : cell('p99')]),
    ];
  });
}

function unable(results) {
  return results
    .flatMap(({ name, unable = {} }) =>
      Object.entries(unable).map(
        ([participant, why]) => `\`${name}\`: ${PARTICIPANTS[participant].title} cannot. ${why}`,
      ),
    )
    .join('\n\n');
}
