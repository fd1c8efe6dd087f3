import { CowError } from '../errors/index.js';
import { fitsFilter } from './guard-filter.js';
import { statementsOf, type Plan, type Write } from './plan.js';
import type { FlushLimits } from './transaction.js';
import { writeInTransaction } from './write-transaction.js';
import { requireGuards, writeSingle } from './write-single.js';

/** `'single-document'` is for standalone servers, which have no transactions. */
export type Atomicity = 'transaction' | 'single-document';

/**
 * Sends a plan: one write as one guarded command, several in one transaction.
 *
 * @throws ConcurrentModification when a guard did not hold, DuplicateKey, FlushOutcomeUnknown, StoreUnavailable
 */
export async function writePlan(plan: Plan, atomicity: Atomicity, limits: FlushLimits): Promise<void> {
  const [first, ...more] = plan.writes;
  if (first === undefined) return;
  const other = more.find((write) => write.target.client !== first.target.client);
  if (other !== undefined) {
    throw new CowError('CrossConnectionFlush', { given: `${first.target.map.name} and ${other.target.map.name}` });
  }
  if (atomicity === 'single-document') return writeOneByOne(plan.writes, limits);
  if (more.length === 0 && sendsAlone(first)) return writeSingle(first, limits, true);
  return writeInTransaction(plan.writes, limits);
}

/** Above this, comparing in a transaction is cheaper than a long filter. */
const MOST_GUARDS = 30;

/** A write whose guards a filter can say needs no transaction. */
function sendsAlone(write: Write): boolean {
  if (statementsOf(write) > 1 || ('guards' in write && write.guards.length > MOST_GUARDS)) return false;
  if (write.target.isCollated && 'guards' in write && write.guards.length > 0) return false;
  return !('guards' in write) || write.guards.every(fitsFilter);
}

/** Without transactions each document is atomic alone; an error says which of them were written before it. */
async function writeOneByOne(writes: readonly Write[], limits: FlushLimits): Promise<void> {
  const done: Write[] = [];
  for (const write of writes) {
    if (write.kind === 'park') continue;
    try {
      if (write.kind === 'lock') await requireGuards(write);
      else await writeSingle(write, limits, false);
    } catch (error) {
      if (done.length === 0 || !(error instanceof CowError)) throw error;
      throw new CowError(
        'HalfFlushed',
        {
          flushId: limits.flushId,
          issues: done.map(({ target, id }) => ({
            entity: target.map.name,
            id,
            message: `${target.map.name} ${id} was written`,
          })),
        },
        { cause: error },
      );
    }
    if (write.kind !== 'lock') done.push(write);
  }
}
