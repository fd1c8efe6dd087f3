import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { tap, type Observable } from 'rxjs';
import { Product } from './product.entity.js';

/**
 * Answers the version of a product as `ETag`, which clients send back as `If-Match`.
 *
 * It stands outside of the unit of work (an interceptor of the root module), so that it sees the version after the
 * flush.
 */
@Injectable()
export class VersionEtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<ServerResponse>();
    return next.handle().pipe(
      tap((answer) => {
        if (answer instanceof Product) response.setHeader('ETag', `"${answer.version}"`);
      }),
    );
  }
}
