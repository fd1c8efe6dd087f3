import { Module, type DynamicModule } from '@nestjs/common';
import { ShopConfig } from './config.js';

@Module({})
export class ConfigModule {
  static forRoot(config: ShopConfig): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: ShopConfig, useValue: config }],
      exports: [ShopConfig],
    };
  }
}
