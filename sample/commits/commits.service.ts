import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { map, share, Subject, type Observable } from 'rxjs';
import type { FlushEvent } from '../../lib/index.js';
import { commitOf, type Commit } from './commit.js';

const CHANNEL = 'nestjs-cow:flush';

/** Every commit of this process, as it happens. */
@Injectable()
export class CommitsService implements OnModuleInit, OnModuleDestroy {
  private readonly flushes = new Subject<FlushEvent>();
  private readonly listen = (event: unknown) => this.flushes.next(event as FlushEvent);

  /** Described once, however many clients listen; not at all when there are none. */
  readonly commits: Observable<Commit> = this.flushes.pipe(map(commitOf), share());

  onModuleInit(): void {
    subscribe(CHANNEL, this.listen);
  }

  /** Ends the streams: an open one would keep the server, and so the process, from ending. */
  onModuleDestroy(): void {
    unsubscribe(CHANNEL, this.listen);
    this.flushes.complete();
  }
}
