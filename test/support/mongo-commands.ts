import { BSON, type CommandStartedEvent, type Document, type MongoClient } from 'mongodb';

export interface ObservedCommand {
  readonly name: string;
  readonly database: string;
  /** As it was sent: a copy, which later changes of the objects that were passed to the driver do not reach. */
  readonly command: Document;
  /** Its BSON, for tests that tell an int from a double or count bytes. */
  readonly bson: Uint8Array;
  /** Undefined until the server has answered. */
  outcome?: 'succeeded' | 'failed';
  reply?: Document;
  failure?: Error;
}

export interface ObservedCommands {
  /** All commands since the start or the last `clear()`, in the order of sending. */
  all(): ObservedCommand[];
  /** Those that can change data, with what makes it so: commitTransaction is one, abortTransaction is not. */
  writes(): ObservedCommand[];
  named(...names: string[]): ObservedCommand[];
  clear(): void;
  stop(): void;
}

const WRITES = ['insert', 'update', 'delete', 'bulkWrite', 'findAndModify', 'commitTransaction'];

/** Records what a client sends. The client needs the option `monitorCommands: true`. */
export function observeCommands(client: MongoClient): ObservedCommands {
  if (!client.options.monitorCommands) {
    throw new Error('Commands can be observed on a client made with { monitorCommands: true } only.');
  }
  let observed: ObservedCommand[] = [];
  const open = new Map<number, ObservedCommand>();
  const ignoreUndefined = client.bsonOptions.ignoreUndefined ?? false; // as the driver serialises

  const started = (event: CommandStartedEvent) => {
    const bson = BSON.serialize(event.command, { ignoreUndefined });
    const { commandName: name, databaseName: database } = event;
    const entry: ObservedCommand = { name, database, command: BSON.deserialize(bson), bson };
    observed.push(entry);
    open.set(event.requestId, entry);
  };
  const ended = (event: { requestId: number; reply?: unknown; failure?: Error }) => {
    const entry = open.get(event.requestId);
    open.delete(event.requestId);
    if (!entry) return;
    entry.outcome = event.failure ? 'failed' : 'succeeded';
    if (event.failure) entry.failure = event.failure;
    else entry.reply = event.reply as Document;
  };
  client.on('commandStarted', started).on('commandSucceeded', ended).on('commandFailed', ended);

  const named = (...names: string[]) => observed.filter(({ name }) => names.includes(name));
  return {
    all: () => [...observed],
    writes: () => named(...WRITES),
    named,
    clear: () => {
      observed = [];
      open.clear();
    },
    stop: () => void client.off('commandStarted', started).off('commandSucceeded', ended).off('commandFailed', ended),
  };
}
