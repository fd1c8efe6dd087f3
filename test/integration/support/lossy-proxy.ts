import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** What becomes of the next messages with a command. */
export interface Loss {
  /** Name of the command, as it is sent. */
  readonly command: string;
  /** `'reply'`: the server gets the command and answers, and nobody hears it. `'request'`: the server never gets it. */
  readonly what: 'reply' | 'request';
  readonly times: number;
  /** How many of that name pass before. Default: 0. */
  readonly after?: number;
}

/** A server that said that it is shutting down counts as gone until it is asked again: ask at once. */
const QUICK = 'serverSelectionTimeoutMS=1500&heartbeatFrequencyMS=500&serverMonitoringMode=poll';

/** Where the name of the command stands in a message: after the header, the flags, the section's kind and its size. */
const NAME_AT = 16 + 4 + 1 + 4 + 1;

/** A TCP proxy before a server that loses messages, by closing the connection instead of delivering them. */
export class LossyProxy {
  private loss: { command: string; what: Loss['what']; left: number; passing: number } | undefined;
  private readonly sockets = new Set<Socket>();
  /** Messages lost so far. */
  lost = 0;

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  /** @param uri of the server; the first host counts */
  static async start(uri: string): Promise<LossyProxy> {
    const [, host = '', port = '27017'] = /\/\/([^:/,]+):?(\d+)?/.exec(uri) ?? [];
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new LossyProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client) => proxy.pair(client, connect(Number(port), host)));
    return proxy;
  }

  /** For clients: a direct connection, since the members of the set would lead past the proxy. */
  get uri(): string {
    return `mongodb://127.0.0.1:${this.port}/?directConnection=true&${QUICK}`;
  }

  lose({ command, what, times, after = 0 }: Loss): void {
    this.loss = { command, what, left: times, passing: after };
    this.lost = 0;
  }

  deliver(): void {
    this.loss = undefined;
  }

  /** As if the server were gone; `reopen()` brings it back. */
  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async reopen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  private pair(client: Socket, server: Socket): void {
    let isReplyLost = false;
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', end).on('close', () => {
        this.sockets.delete(socket);
        end();
      });
    }
    client.on('data', (data) => {
      const what = this.fateOf(data);
      if (what === 'request') return end();
      isReplyLost ||= what === 'reply';
      server.write(data);
    });
    server.on('data', (data) => {
      if (isReplyLost) end();
      else client.write(data);
    });
  }

  private fateOf(message: Buffer): Loss['what'] | undefined {
    const { loss } = this;
    if (loss === undefined || loss.left === 0) return undefined;
    const name = Buffer.from(`${loss.command}\0`);
    if (!message.subarray(NAME_AT, NAME_AT + name.length).equals(name)) return undefined;
    if (loss.passing-- > 0) return undefined;
    loss.left--;
    this.lost++;
    return loss.what;
  }
}
