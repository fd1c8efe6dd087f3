import { Module, type DynamicModule } from '@nestjs/common';
import { CowCoreModule } from './cow-core.module.js';
import { CowError } from './errors/index.js';
import type { ClassType } from './mapping/index.js';
import { checkAsyncOptions, checkOptions } from './nest/check-options.js';
import type { EntityRegistry } from './nest/entity-registry.js';
import type { CowModuleAsyncOptions, CowModuleOptions } from './nest/options.js';
import { getEntitiesToken, getRepositoryToken } from './nest/tokens.js';
import { Repository } from './repository/index.js';

/**
 * Copy-on-write persistence for a Nest application: `forRoot()` once a connection, `forFeature()` in each module that
 * injects repositories.
 *
 * @example
 * \@Module({ imports: [CowModule.forRoot('mongodb://127.0.0.1/shop'), CowModule.forFeature([Order, Product])] })
 * export class AppModule {}
 */
@Module({})
export class CowModule {
  /**
   * Connects to a database, and gives every request a unit of work.
   *
   * @throws InvalidOption naming the option
   */
  static forRoot(options: CowModuleOptions): DynamicModule;
  static forRoot(uri: string, options?: Omit<CowModuleOptions, 'uri' | 'client'>): DynamicModule;
  static forRoot(first: CowModuleOptions | string, more?: Omit<CowModuleOptions, 'uri' | 'client'>): DynamicModule {
    const options = typeof first === 'string' ? { ...more, uri: first } : first;
    if (more !== undefined && 'uri' in more) {
      throw new CowError('InvalidOption', {
        option: 'uri',
        reason: 'it is given twice',
        expected: 'Give it as the first parameter only.',
      });
    }
    return { module: CowModule, imports: [CowCoreModule.forRoot(checkOptions(options))] };
  }

  /**
   * Like `forRoot()`, with options that are known only at run time.
   *
   * @example
   * CowModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ uri: config.getOrThrow('MONGODB_URI') }),
   * })
   */
  static forRootAsync(options: CowModuleAsyncOptions): DynamicModule {
    return { module: CowModule, imports: [CowCoreModule.forRootAsync(checkAsyncOptions(options))] };
  }

  /**
   * Provides the repositories of entities to the module that imports it.
   *
   * @param connectionName which connection; default: the one without a name
   */
  static forFeature(entities: readonly ClassType[], connectionName?: string): DynamicModule {
    const providers = entities.map((entity) => ({
      provide: getRepositoryToken(entity, connectionName),
      useFactory: async (registry: EntityRegistry) => new Repository(await registry.add(entity)),
      inject: [getEntitiesToken(connectionName)],
    }));
    return { module: CowModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
