import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { MongoClient, type CommandStartedEvent } from 'mongodb';
import { AsyncLocalStorage } from 'node:async_hooks';
import { InjectClient } from '../../lib/index.js';
import { seenCommand, type SeenCommand } from './seen-command.js';

/** A request, and what it made the driver send. */
export interface WatchedRequest {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly commands: SeenCommand[];
}

/** Tells which request each command of the driver belongs to. */
@Injectable()
export class CommandWatch implements OnModuleInit, OnModuleDestroy {
  private readonly requests = new AsyncLocalStorage<WatchedRequest>();
  private readonly open = new Map<number, SeenCommand>();

  constructor(@InjectClient() private readonly client: MongoClient) {}

  onModuleInit(): void {
    this.client
      .on('commandStarted', this.started)
      .on('commandSucceeded', this.succeeded)
      .on('commandFailed', this.failed);
  }

  onModuleDestroy(): void {
    this.client
      .off('commandStarted', this.started)
      .off('commandSucceeded', this.succeeded)
      .off('commandFailed', this.failed);
  }

  /** What `fn` and all that it starts make the driver send is told to `request`. */
  watch<T>(request: WatchedRequest, fn: () => T): T {
    return this.requests.run(request, fn);
  }

  /** Runs `fn` as if it were no part of the request. */
  aside<T>(fn: () => T): T {
    return this.requests.exit(fn);
  }

  get current(): WatchedRequest | undefined {
    return this.requests.getStore();
  }

  private readonly started = (event: CommandStartedEvent) => {
    const request = this.current;
    if (!request) return;
    const seen = seenCommand(event);
    request.commands.push(seen);
    this.open.set(event.requestId, seen);
  };

  private readonly succeeded = ({ requestId }: { requestId: number }) => this.ended(requestId, 'succeeded');

  private readonly failed = ({ requestId }: { requestId: number }) => this.ended(requestId, 'failed');

  private ended(requestId: number, outcome: SeenCommand['outcome']): void {
    const seen = this.open.get(requestId);
    this.open.delete(requestId);
    if (seen) seen.outcome = outcome;
  }
}
