import {
  Global,
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { checkAsyncResult } from './nest/check-options.js';
import { ConnectionRegistry } from './nest/connection-registry.js';
import { CoreConnection } from './nest/core-connection.js';
import {
  DEFAULT_CONNECTION,
  type CheckedOptions,
  type CowModuleAsyncOptions,
  type CowModuleOptions,
  type CowOptionsFactory,
} from './nest/options.js';
import { getClientToken, getConnectionToken, getDatabaseToken, getEntitiesToken } from './nest/tokens.js';
import { UnitOfWorkModule } from './nest/unit-of-work.module.js';

/** Within one core module; another connection's module has providers of its own. */
const OPTIONS = Symbol('CowModuleOptions');
const CORE = Symbol('CoreConnection');

/** One connection: makes the client, prepares the database, and closes the client after the last request. */
@Global()
@Module({})
export class CowCoreModule implements OnModuleInit, OnApplicationShutdown {
  constructor(@Inject(CORE) private readonly core: CoreConnection) {}

  static forRoot(options: CheckedOptions): DynamicModule {
    return describe(options.connectionName, [{ provide: OPTIONS, useValue: options }]);
  }

  static forRootAsync(options: CowModuleAsyncOptions): DynamicModule {
    const { connectionName = DEFAULT_CONNECTION, imports = [] } = options;
    return describe(connectionName, optionsProviders(options, connectionName), imports);
  }

  /** Collections and indexes are there before anything else starts: global modules are first. */
  async onModuleInit(): Promise<void> {
    await this.core.entities.prepare();
  }

  /** After the last request was answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.core.close();
  }
}

function describe(name: string, options: Provider[], imports: DynamicModule['imports'] = []): DynamicModule {
  const provided: Provider[] = [
    { provide: getConnectionToken(name), useFactory: ({ connection }: CoreConnection) => connection, inject: [CORE] },
    { provide: getClientToken(name), useFactory: (core: CoreConnection) => core.connection.client, inject: [CORE] },
    { provide: getDatabaseToken(name), useFactory: (core: CoreConnection) => core.connection.db, inject: [CORE] },
    { provide: getEntitiesToken(name), useFactory: (core: CoreConnection) => core.entities, inject: [CORE] },
  ];
  return {
    module: CowCoreModule,
    imports: [UnitOfWorkModule, ...imports],
    providers: [
      ...options,
      {
        provide: CORE,
        useFactory: (checked: CheckedOptions, registry: ConnectionRegistry) => CoreConnection.open(checked, registry),
        inject: [OPTIONS, ConnectionRegistry],
      },
      ...provided,
    ],
    exports: [getConnectionToken(name), getClientToken(name), getDatabaseToken(name), getEntitiesToken(name)],
  };
}

function optionsProviders(options: CowModuleAsyncOptions, connectionName: string): Provider[] {
  const { inject = [], useFactory, useClass, useExisting } = options;
  const check = (result: CowModuleOptions) => checkAsyncResult(result, connectionName);
  if (useFactory !== undefined) {
    return [{ provide: OPTIONS, useFactory: async (...args: unknown[]) => check(await useFactory(...args)), inject }];
  }
  const factory = (useClass ?? useExisting)!;
  return [
    {
      provide: OPTIONS,
      useFactory: async (made: CowOptionsFactory) => check(await made.createCowOptions()),
      inject: [factory],
    },
    ...(useClass === undefined ? [] : [useClass]),
  ];
}
