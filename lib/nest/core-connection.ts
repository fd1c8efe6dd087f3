import { Logger } from '@nestjs/common';
import { setCodeGeneration } from '../bson/code-generation.js';
import { Connection } from '../unit-of-work/connection.js';
import { connect } from './connect.js';
import type { ConnectionRegistry } from './connection-registry.js';
import { EntityRegistry } from './entity-registry.js';
import type { CheckedOptions } from './options.js';

/** One connection from the start of an application to its end. */
export class CoreConnection {
  private constructor(
    readonly connection: Connection,
    readonly entities: EntityRegistry,
    private readonly isOwn: boolean,
  ) {}

  /** @throws InvalidOption, ConnectionFailed, TransactionsUnsupported */
  static async open(options: CheckedOptions, registry: ConnectionRegistry): Promise<CoreConnection> {
    try {
      registry.register(options);
      return await CoreConnection.connect(options, registry);
    } catch (error) {
      await registry.abandon();
      throw error;
    }
  }

  private static async connect(options: CheckedOptions, registry: ConnectionRegistry): Promise<CoreConnection> {
    const logger = new Logger('CowModule');
    const client = await connect(options, logger);
    const { connectionName, atomicity, flushTimeoutMS, validate, rawBatches } = options;
    const { outbox } = options;
    const settings = { atomicity, flushTimeoutMS, validate, rawBatches, ...(outbox && { outbox }) };
    if (!options.codeGeneration) setCodeGeneration(false);
    const connection = new Connection(connectionName, client, client.db(options.database), settings);
    const entities = new EntityRegistry(connection, options.autoCreate, logger, () => registry.abandon());
    const core = new CoreConnection(connection, entities, options.client === undefined);
    await registry.keep(core);
    if (outbox !== undefined && options.autoCreate) await createOutbox(connection, outbox);
    return core;
  }

  /** Closes the client, unless it is another's. */
  async close(): Promise<void> {
    if (this.isOwn) await this.connection.client.close();
  }
}

/** Before it is needed: transactions that create it at the same time would conflict. */
async function createOutbox({ db }: Connection, name: string): Promise<void> {
  if ((await db.listCollections({ name }, { nameOnly: true }).toArray()).length > 0) return;
  await db.createCollection(name).catch((error: unknown) => {
    if ((error as { codeName?: unknown }).codeName !== 'NamespaceExists') throw error; // another process was faster
  });
}
