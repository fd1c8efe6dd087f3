import { channel } from 'node:diagnostics_channel';
import type { Document } from 'mongodb';
import { RawValue, decodeByDriver } from '../bson/raw-value.js';
import { commandFor, sentBytes } from '../flush/commands.js';
import type { Plan, Write } from '../flush/plan.js';

/** One committed write, as a subscriber of the channel `nestjs-cow:flush` is told. */
export interface CommittedWrite {
  readonly entity: string;
  readonly collection: string;
  readonly operation: 'insertOne' | 'updateOne' | 'deleteOne';
  readonly id: string;
  /** The statement: `{ q, u }` of an update, `{ q }` of a delete, the document of an insert. */
  readonly command: Document;
  /** Size of what changes: the update document, or the inserted document; 0 for a delete. In bytes of BSON. */
  readonly bytes: number;
  /** Size of the whole document after the write: what saving it whole would send. In bytes of BSON. */
  readonly documentBytes: number;
}

/** A committed flush. Published on the diagnostics channel `nestjs-cow:flush`. */
export interface FlushEvent {
  readonly flushId: string;
  /** What the unit of work was opened for, for example `PATCH /orders/:id`. */
  readonly label: string | undefined;
  readonly durationMS: number;
  readonly writes: readonly CommittedWrite[];
}

const flushes = channel('nestjs-cow:flush');

/** Tells the subscribers of a committed flush; costs nothing when there are none. */
export function publishFlush(
  plan: Plan,
  label: string | undefined,
  durationMS: number,
  sizesAfter: () => ReadonlyMap<Write, number>,
): void {
  if (!flushes.hasSubscribers) return;
  const sizes = sizesAfter();
  const writes = plan.writes
    .filter((write) => write.kind !== 'lock' && write.kind !== 'park')
    .map((write): CommittedWrite => {
      const { name, collection } = write.target.map;
      const common = { entity: name, collection, id: write.id, documentBytes: sizes.get(write) ?? 0 };
      if (write.kind === 'insert') {
        return { ...common, operation: 'insertOne', command: shown(write.document), bytes: write.document.length };
      }
      const command = commandFor([write], plan.writes.length === 1);
      if (write.kind === 'delete') {
        return { ...common, operation: 'deleteOne', command: (command.deletes as Document[])[0]!, bytes: 0 };
      }
      const updates = command.updates as [Document, ...Document[]];
      return { ...common, operation: 'updateOne', command: merged(updates), bytes: sentBytes(write) };
    });
  flushes.publish({ flushId: plan.flushId, label, durationMS, writes } satisfies FlushEvent);
}

function shown(document: Buffer): Document {
  return decodeByDriver(RawValue.ofDocument(document)) as Document;
}

/** Several updates of one document as one to look at: they are told apart by their operators only. */
function merged([first, ...more]: readonly [Document, ...Document[]]): Document {
  return more.length === 0 ? first : { ...first, u: [first.u, ...more.map(({ u }) => u as Document)] };
}
