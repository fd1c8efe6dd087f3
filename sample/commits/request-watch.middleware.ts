import { Injectable, type NestMiddleware } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CommandWatch, type WatchedRequest } from './command-watch.js';
import { CommitsService } from './commits.service.js';

/** Watches what each request makes the driver send, while anyone listens to the commits. */
@Injectable()
export class RequestWatchMiddleware implements NestMiddleware {
  constructor(
    private readonly watch: CommandWatch,
    private readonly commits: CommitsService,
  ) {}

  use(request: IncomingMessage & { originalUrl?: string }, response: ServerResponse, next: () => void): void {
    if (!this.commits.isWatched) return next();
    const [path = ''] = (request.originalUrl ?? '').split('?');
    const watched: WatchedRequest = { id: idOf(request), method: request.method ?? '', path, commands: [] };
    const started = performance.now();
    response.on('close', () => this.commits.ended(watched, response.statusCode, performance.now() - started));
    this.watch.watch(watched, next);
  }
}

/** The name that the client gave to the request, so that it knows its own again. */
function idOf({ headers }: IncomingMessage): string {
  const id = headers['x-request-id'];
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : randomUUID();
}
