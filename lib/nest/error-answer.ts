import { Injectable, Logger, Optional, type ArgumentsHost } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CowError } from '../errors/index.js';
import { ConnectionRegistry } from './connection-registry.js';
import { toHttpException } from './http-exception.js';

/** How long a client should wait before it tries again, in s. */
const RETRY_AFTER = '1';

/** Turns library errors into what the transport answers. */
@Injectable()
export class ErrorAnswer {
  private readonly logger = new Logger('CowModule');

  constructor(
    private readonly host: HttpAdapterHost,
    @Optional() private readonly connections?: ConnectionRegistry,
  ) {}

  /**
   * What is thrown instead of an error: for HTTP an HttpException, so that the status stands whatever filters the
   * application has.
   */
  thrown(error: unknown, host: ArgumentsHost): unknown {
    if (!(error instanceof CowError) || host.getType() !== 'http') return error;
    // Nest logs what is no HttpException, and so would not log this any more.
    if (error.status >= 500) this.logger.error(error.message, stackOf(error));
    // Not for an unknown outcome: repeated by itself, a write might be done twice.
    if (error.code === 'StoreUnavailable') this.retryAfter(host.switchToHttp().getResponse<object>());
    return toHttpException(error, this.connections?.conflictDetails);
  }

  private retryAfter(response: object): void {
    const { httpAdapter } = this.host;
    if (!httpAdapter.isHeadersSent(response)) httpAdapter.setHeader(response, 'Retry-After', RETRY_AFTER);
  }
}

/** The stack of an error and of what caused it. */
function stackOf(error: Error): string {
  const { stack = error.message, cause } = error;
  return cause instanceof Error ? `${stack}\nCaused by: ${stackOf(cause)}` : stack;
}
