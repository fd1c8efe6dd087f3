import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Db, type Document } from 'mongodb';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { concatMap, share, Subject, type Observable } from 'rxjs';
import { InjectDatabase, type CommittedWrite, type FlushEvent } from '../../lib/index.js';
import { CommandWatch, type WatchedRequest } from './command-watch.js';
import { commandsOf, committedStatement, endedRequest, type Commit, type EndedRequest } from './commit.js';

const CHANNEL = 'nestjs-cow:flush';
/** Of how many writes of a commit the documents are read, to show them. */
const SHOWN = 10;

interface Flushed {
  readonly event: FlushEvent;
  readonly request: WatchedRequest | undefined;
}

/** What the server tells its listeners. */
export type Told = { type: 'commit'; data: Commit } | { type: 'request'; data: EndedRequest };

/** Every commit of this process, as it happens, and every request that asked the database. */
@Injectable()
export class CommitsService implements OnModuleInit, OnModuleDestroy {
  private readonly happened = new Subject<Flushed | EndedRequest>();
  private readonly listen = (event: unknown) =>
    this.happened.next({ event: event as FlushEvent, request: this.watch.current });

  /** Described once, however many clients listen; not at all when there are none. */
  readonly told: Observable<Told> = this.happened.pipe(
    concatMap(async (one): Promise<Told> =>
      'event' in one ? { type: 'commit', data: await this.describe(one) } : { type: 'request', data: one },
    ),
    share(),
  );

  constructor(
    private readonly watch: CommandWatch,
    @InjectDatabase() private readonly database: Db,
  ) {}

  onModuleInit(): void {
    subscribe(CHANNEL, this.listen);
  }

  /** Ends the streams: an open one would keep the server, and so the process, from ending. */
  onModuleDestroy(): void {
    unsubscribe(CHANNEL, this.listen);
    this.happened.complete();
  }

  get isWatched(): boolean {
    return this.happened.observed;
  }

  /** A request has been answered. Those that asked the database for nothing are not told of. */
  ended(request: WatchedRequest, status: number, durationMS: number): void {
    if (request.commands.length > 0) this.happened.next(endedRequest(request, status, durationMS));
  }

  private async describe({ event: { writes, ...flush }, request }: Flushed): Promise<Commit> {
    const commands = request ? commandsOf(request) : [];
    const stored = await this.watch.aside(() => Promise.all(writes.map((write, nth) => this.storedAfter(write, nth))));
    return {
      ...flush,
      at: new Date().toISOString(),
      ...(request && { request: { id: request.id, method: request.method, path: request.path } }),
      writes: writes.map((write, nth) => committedStatement(write, stored[nth])),
      commands,
    };
  }

  /** The document that was updated, whole, as whoever saves whole documents would have sent it. */
  private async storedAfter({ operation, collection, command }: CommittedWrite, nth: number) {
    if (operation !== 'updateOne' || nth >= SHOWN) return undefined;
    const { q } = command as { q: Document };
    try {
      return (await this.database.collection(collection).findOne({ _id: q._id as never })) ?? undefined;
    } catch {
      return undefined; // the commit stands, and is told of
    }
  }
}
