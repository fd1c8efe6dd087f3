import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import { Lifecycle } from '../unit-of-work/lifecycle.js';
import { ConnectionRegistry } from './connection-registry.js';
import { labelOf, openedFor, rememberOpened, type OpenedUnitOfWork } from './opened.js';
import { scopeFlush } from './scope-flush.js';
import { within } from './within.js';

/**
 * Opens the unit of work of an HTTP request, so that guards and Passport strategies are in it. The interceptor then
 * claims it. What nobody claims, since a guard rejected or no route matched, ends with the response, and nothing of
 * it is sent.
 */
@Injectable()
export class UnitOfWorkMiddleware implements NestMiddleware<IncomingMessage, ServerResponse> {
  constructor(private readonly connections: ConnectionRegistry) {}

  use(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    if (openedFor(request) !== undefined) {
      next(); // two of its paths match
      return;
    }
    const lifecycle = new Lifecycle({ label: labelOf(request), flush: scopeFlush(this.connections.flush) });
    const unit: OpenedUnitOfWork = { lifecycle, state: 'open' };
    rememberOpened(request, unit);
    const end = () => {
      if (unit.state !== 'open') return;
      unit.state = 'ended';
      void within(lifecycle, () => lifecycle.discard()).finally(() => lifecycle.close());
    };
    response.once('finish', end);
    response.once('close', end);
    lifecycle.enter(next);
  }
}
