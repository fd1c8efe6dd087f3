import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Module, Param, Post, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ObjectId } from 'mongodb';
import {
  CowModule,
  Entity,
  Id,
  InjectRepository,
  Prop,
  Repository,
  Transactional,
  Version,
} from '../../../lib/index.js';
import { currentScope } from '../../../lib/unit-of-work/context.js';

@Entity({ collection: 'tallies' })
export class Tally {
  @Id() id!: ObjectId;
  @Prop() count!: number;
}

@Entity({ collection: 'versioned_tallies' })
export class VersionedTally {
  @Id() id!: ObjectId;
  @Prop() count!: number;
  @Version() version!: number;
}

/** Told of each unit of work that a handler runs in. */
export const seen: { scope?: (scope: object) => void } = {};

/** Reads, takes its time, and writes one more than it read. */
@Controller()
export class TalliesController {
  constructor(
    @InjectRepository(Tally) private readonly tallies: Repository<Tally>,
    @InjectRepository(VersionedTally) private readonly versioned: Repository<VersionedTally>,
  ) {}

  @Post('fields/:id')
  fields(@Param('id') id: string) {
    return this.add(this.tallies, id);
  }

  @Post('version/:id')
  version(@Param('id') id: string) {
    return this.add(this.versioned, id);
  }

  @Post('retried/:id')
  @Transactional({ retries: 50 })
  retried(@Param('id') id: string) {
    return this.add(this.tallies, id);
  }

  @Get('fields/:id')
  read(@Param('id') id: string) {
    seen.scope?.(currentScope()!);
    return this.tallies.getById(id);
  }

  private async add(repository: Repository<Tally> | Repository<VersionedTally>, id: string) {
    seen.scope?.(currentScope()!);
    const tally = await repository.getById(id);
    await sleep(Math.random() * 3);
    tally.count += 1;
    return tally;
  }
}

/** An application that listens on a free port of 127.0.0.1. */
export async function startApplication(
  uri: string,
  database: string,
): Promise<{ nest: INestApplication; url: string }> {
  @Module({
    imports: [CowModule.forRoot({ uri, database, retryAttempts: 0 }), CowModule.forFeature([Tally, VersionedTally])],
    controllers: [TalliesController],
  })
  class Application {}
  const nest = await NestFactory.create(Application, { logger: false });
  await nest.listen(0, '127.0.0.1');
  return { nest, url: await nest.getUrl() };
}
