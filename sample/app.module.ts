import { Module, type DynamicModule, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { CowModule } from '../lib/index.js';
import { CommitsModule } from './commits/commits.module.js';
import type { ShopConfig } from './config.js';
import { ConfigModule } from './config.module.js';
import { CustomersModule } from './customers/customers.module.js';
import { ForksModule } from './forks/forks.module.js';
import { HealthModule } from './health/health.module.js';
import { RequestLogMiddleware } from './logging/request-log.middleware.js';
import { OrdersModule } from './orders/orders.module.js';
import { PageModule } from './page/page.module.js';
import { ProductsModule } from './products/products.module.js';
import { VersionEtagInterceptor } from './products/version-etag.interceptor.js';
import { SeedModule } from './seed/seed.module.js';
import { IdleConnections } from './shutdown/idle-connections.js';

@Module({})
export class AppModule implements NestModule {
  static forRoot(config: ShopConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        CowModule.forRoot({
          uri: config.uri,
          database: config.database,
          clientOptions: { monitorCommands: true }, // the page shows what the driver sends
        }),
        OrdersModule,
        ForksModule,
        ProductsModule,
        CustomersModule,
        CommitsModule,
        HealthModule,
        SeedModule,
        PageModule,
      ],
      providers: [IdleConnections, { provide: APP_INTERCEPTOR, useClass: VersionEtagInterceptor }],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(RequestLogMiddleware).forRoutes('{*path}');
  }
}
