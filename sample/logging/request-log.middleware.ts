import { Injectable, Logger, type NestMiddleware } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ShopConfig } from '../config.js';

/** Logs a line for each request. What it committed is a line of the library's own, before it. */
@Injectable()
export class RequestLogMiddleware implements NestMiddleware {
  private readonly logger = new Logger('Request');

  constructor(private readonly config: ShopConfig) {}

  use(request: IncomingMessage & { originalUrl?: string }, response: ServerResponse, next: () => void): void {
    const started = performance.now();
    response.on('close', () => {
      const { method } = request;
      const [path] = (request.originalUrl ?? '').split('?'); // queries are no business of a log
      const status = response.statusCode;
      const ms = Math.round(performance.now() - started);
      const text = `${method} ${path} ${status}`;
      if (this.config.isProduction) this.logger.log(text, { method, path, status, ms });
      else this.logger.log(`${text}, ${ms} ms`);
    });
    next();
  }
}
