import type { MongoClient } from 'mongodb';

/** How busy the connection pools of a client are. */
export interface PoolFigures {
  /** Connections that an operation has at this moment. */
  readonly inUse: number;
  /** Operations that wait for a connection. */
  readonly waiting: number;
  /** Most connections that a server's pool may have. */
  readonly limit: number;
}

interface PoolEvent {
  readonly address: string;
  readonly connectionId?: unknown;
}

/** Follows the pool events of a client: the driver answers no figures itself. */
export class PoolWatch {
  private static readonly known = new WeakMap<MongoClient, PoolWatch>();
  private readonly taken = new Set<string>();
  private waiting = 0;

  private constructor(private readonly client: MongoClient) {
    const name = ({ address, connectionId }: PoolEvent) => `${address} ${String(connectionId)}`;
    const served = () => (this.waiting = Math.max(0, this.waiting - 1)); // some may have begun before us
    client.on('connectionCheckOutStarted', () => (this.waiting += 1));
    client.on('connectionCheckOutFailed', served);
    client.on('connectionCheckedOut', (event) => {
      served();
      this.taken.add(name(event));
    });
    client.on('connectionCheckedIn', (event) => this.taken.delete(name(event)));
    client.on('connectionClosed', (event) => this.taken.delete(name(event)));
  }

  /** The one of a client. */
  static of(client: MongoClient): PoolWatch {
    let watch = this.known.get(client);
    if (watch === undefined) {
      watch = new PoolWatch(client);
      this.known.set(client, watch);
    }
    return watch;
  }

  get figures(): PoolFigures {
    return { inUse: this.taken.size, waiting: this.waiting, limit: this.client.options.maxPoolSize };
  }
}
