import { Logger, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { Server } from 'node:http';
import { MongoClient, type Document } from 'mongodb';
import request from 'supertest';
import { CowModule, getClientToken, type ClassType, type CowModuleOptions } from '../../../../lib/index.js';
import { observeCommands, type ObservedCommands } from '../../../support/mongo-commands.js';
import { testDatabase, type TestDatabase } from '../../../support/mongo.js';
import { Log } from './log.js';

export const PLATFORMS = ['express', 'fastify'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** What a test's application is made of. */
export interface AppOptions extends Pick<ModuleMetadata, 'controllers' | 'providers' | 'imports'> {
  platform?: Platform;
  entities?: readonly ClassType[];
  cow?: Partial<CowModuleOptions>;
  /** Called before the application is initialised. */
  configure?: (app: INestApplication) => void;
}

/** A throw-away database with a client that looks at it from outside. */
export class Outside {
  readonly client: MongoClient;

  constructor(readonly database: TestDatabase) {
    this.client = new MongoClient(database.uri);
  }

  /** Options that lead an application here. */
  get options(): CowModuleOptions {
    const { uri, name } = this.database;
    return { uri, database: name, clientOptions: { monitorCommands: true }, retryAttempts: 0 };
  }

  get db() {
    return this.client.db(this.database.name);
  }

  collection(name: string) {
    return this.db.collection(name);
  }

  async insert(name: string, document: Document): Promise<string> {
    return String((await this.collection(name).insertOne(document)).insertedId);
  }

  async end(): Promise<void> {
    await this.client.close();
    await this.database.drop();
  }
}

export function outside(): Outside {
  return new Outside(testDatabase());
}

/**
 * Those that run now, the latest last. Nest's Logger is one for all: whoever starts has what is logged, and gives it
 * back at the end.
 */
const running = new Set<RunningApp>();

function giveLoggerBack(): void {
  const latest = [...running].at(-1);
  if (latest !== undefined) Logger.overrideLogger(latest.log);
}

/** On a slow machine an idle connection would be closed just when its client uses it again. */
function keepIdleConnections(nest: INestApplication, ms: number): void {
  (nest.getHttpServer() as Server).keepAliveTimeout = ms;
}

/** An application that listens. */
export class RunningApp {
  private constructor(
    readonly nest: INestApplication,
    readonly url: string,
    readonly log: Log,
    readonly commands: ObservedCommands,
  ) {}

  /** What it logs while another one runs that was started later, is in that one's log. */
  static async start(at: Outside, options: AppOptions): Promise<RunningApp> {
    try {
      const app = await RunningApp.listening(at, options);
      running.add(app);
      return app;
    } catch (error) {
      giveLoggerBack();
      throw error;
    }
  }

  private static async listening(at: Outside, options: AppOptions): Promise<RunningApp> {
    const { platform = 'express', entities = [], cow, configure, imports = [], ...rest } = options;
    const log = new Log();
    const testing = await Test.createTestingModule({
      ...rest,
      imports: [CowModule.forRoot({ ...at.options, ...cow }), CowModule.forFeature(entities), ...imports],
    })
      .setLogger(log)
      .compile();
    const nest =
      platform === 'fastify' ? testing.createNestApplication(new FastifyAdapter()) : testing.createNestApplication();
    configure?.(nest);
    await nest.listen(0, '127.0.0.1');
    keepIdleConnections(nest, 300_000);
    const commands = observeCommands(nest.get(getClientToken()));
    return new RunningApp(nest, await nest.getUrl(), log, commands);
  }

  get http() {
    return request(this.url);
  }

  async stop(): Promise<void> {
    keepIdleConnections(this.nest, 1); // one that becomes idle from here on would keep the server
    this.commands.stop();
    await this.nest.close();
    running.delete(this);
    giveLoggerBack();
  }
}
