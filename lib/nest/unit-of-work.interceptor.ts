import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { currentScope } from '../unit-of-work/context.js';
import { planScope } from '../unit-of-work/flush-conductor.js';
import { Lifecycle } from '../unit-of-work/lifecycle.js';
import { ConnectionRegistry } from './connection-registry.js';
import { answerFromBytes } from './entity-response.js';
import { ErrorAnswer } from './error-answer.js';
import { flushBeforeEmitting, type Ending } from './flush-before-emitting.js';
import { HANDLER_FLUSH, isSse } from './handler-kind.js';
import { labelOf, openedFor, openedIn, type OpenedUnitOfWork } from './opened.js';
import { READ_ONLY } from './read-only.decorator.js';
import { scopeFlush } from './scope-flush.js';
import { warnUnadded } from './unadded.js';
import { isUnsafe, unsafeResponse } from './unsafe-responses.js';

/**
 * Gives every handler a unit of work, its own or the one that the middleware opened, and flushes it when the handler
 * has succeeded, before anything is answered.
 */
@Injectable()
export class UnitOfWorkInterceptor implements NestInterceptor {
  constructor(
    private readonly connections: ConnectionRegistry,
    private readonly reflector: Reflector,
    private readonly answer: ErrorAnswer,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const source = () => warnUnadded(next.handle() as Observable<unknown>, context);
    const opened = openedAround(context);
    if (opened === 'another' || opened?.state === 'claimed') return source(); // who opened or claimed it flushes
    if (isHttp(context)) answerFromBytes(context.switchToHttp().getResponse());
    const isOpen = opened?.state === 'open';
    const lifecycle = isOpen ? opened.lifecycle : this.open(context);
    // Root fields of a GraphQL request share one, which the end of the response ends: each flushes, none closes.
    const isShared = isOpen && !isHttp(context);
    if (isOpen && !isShared) opened.state = 'claimed';
    if (this.isReadOnly(context)) lifecycle.scope.restrict({ readonly: true });
    if (Reflect.getMetadata(HANDLER_FLUSH, context.getHandler()) === 'manual')
      lifecycle.scope.restrict({ flush: 'manual' });
    return flushBeforeEmitting(lifecycle, source, {
      values: valuesOf(context),
      commit: () => this.commit(lifecycle, context),
      mapError: (error) => this.answer.thrown(error, context),
      close: () => {
        if (isShared) return;
        lifecycle.close();
        if (isOpen) opened.state = 'ended'; // an outer interceptor that tries again gets another
      },
    });
  }

  private open(context: ExecutionContext): Lifecycle {
    const label = isHttp(context)
      ? labelOf(requestOf(context))
      : `${context.getClass().name}.${context.getHandler().name}`;
    return new Lifecycle({ label, flush: scopeFlush(this.connections.flush) });
  }

  /** Writes what changed; unless nobody could be told that it was not, or nobody waits for it. */
  private async commit(lifecycle: Lifecycle, context: ExecutionContext): Promise<void> {
    const { scope } = lifecycle;
    if (isHttp(context) && scope.options.flush !== 'manual') {
      const [type, handler] = [context.getClass<object>(), context.getHandler() as (...args: never[]) => unknown];
      if (isUnsafe(this.reflector, type, handler) && planScope(scope).length > 0) {
        throw unsafeResponse(type, handler, true);
      }
      if (this.connections.discardOnDisconnect && isGone(requestOf(context))) return lifecycle.discard();
    }
    return lifecycle.commit();
  }

  private isReadOnly(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<boolean | undefined>(READ_ONLY, targets) === true;
  }
}

/** Has the client of the request closed its connection (HTTP/2: its stream)? */
function isGone(request: RequestLike): boolean {
  const { socket, stream } = request.raw ?? request;
  return socket?.destroyed === true || stream?.destroyed === true;
}

/** What of a request of Node tells that its client has gone; Fastify keeps that request in `raw`. */
interface RequestLike {
  readonly raw?: RequestLike;
  readonly socket?: { readonly destroyed?: boolean } | null;
  readonly stream?: { readonly destroyed?: boolean };
}

/** The unit of work that the middleware opened; `'another'` when something else opened the current one. */
function openedAround(context: ExecutionContext): OpenedUnitOfWork | 'another' | undefined {
  if (isHttp(context)) return openedFor(requestOf(context));
  const current = currentScope();
  return current === undefined ? undefined : (openedIn(current) ?? 'another');
}

/** Server-sent events and messages may be answered by a stream without end. */
function valuesOf(context: ExecutionContext): Ending['values'] {
  const type = context.getType();
  const isStream = type === 'rpc' || type === 'ws' || isSse(context.getHandler());
  return isStream ? 'stream' : 'hold';
}

function isHttp(context: ExecutionContext): boolean {
  return context.getType() === 'http';
}

function requestOf(context: ExecutionContext): object {
  return context.switchToHttp().getRequest<object>();
}
