import { Inject } from '@nestjs/common';
import type { ClassType } from '../mapping/index.js';
import { getClientToken, getConnectionToken, getDatabaseToken, getRepositoryToken } from './tokens.js';

/** Decorates a constructor's parameter, or a property. */
type InjectDecorator = ParameterDecorator & PropertyDecorator;

/**
 * Injects the repository of an entity class, which a `CowModule.forFeature()` of the module must name.
 *
 * @param connectionName default: the connection without a name
 * @example constructor(\@InjectRepository(Order) private readonly orders: Repository<Order>) {}
 */
export const InjectRepository = (entity: ClassType, connectionName?: string): InjectDecorator =>
  Inject(getRepositoryToken(entity, connectionName));

/** Injects the `Connection`. @param name default: the connection without a name */
export const InjectConnection = (name?: string): InjectDecorator => Inject(getConnectionToken(name));

/** Injects the driver's `MongoClient`. @param name default: the connection without a name */
export const InjectClient = (name?: string): InjectDecorator => Inject(getClientToken(name));

/** Injects the driver's `Db`. @param name default: the connection without a name */
export const InjectDatabase = (name?: string): InjectDecorator => Inject(getDatabaseToken(name));
