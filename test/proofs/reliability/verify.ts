import type { Db, Document, ObjectId } from 'mongodb';

/** What a flush was told to have become. */
export type Outcome = 'acknowledged' | 'unknown' | 'conflict' | 'refused';

/** The kinds of flush: three of one write each, and one of several. */
export const KINDS = ['update', 'insert', 'delete', 'several'] as const;
export type Kind = (typeof KINDS)[number];

/** One flush that was tried: what it concerns, so that its traces can be looked for. */
export interface Try {
  readonly token: string;
  readonly kind: Kind;
  readonly ledgers: readonly ObjectId[];
  /** The entry that it inserts. */
  readonly inserts?: ObjectId;
  /** The entry that it deletes. */
  readonly deletes?: ObjectId;
  outcome: Outcome;
  /** For messages. */
  error?: string;
}

/** What the database says of the flushes that were tried. */
export class Verdict {
  acknowledged = 0;
  unknown = 0;
  conflicts = 0;
  refused = 0;
  /** Applied in part. */
  torn = 0;
  /** Acknowledged, and not applied. */
  lost = 0;
  /** Applied more than once. */
  doubled = 0;
  /** Applied, and reported as a conflict. */
  falseConflicts = 0;
  /** Applied, and reported as not written. */
  falseRefusals = 0;

  get failures(): number {
    return this.torn + this.lost + this.doubled + this.falseConflicts + this.falseRefusals;
  }

  figures() {
    const { failures, acknowledged, unknown, conflicts, refused, torn, lost, doubled } = this;
    const { falseConflicts, falseRefusals } = this;
    const flushes = acknowledged + unknown + conflicts + refused;
    return {
      failures,
      flushes,
      acknowledged,
      unknown,
      conflicts,
      refused,
      torn,
      lost,
      doubled,
      falseConflicts,
      falseRefusals,
    };
  }
}

/**
 * Looks for the traces of every flush: tokens in the logs of ledgers, entries that are there or gone.
 *
 * @param db of a client that no fault hits
 */
export async function verify(db: Db, tries: readonly Try[], report: (text: string) => void): Promise<Verdict> {
  const verdict = new Verdict();
  const logs = new Map<string, Map<string, number>>();
  for await (const ledger of db.collection('ledgers').find()) {
    const log = ledger.log as string[];
    const times = new Map<string, number>();
    for (const token of log) times.set(token, (times.get(token) ?? 0) + 1);
    logs.set(String(ledger._id), times);
    if (ledger.count !== log.length || ledger.total !== log.length) {
      verdict.torn++;
      report(`ledger ${String(ledger._id)}: count ${ledger.count}, total ${ledger.total}, ${log.length} in its log`);
    }
  }
  const entries = new Set<string>();
  for await (const entry of db.collection('entries').find()) entries.add(String(entry._id));
  let several = 0;
  for (const one of tries) {
    const traces = [
      ...one.ledgers.map((id) => logs.get(String(id))?.get(one.token) ?? 0),
      ...(one.inserts === undefined ? [] : [entries.has(String(one.inserts)) ? 1 : 0]),
      ...(one.deletes === undefined ? [] : [entries.has(String(one.deletes)) ? 0 : 1]),
    ];
    const wrong = judge(verdict, one, traces);
    if (wrong !== undefined)
      report(`${one.token} (${one.kind}), ${one.outcome}, is ${wrong}: [${traces.join()}] ${one.error ?? ''}`);
    if (one.kind === 'several' && traces.every((times) => times > 0)) several++;
  }
  const counters = (await db.collection('counters').find().toArray()) as Document[];
  const total = counters.reduce((sum, { total }) => sum + Number(total), 0);
  if (total !== several) {
    verdict.doubled++;
    report(`${several} flushes of several writes were applied, and the counter says ${total}`);
  }
  return verdict;
}

function judge(verdict: Verdict, { outcome }: Try, traces: readonly number[]): string | undefined {
  const isApplied = traces.every((times) => times > 0);
  const isAbsent = traces.every((times) => times === 0);
  const count = {
    acknowledged: 'acknowledged',
    unknown: 'unknown',
    conflict: 'conflicts',
    refused: 'refused',
  } as const;
  verdict[count[outcome]]++;
  if (traces.some((times) => times > 1)) return (verdict.doubled++, 'applied more than once');
  if (!isApplied && !isAbsent) return (verdict.torn++, 'applied in part');
  if (outcome === 'acknowledged' && isAbsent) return (verdict.lost++, 'lost');
  if (outcome === 'conflict' && isApplied) return (verdict.falseConflicts++, 'applied');
  if (outcome === 'refused' && isApplied) return (verdict.falseRefusals++, 'applied');
  return undefined;
}
