import { BSON } from 'mongodb';
import type { CommittedWrite, FlushEvent } from '../../lib/index.js';

/** One command that was committed, in a form that can be sent to a browser. */
export interface CommittedCommand extends Omit<CommittedWrite, 'command'> {
  /** As extended JSON: ObjectIds and dates are recognisable. */
  readonly command: object;
}

/** A committed flush. */
export interface Commit extends Omit<FlushEvent, 'writes'> {
  readonly at: string;
  readonly writes: readonly CommittedCommand[];
}

export function commitOf({ writes, ...flush }: FlushEvent): Commit {
  return {
    ...flush,
    at: new Date().toISOString(),
    writes: writes.map((write) => ({ ...write, command: extendedJson(write.command) })),
  };
}

/** By way of BSON, since parts of a command are bytes already. */
function extendedJson(command: BSON.Document): object {
  return BSON.EJSON.serialize(BSON.deserialize(BSON.serialize(command)), { relaxed: true });
}
