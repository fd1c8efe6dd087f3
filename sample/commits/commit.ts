import { BSON, type Document } from 'mongodb';
import type { CommittedWrite, FlushEvent } from '../../lib/index.js';
import type { WatchedRequest } from './command-watch.js';
import { extendedJson, WRITING, type SeenCommand } from './seen-command.js';

/** One statement and its size, in a form that can be sent to a browser. */
export interface Statement {
  /** As extended JSON: ObjectIds and dates are recognisable. */
  readonly statement: object;
  readonly bytes: number;
}

/** One write that was committed. */
export interface CommittedStatement extends Omit<CommittedWrite, 'command'> {
  readonly command: object;
  /** Of the statement, its guards included. */
  readonly statementBytes: number;
  /** What saving the whole document would have sent; absent when it could not be read. */
  readonly whole?: Statement;
}

/** A committed flush. */
export interface Commit extends Omit<FlushEvent, 'writes'> {
  readonly at: string;
  /** The request that committed; absent for jobs. */
  readonly request?: Omit<WatchedRequest, 'commands'>;
  readonly writes: readonly CommittedStatement[];
  /** What the driver sent for it, in its order: one write, or a transaction. */
  readonly commands: readonly SeenCommand[];
}

/** A request that has ended. */
export interface EndedRequest extends Omit<WatchedRequest, 'commands'> {
  readonly status: number;
  readonly durationMS: number;
  /** Names of the commands that it sent. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

export function committedStatement({ command, ...write }: CommittedWrite, stored?: Document): CommittedStatement {
  const statement = BSON.serialize(command);
  const whole = wholeStatement(write.operation, command, stored);
  return {
    ...write,
    command: extendedJson(statement),
    statementBytes: statement.length,
    ...(whole && { whole: { statement: extendedJson(whole), bytes: whole.length } }),
  };
}

/** An insert and a delete are the same either way. */
function wholeStatement(
  operation: CommittedWrite['operation'],
  command: Document,
  stored: Document | undefined,
): Uint8Array | undefined {
  if (operation !== 'updateOne') return BSON.serialize(command);
  return stored && BSON.serialize({ q: { _id: stored._id as unknown }, u: stored });
}

/** The commands of the latest flush that the request committed: an earlier try of it is none. */
export function commandsOf({ commands }: WatchedRequest): SeenCommand[] {
  const last = commands.findLast(({ name, outcome }) => outcome === 'succeeded' && WRITING.includes(name));
  return commands.filter((one) => one === last || (last?.transaction && one.transaction === last.transaction));
}

export function endedRequest({ commands, ...request }: WatchedRequest, status: number, ms: number): EndedRequest {
  const isWrite = ({ name }: SeenCommand) => WRITING.includes(name);
  return {
    ...request,
    status,
    durationMS: ms,
    reads: commands.filter((one) => !isWrite(one)).map(({ name }) => name),
    writes: commands.filter(isWrite).map(({ name }) => name),
  };
}
