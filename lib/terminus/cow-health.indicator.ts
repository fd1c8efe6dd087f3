import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { Document } from 'mongodb';
import { getConnectionToken } from '../nest/tokens.js';
import type { Connection } from '../unit-of-work/connection.js';
import { PoolWatch } from './pool-watch.js';

/** Options of `CowHealthIndicator.isHealthy()`. */
export interface CowHealthOptions {
  /** Default: the connection without a name. */
  connectionName?: string;
  /** How long the primary may take to answer, in ms. Default: 2000. */
  timeout?: number;
  /** How many operations may wait for a connection of the pool before it counts as down. Default: any number. */
  maxWaiting?: number;
}

/**
 * Is the database there to be written? It asks the primary, says which replica set it leads, and how busy the pool is.
 *
 * @example
 * \@Module({ imports: [TerminusModule], providers: [CowHealthIndicator], controllers: [HealthController] })
 * export class HealthModule {}
 *
 * \@Get() \@HealthCheck()
 * check() {
 *   return this.health.check([() => this.mongodb.isHealthy('mongodb')]);
 * }
 */
@Injectable()
export class CowHealthIndicator implements OnModuleInit {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** The pool of the default connection is followed from the start on. */
  onModuleInit(): void {
    try {
      PoolWatch.of(this.connection().client);
    } catch {
      // An application may have named connections only: theirs are followed from the first check on.
    }
  }

  /**
   * @param key under which the result stands in the answer
   * @returns up with `replicaSet`, `primary` and `pool`; down with a `message` besides
   */
  async isHealthy<const Key extends string>(
    key: Key,
    options: CowHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const session = this.indicators.check(key);
    const { client } = this.connection(options.connectionName);
    const watch = PoolWatch.of(client);
    const pool = watch.figures; // before the check itself takes a connection
    const { timeout = 2_000, maxWaiting = Infinity } = options;
    try {
      const hello = await within(timeout, client.db('admin').command({ hello: 1 }, { readPreference: 'primary' }));
      const server = describe(hello);
      if (server.message !== undefined) return session.down({ ...server, pool });
      if (pool.waiting > maxWaiting) {
        return session.down({ ...server, pool, message: `${pool.waiting} operations wait for a connection` });
      }
      return session.up({ ...server, pool });
    } catch (error) {
      return session.down({ message: error instanceof Error ? error.message : String(error), pool });
    }
  }

  private connection(name?: string): Connection {
    return this.moduleRef.get<Connection>(getConnectionToken(name), { strict: false });
  }
}

/** What the answering server says of itself. */
function describe(hello: Document): { replicaSet?: string; primary?: string; message?: string } {
  if (hello.msg === 'isdbgrid') return { primary: 'mongos' };
  const { setName, me, isWritablePrimary } = hello as { setName?: string; me?: string; isWritablePrimary?: boolean };
  return {
    ...(setName !== undefined && { replicaSet: setName }),
    ...(me !== undefined && { primary: me }),
    ...(isWritablePrimary !== true && { message: 'no primary answers' }),
  };
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the primary did not answer in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => undefined); // the driver gives up later
  }
}
