import type { Lifecycle } from '../unit-of-work/lifecycle.js';
import type { Scope } from '../unit-of-work/scope.js';

/** A unit of work that the middleware opened for a request. */
export interface OpenedUnitOfWork {
  readonly lifecycle: Lifecycle;
  /**
   * `'open'`: nobody has it yet; the end of the response ends it. `'claimed'`: an interceptor flushes and ends it.
   * `'ended'`: by either of the two.
   */
  state: 'open' | 'claimed' | 'ended';
}

/** A request of Express or Node, or of Fastify, which keeps Node's in `raw`. */
interface RequestLike {
  readonly raw?: object;
  readonly method?: string;
  readonly url?: string;
  readonly originalUrl?: string;
}

/** By Node's own request, the one object that middleware and interceptor share on each platform. */
const opened = new WeakMap<object, OpenedUnitOfWork>();

const byScope = new WeakMap<Scope, OpenedUnitOfWork>();

export function rememberOpened(request: object, unit: OpenedUnitOfWork): void {
  opened.set(rawOf(request), unit);
  byScope.set(unit.lifecycle.scope, unit);
}

export function openedFor(request: object): OpenedUnitOfWork | undefined {
  return opened.get(rawOf(request));
}

/** The one that a current scope belongs to, where there is no request at hand. */
export function openedIn(scope: Scope): OpenedUnitOfWork | undefined {
  return byScope.get(scope);
}

/** What a request is called in logs: `PATCH /orders/123`, without its query. */
export function labelOf(request: object): string {
  const { method, originalUrl, url } = rawOf(request);
  return `${method ?? ''} ${(originalUrl ?? url ?? '').split('?', 1)[0]}`;
}

function rawOf(request: RequestLike): RequestLike {
  return request.raw ?? request;
}
