import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { FlushEvent } from '../unit-of-work/events.js';
import { flushLine } from './flush-line.js';

/** The channel is the process's: of several applications in it one is enough. */
const waiting: FlushLogger[] = [];

/** Logs a line per committed flush: in development always, in production at the level debug. */
@Injectable()
export class FlushLogger implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('UnitOfWork');
  private readonly level = process.env.NODE_ENV === 'production' ? 'debug' : 'log';

  /** Not earlier: an application that fails to start is never shut down, and would listen for ever. */
  onApplicationBootstrap(): void {
    if (!Logger.isLevelEnabled(this.level)) return; // a flush that nobody listens to measures nothing
    waiting.push(this);
    if (waiting.length === 1) subscribe('nestjs-cow:flush', this.print);
  }

  onApplicationShutdown(): void {
    const [active] = waiting;
    const index = waiting.indexOf(this);
    if (index >= 0) waiting.splice(index, 1);
    if (active !== this) return;
    unsubscribe('nestjs-cow:flush', this.print);
    const [next] = waiting;
    if (next !== undefined) subscribe('nestjs-cow:flush', next.print);
  }

  private readonly print = (event: unknown): void => {
    this.logger[this.level](flushLine(event as FlushEvent));
  };
}
