import { Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { CommandWatch } from './command-watch.js';
import { CommitsController } from './commits.controller.js';
import { CommitsService } from './commits.service.js';
import { RequestWatchMiddleware } from './request-watch.middleware.js';

@Module({ controllers: [CommitsController], providers: [CommandWatch, CommitsService] })
export class CommitsModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(RequestWatchMiddleware).forRoutes('{*path}');
  }
}
