import { randomBytes } from 'node:crypto';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { MongoClient } from 'mongodb';
import { CowModule } from '../cow.module.js';
import type { ClassType } from '../mapping/index.js';
import type { CowModuleOptions } from '../nest/options.js';
import { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import { Connection } from '../unit-of-work/connection.js';
import { CowTesting } from './cow-testing.js';
import { watchCommits } from './committed.js';
import { borrowServer, type TestServer } from './test-server.js';

/** Options of `CowTestingModule.forRoot()`; all but `entities` are those of `CowModule.forRoot()`. */
export interface CowTestingOptions extends Omit<CowModuleOptions, 'database' | 'client' | 'connectionName'> {
  /** Entities whose repositories are provided, as by `forFeature()`. */
  entities?: readonly ClassType[];
}

/** A random database on a test server. */
class ThrowAwayDatabase implements OnApplicationShutdown {
  private constructor(
    private readonly server: TestServer,
    readonly uri: string,
    readonly name: string,
  ) {}

  static async make(uri: string | undefined): Promise<ThrowAwayDatabase> {
    const server = uri === undefined ? await borrowServer() : { uri, stop: () => Promise.resolve() };
    return new ThrowAwayDatabase(server, server.uri, `cow_test_${randomBytes(8).toString('hex')}`);
  }

  async onApplicationShutdown(): Promise<void> {
    const client = new MongoClient(this.uri);
    try {
      await client.db(this.name).dropDatabase();
    } finally {
      await client.close();
      await this.server.stop();
    }
  }
}

@Module({
  providers: [
    {
      provide: ThrowAwayDatabase,
      useFactory: (options: CowTestingOptions) => ThrowAwayDatabase.make(options.uri),
      inject: ['CowTestingOptions'],
    },
  ],
  exports: [ThrowAwayDatabase],
})
class ThrowAwayModule {
  constructor(@Inject(ThrowAwayDatabase) readonly database: ThrowAwayDatabase) {}
}

/**
 * `CowModule.forRoot()` for tests: a database of a random name, dropped when the application or testing module is
 * closed. It lies on the server of `uri`, else of the environment variable `MONGODB_URI`, else on an embedded one
 * (see `startTestServer`), which the test process starts and ends.
 *
 * @example
 * const app = await Test.createTestingModule({
 *   imports: [CowTestingModule.forRoot({ entities: [Order] })],
 *   providers: [OrdersService],
 * }).compile();
 * await app.init();
 * // …
 * await app.close(); // drops the database
 */
@Module({})
export class CowTestingModule {
  static forRoot(options: CowTestingOptions = {}): DynamicModule {
    const { entities = [], uri: _uri, ...rest } = options;
    watchCommits();
    const database: DynamicModule = {
      module: ThrowAwayModule,
      providers: [{ provide: 'CowTestingOptions', useValue: options }],
    };
    const features = CowModule.forFeature(entities);
    return {
      module: CowTestingModule,
      imports: [
        CowModule.forRootAsync({
          imports: [database],
          inject: [ThrowAwayDatabase],
          useFactory: ({ uri, name }: ThrowAwayDatabase) => ({ retryAttempts: 0, ...rest, uri, database: name }),
        }),
        features,
      ],
      providers: [
        {
          provide: CowTesting,
          useFactory: (connection: Connection, unitOfWork: UnitOfWork) => new CowTesting(connection, unitOfWork),
          inject: [Connection, UnitOfWork],
        },
      ],
      exports: [CowTesting, features],
    };
  }
}
