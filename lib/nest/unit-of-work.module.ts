import { Global, Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import { ConnectionRegistry } from './connection-registry.js';
import { CowExceptionFilter } from './cow-exception.filter.js';
import { ErrorAnswer } from './error-answer.js';
import { FlushLogger } from './flush-logger.js';
import { OpenTelemetry } from './open-telemetry.js';
import { SerializerOrder } from './serializer-order.js';
import { UnsafeResponses } from './unsafe-responses.js';
import { UnitOfWorkInterceptor } from './unit-of-work.interceptor.js';
import { UnitOfWorkMiddleware } from './unit-of-work.middleware.js';

/**
 * What an application has once, however many connections: Nest makes one instance of a module without dynamic
 * metadata. Every connection registers itself here.
 */
@Global()
@Module({
  providers: [
    ConnectionRegistry,
    ErrorAnswer,
    FlushLogger,
    OpenTelemetry,
    SerializerOrder,
    UnsafeResponses,
    UnitOfWork,
    { provide: APP_INTERCEPTOR, useClass: UnitOfWorkInterceptor },
    { provide: APP_FILTER, useClass: CowExceptionFilter },
  ],
  exports: [ConnectionRegistry, UnitOfWork],
})
export class UnitOfWorkModule implements NestModule {
  constructor(private readonly connections: ConnectionRegistry) {}

  configure(consumer: MiddlewareConsumer): void {
    if (this.connections.middleware) consumer.apply(UnitOfWorkMiddleware).forRoutes('{*path}');
  }
}
