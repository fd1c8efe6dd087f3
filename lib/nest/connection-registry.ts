import { CowError } from '../errors/index.js';
import { DEFAULT_CONNECTION, type CheckedOptions, type FlushMode } from './options.js';

/** What all connections of an application have to agree on, since one unit of work spans them. */
type SharedOptions = Pick<CheckedOptions, 'connectionName' | 'flush' | 'middleware'> &
  Partial<Pick<CheckedOptions, 'unsafeResponses' | 'discardOnDisconnect' | 'conflictDetails'>>;

/** What holds sockets. */
interface Closable {
  close(): Promise<void>;
}

/** The connections of one application. */
export class ConnectionRegistry {
  private readonly connections: SharedOptions[] = [];
  private readonly opened = new Set<Closable>();
  private isAbandoned = false;

  /** @throws InvalidOption for a name that is taken, and for options that contradict those of another connection */
  register(options: SharedOptions): void {
    const { connectionName: name, flush, middleware } = options;
    if (this.connections.some((other) => other.connectionName === name)) {
      throw new CowError('InvalidOption', {
        option: 'connectionName',
        reason: name === DEFAULT_CONNECTION ? 'two connections have none' : `two connections have the name '${name}'`,
        expected: "Give each forRoot() but one a connectionName of its own, and name it in forFeature([…], 'name').",
      });
    }
    const [first] = this.connections;
    if (first !== undefined && first.flush !== flush) {
      throw contradiction('flush', `'${flush}' for "${name}", '${first.flush}' for "${first.connectionName}"`);
    }
    if (first !== undefined && first.middleware !== middleware) {
      throw contradiction(
        'middleware',
        `${middleware} for "${name}", ${first.middleware} for "${first.connectionName}"`,
      );
    }
    const { unsafeResponses, discardOnDisconnect, conflictDetails } = options;
    this.connections.push({
      connectionName: name,
      flush,
      middleware,
      ...(unsafeResponses && { unsafeResponses }),
      ...(discardOnDisconnect && { discardOnDisconnect }),
      ...(conflictDetails && { conflictDetails }),
    });
  }

  /** Takes note of a connection that was opened, or closes it when another one failed meanwhile. */
  async keep(connection: Closable): Promise<void> {
    if (this.isAbandoned) await connection.close();
    else this.opened.add(connection);
  }

  /** The application cannot start: Nest runs no hook then, and what was opened would stay open. */
  async abandon(): Promise<void> {
    this.isAbandoned = true;
    await Promise.all([...this.opened].map((connection) => connection.close()));
  }

  /** When the changes of a request are written. */
  get flush(): FlushMode {
    return this.connections[0]?.flush ?? 'request';
  }

  /** What to do about handlers that answer before the flush: the strictest of all connections counts. */
  get unsafeResponses(): 'warn' | 'refuse' {
    return this.connections.some(({ unsafeResponses }) => unsafeResponses === 'refuse') ? 'refuse' : 'warn';
  }

  /** Are the changes of a request dropped whose client has gone? */
  get discardOnDisconnect(): boolean {
    return this.connections.some(({ discardOnDisconnect }) => discardOnDisconnect === true);
  }

  /** Are conflicts answered with stored values? */
  get conflictDetails(): boolean {
    return this.connections.some(({ conflictDetails }) => conflictDetails === true);
  }

  /** Is the unit of work of a request opened in a middleware? */
  get middleware(): boolean {
    return this.connections[0]?.middleware ?? false;
  }
}

function contradiction(option: string, reason: string): CowError {
  return new CowError('InvalidOption', {
    option,
    reason,
    expected: 'One unit of work spans all connections: give all of them the same.',
  });
}
