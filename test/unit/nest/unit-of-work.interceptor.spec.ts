import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { CallHandler } from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { defer, lastValueFrom } from 'rxjs';
import { CowError, ReadOnly, UnitOfWork } from '../../../lib/index.js';
import { ConnectionRegistry } from '../../../lib/nest/connection-registry.js';
import { ErrorAnswer } from '../../../lib/nest/error-answer.js';
import { rememberOpened } from '../../../lib/nest/opened.js';
import { UnitOfWorkInterceptor } from '../../../lib/nest/unit-of-work.interceptor.js';
import { currentScope } from '../../../lib/unit-of-work/context.js';
import { Lifecycle } from '../../../lib/unit-of-work/lifecycle.js';
import type { Scope } from '../../../lib/unit-of-work/scope.js';

class Handlers {
  handle() {}

  @ReadOnly()
  report() {}
}

function interceptor(flush: 'request' | 'manual' = 'request') {
  const connections = new ConnectionRegistry();
  connections.register({ connectionName: 'default', flush, middleware: true });
  return new UnitOfWorkInterceptor(connections, new Reflector(), new ErrorAnswer(new HttpAdapterHost()));
}

function context(type: string, method: 'handle' | 'report' = 'handle', args: unknown[] = []) {
  const host = new ExecutionContextHost(args, Handlers, Handlers.prototype[method]);
  host.setType(type);
  return host;
}

/** A handler that answers its unit of work, or throws. */
const handler = (error?: Error): CallHandler => ({
  handle: () =>
    defer(async () => {
      if (error) throw error;
      return currentScope();
    }),
});

describe.each(['rpc', 'ws', 'graphql', 'something else'])('a handler of type %s', (type) => {
  const run = (...args: Parameters<typeof context> | []) =>
    lastValueFrom(interceptor().intercept(args.length ? context(...args) : context(type), handler())) as Promise<Scope>;

  it('has a unit of work, which ends with it', async () => {
    const scope = await run();
    expect(scope.options).toEqual({ label: 'Handlers.handle', flush: 'auto' });
    expect(scope.closed).toBe(true);
  });

  it('may be read-only', async () => {
    expect((await run(type, 'report')).options.readonly).toBe(true);
  });

  it('joins one that surrounds it, and leaves its end to that', async () => {
    await new UnitOfWork().run(async () => {
      expect(await run()).toBe(currentScope());
      expect(currentScope()?.closed).toBe(false);
    });
  });

  it('shares the one of the middleware with others of its request', async () => {
    const lifecycle = new Lifecycle();
    rememberOpened({}, { lifecycle, state: 'open' });
    await lifecycle.enter(async () => {
      const [one, two] = await Promise.all([run(), run()]);
      expect(one).toBe(lifecycle.scope);
      expect(two).toBe(one);
    });
    expect(lifecycle.scope.closed).toBe(false);
  });

  it('throws library errors as they are', async () => {
    const error = new CowError('EntityNotFound');
    await expect(lastValueFrom(interceptor().intercept(context(type), handler(error)))).rejects.toBe(error);
  });
});

describe('a handler of type http', () => {
  const request = (raw: object = { method: 'PATCH', url: '/orders/1?secret=2' }) => context('http', 'handle', [raw]);

  it('is called what it is asked', async () => {
    const scope = (await lastValueFrom(interceptor('manual').intercept(request(), handler()))) as Scope;
    expect(scope.options).toEqual({ label: 'PATCH /orders/1', flush: 'manual' });
  });

  it('has its own, even where a server was started inside another', async () => {
    await new UnitOfWork().run(async () => {
      expect(await lastValueFrom(interceptor().intercept(request(), handler()))).not.toBe(currentScope());
    });
  });

  it("has the middleware's, even where the context was lost", async () => {
    const raw = {};
    const lifecycle = new Lifecycle();
    rememberOpened(raw, { lifecycle, state: 'open' });
    lifecycle.enter(() => undefined);
    const scope = await lastValueFrom(interceptor().intercept(request({ raw }), handler()));
    expect(scope).toBe(lifecycle.scope);
    expect(lifecycle.scope.closed).toBe(true);
  });

  it('is one flush, where the interceptor is there twice', async () => {
    const raw = {};
    const lifecycle = new Lifecycle();
    rememberOpened(raw, { lifecycle, state: 'open' });
    let isClosedInside: boolean | undefined;
    const inner: CallHandler = {
      handle: () =>
        defer(async () => {
          const scope = (await lastValueFrom(interceptor().intercept(request(raw), handler()))) as Scope;
          isClosedInside = scope.closed;
          return scope;
        }),
    };
    expect(await lastValueFrom(interceptor().intercept(request(raw), inner))).toBe(lifecycle.scope);
    expect(isClosedInside).toBe(false);
  });

  it('throws library errors as what the transport answers', async () => {
    const running = lastValueFrom(interceptor().intercept(request(), handler(new CowError('EntityNotFound'))));
    await expect(running).rejects.toMatchObject({ status: 404, response: { code: 'EntityNotFound' } });
  });
});
