import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

export interface ServerSentEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data?: any;
  readonly comment?: string;
}

/** A client of server-sent events, as a browser is. */
export class EventStream {
  readonly events: ServerSentEvent[] = [];
  readonly ended: Promise<unknown>;
  private rest = '';

  private constructor(private readonly response: IncomingMessage) {
    this.ended = once(response, 'end');
    response.setEncoding('utf8').on('data', (text: string) => {
      const blocks = (this.rest + text).split('\n\n');
      this.rest = blocks.pop()!;
      for (const block of blocks) if (block.trim()) this.events.push(parse(block));
    });
  }

  static async open(url: string): Promise<EventStream> {
    const [response] = (await once(get(url), 'response')) as [IncomingMessage];
    const stream = new EventStream(response);
    await stream.untilTold('hello', 1); // from here on it is told of everything
    return stream;
  }

  get headers() {
    return this.response.headers;
  }

  get commits(): any[] {
    return this.told('commit');
  }

  told(name: string): any[] {
    return this.events.filter(({ event }) => event === name).map(({ data }) => data);
  }

  /** Waits for that many commits. */
  until(count: number): Promise<void> {
    return this.untilTold('commit', count);
  }

  async untilTold(name: string, count: number): Promise<void> {
    while (this.told(name).length < count) await once(this.response, 'data');
  }

  close(): void {
    this.response.destroy();
  }
}

function parse(block: string): ServerSentEvent {
  const event: Record<string, unknown> = {};
  for (const line of block.split('\n').filter(Boolean)) {
    const [, field, value] = /^([^:]*): ?(.*)$/.exec(line)!;
    event[field || 'comment'] = field === 'data' ? JSON.parse(value!) : value;
  }
  return event;
}
