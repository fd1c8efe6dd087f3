import { readFileSync } from 'node:fs';
import { digestOf } from '../../../bench/tracking-rows/measure.mjs';
import { groups, rows, type Group, type Row } from '../../../bench/tracking-rows/rows.mjs';
import { BSON_CLASSES, type RowResult, type Statement } from './run-rows.js';
import { guardsInWords, pathsInWords, updateInWords } from './words.js';

export const PAGE = new URL('../../../docs/tracking.md', import.meta.url);
const PEERS = new URL('../../../bench/tracking-rows/peers.json', import.meta.url);
const MANIFEST = new URL('../../../bench/package.json', import.meta.url);
const ORDER = new URL('../../../bench/tracking-rows/order.mjs', import.meta.url);

const NAMES = ['Mongoose', 'MikroORM'] as const;

interface Peers {
  readonly measured: string;
  readonly node: string;
  readonly server: string;
  readonly packages: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, { readonly digest: string } & Readonly<Record<PeerName, PeerResult>>>>;
}

type PeerName = (typeof NAMES)[number];

type PeerResult =
  | 'cannot express'
  | { readonly outcome: RowResult['outcome']; readonly reads: number; readonly sent: readonly Statement[] };

const MARKS: Record<RowResult['outcome'], string> = {
  same: '✓',
  lost: '✗ lost',
  ignored: '✗ ignored',
  different: '✗ other',
  'undeclared removed': '✓ but `legacy` removed',
  refused: 'throws',
};

/** What bench/ has measured. */
export function readPeers(): Peers {
  return JSON.parse(readFileSync(PEERS, 'utf8')) as Peers;
}

/** The rows whose measurements are missing or of another row. */
export function outdatedRows({ rows: measured }: Peers): string[] {
  const titles = new Set(rows.map(({ title }) => title));
  return [
    ...rows.filter((row) => measured[row.title]?.digest !== digestOf(row, BSON_CLASSES)).map(({ title }) => title),
    ...Object.keys(measured).filter((title) => !titles.has(title)),
  ];
}

/** The packages that bench/ pins in another version than was measured. */
export function outdatedPackages({ packages }: Peers): string[] {
  const { dependencies } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { dependencies: Record<string, string> };
  return Object.keys(packages).filter((name) => packages[name] !== dependencies[name]);
}

/** The text of docs/tracking.md. */
export function pageOf(results: ReadonlyMap<Row, RowResult>, peers: Peers): string {
  return `${[
    introduction(peers),
    summary(results, peers),
    ...groups.map((group) => section(group, results, peers)),
  ].join('\n\n')}\n`;
}

function introduction({ measured, node, server, packages }: Peers): string {
  return `# What a mutation becomes

${rows.length} mutations, and what each of them sends. Nothing here is written by hand: a test runs every row on a real server, and
fails when this page says something else (\`npm run docs:tracking\` writes it anew). Mongoose ${packages.mongoose} and MikroORM ${packages['@mikro-orm/core']}
ran the same code on the same documents (\`npm run tracking-rows\` in \`bench/\`; ${measured}, MongoDB ${server}, Node ${node}).

- **sends**: the update, without its filter. \`$[e0]\` is the element that an array filter finds by its key. Numbered updates
  are the ordered ones of one transaction. Long values are left out.
- **guarded by**: what must be in the database as it was loaded; else nothing is written, and the flush is a
  \`ConcurrentModification\`. An _element_ is the only one with its key. _(read)_: it is read and compared in the transaction
  that writes; else it is part of the update's filter.
- **Mongoose**, **MikroORM**: the operators and paths. Where one has no Map or no Set, the row does the same to an object or
  an array. _if \`__v\`_: the filter asks for the version that Mongoose counts for arrays. After it stands what became of the row:
  - ✓ the database holds what the entity shows, and that is what the code means;
  - ✓ but \`legacy\` removed: a field that the schema does not declare is gone from an object that stayed;
  - ✗ lost: the entity shows a change that the database does not have;
  - ✗ ignored: neither shows the change;
  - ✗ other: both show something else than the code means;
  - throws: an error, and nothing was written.

For nestjs-cow the test requires ✓ in each row, or the error that is named; that a new unit of work loads what the entity
showed; and that a second flush sends nothing.

Each row begins with this order. No schema declares \`legacy\`; another program wrote it.

\`\`\`js
${storedOrder()}
\`\`\``;
}

