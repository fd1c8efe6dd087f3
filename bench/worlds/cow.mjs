import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Binary, ObjectId } from 'mongodb';
import { CowModule, getDatabaseToken, getRepositoryToken, op, stateOf, UnitOfWork } from 'nestjs-cow';
import * as entities from '#entities';

const { Order, Large, Nested, Small, ValidatedOrder, Wide10, Wide50, Wide200 } = entities;

/**
 * What is measured: nestjs-cow, through its public surface.
 *
 * @param {{ uri: string, database: string }} at
 * @returns {Promise<any>}
 */
export async function open({ uri, database }) {
  const app = await NestFactory.createApplicationContext(
    {
      module: class Bench {},
      imports: [
        CowModule.forRoot({ uri, database }),
        CowModule.forFeature([Order, Large, Nested, Small, ValidatedOrder, Wide10, Wide50, Wide200]),
      ],
    },
    { logger: ['error', 'warn'] },
  );
  return {
    entities,
    op,
    stateOf,
    uow: app.get(UnitOfWork, { strict: false }),
    repository: (entity) => app.get(getRepositoryToken(entity), { strict: false }),
    db: app.get(getDatabaseToken(), { strict: false }),
    bson: { Binary, ObjectId },
    uri,
    database,
    close: () => app.close(),
  };
}
