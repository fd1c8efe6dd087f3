import { BSON, type CommandStartedEvent, type Document } from 'mongodb';

/** A command as the driver sent it: told by its command monitoring, not by the library. */
export interface SeenCommand {
  readonly name: string;
  /** As extended JSON: ObjectIds and dates are recognisable. */
  readonly command: Document;
  /** Of the whole command, in BSON. */
  readonly bytes: number;
  /** Which write of which session it belongs to: all of one flush share it. */
  readonly transaction: string | undefined;
  outcome: 'sent' | 'succeeded' | 'failed';
}

export const WRITING: readonly string[] = ['insert', 'update', 'delete', 'bulkWrite', 'findAndModify'];

/** A copy: what becomes of the objects later is nothing to it. */
export function seenCommand({ commandName, command }: CommandStartedEvent): SeenCommand {
  const bson = BSON.serialize(command);
  return {
    name: commandName,
    command: extendedJson(bson),
    bytes: bson.length,
    transaction: transactionOf(command),
    outcome: 'sent',
  };
}

/** By way of BSON, since parts of a command are bytes already. */
export function extendedJson(bson: Uint8Array): Document {
  return BSON.EJSON.serialize(BSON.deserialize(bson), { relaxed: true });
}

function transactionOf({ lsid, txnNumber }: Document): string | undefined {
  if (txnNumber === undefined) return undefined;
  return `${BSON.EJSON.stringify(lsid)} ${String(txnNumber)}`;
}