/** The document as order.mjs has it. */
function storedOrder(): string {
  const source = readFileSync(ORDER, 'utf8');
  const lines = /\n {2}return \{\n(.*?)\n {2}\};\n/s.exec(source)![1]!.split('\n');
  return ['const order = {', ...lines.map((line) => line.slice(2)), '};'].join('\n');
}

function summary(results: ReadonlyMap<Row, RowResult>, peers: Peers): string {
  const own = [...results.values()].map(({ outcome, sent, error }) => ({ outcome, sent, error }));
  const ofPeer = (name: PeerName) =>
    rows.map((row) => peers.rows[row.title]![name]).filter((result) => result !== 'cannot express');
  const columns = [own, ...NAMES.map(ofPeer)];
  const count = (label: string, outcomes: readonly string[]) =>
    line([
      label,
      ...columns.map((column) => String(column.filter(({ outcome }) => outcomes.includes(outcome)).length)),
    ]);
  const idle = groups.find(({ name }) => name === 'Nothing, net')!.rows;
  const needless = [results, ...NAMES].map((one) =>
    idle.filter((row) => {
      const result = typeof one === 'string' ? peers.rows[row.title]![one] : one.get(row)!;
      return result !== 'cannot express' && result.sent.length > 0;
    }),
  );
  return table(
    ['', 'nestjs-cow', ...NAMES],
    [
      line(['rows', ...columns.map(({ length }) => String(length))]),
      count('✓ memory and database agree', ['same']),
      count('✓ but `legacy` removed', ['undeclared removed']),
      count('✗ lost, ignored or other', ['lost', 'ignored', 'different']),
      count('an error, nothing written', ['refused']),
      line([`writes where nothing changed (of ${idle.length})`, ...needless.map(({ length }) => String(length))]),
    ],
  );
}

function section({ name, about, rows: own }: Group, results: ReadonlyMap<Row, RowResult>, peers: Peers): string {
  const lines = own.map((row) => {
    const result = results.get(row)!;
    return line([
      row.note === '' ? `\`${row.code}\`` : `\`${row.code}\` (${row.note})`,
      sends(result),
      guardedBy(result),
      ...NAMES.map((peer) => peerCell(peers.rows[row.title]![peer])),
    ]);
  });
  return `## ${name}\n\n${about}\n\n${table(['mutation', 'sends', 'guarded by', ...NAMES], lines)}`;
}

function sends({ error, sent }: RowResult): string {
  if (error !== undefined) return `nothing: \`${error}\``;
  if (sent.length === 0) return 'nothing';
  const updates = sent.map(updateInWords);
  return updates.length === 1 ? updates[0]! : updates.map((update, index) => `${index + 1}. ${update}`).join('<br>');
}

function guardedBy({ sent, guards, isTransaction }: RowResult): string {
  if (sent.length === 0) return '';
  if (guards.length === 0) return 'nothing: it commutes';
  return `${guardsInWords(guards)}${isTransaction ? ' (read)' : ''}`;
}

function peerCell(result: PeerResult): string {
  if (result === 'cannot express') return '–';
  const updates = result.sent.map(pathsInWords).join('<br>');
  const sent = updates || (result.reads > 0 ? 'nothing, but a `find`' : 'nothing');
  return `${sent} ${MARKS[result.outcome]}`;
}

/** Not aligned: a row that changes then changes no other line. */
function table(head: readonly string[], lines: readonly string[]): string {
  return ['<!-- prettier-ignore -->', line(head), `|${' --- |'.repeat(head.length)}`, ...lines].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
