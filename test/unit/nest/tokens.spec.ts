import { describe, expect, it } from '@jest/globals';
import { Inject } from '@nestjs/common';
import {
  getClientToken,
  getConnectionToken,
  getDatabaseToken,
  getRepositoryToken,
  InjectClient,
  InjectConnection,
  InjectDatabase,
  InjectRepository,
} from '../../../lib/index.js';
import { Connection } from '../../../lib/unit-of-work/connection.js';

class Order {}
const Twin = { Order: class Order {} }.Order;

describe('the token of a repository', () => {
  it('is one a class and connection', () => {
    expect(getRepositoryToken(Order)).toBe(getRepositoryToken(Order));
    expect(getRepositoryToken(Order)).toBe(getRepositoryToken(Order, 'default'));
    expect(getRepositoryToken(Order, 'reports')).toBe(getRepositoryToken(Order, 'reports'));
    expect(getRepositoryToken(Order, 'reports')).not.toBe(getRepositoryToken(Order));
  });

  it('reads well', () => {
    expect(getRepositoryToken(Order).description).toBe(
      'Repository<Order>: import CowModule.forFeature([Order]) in this module',
    );
    expect(getRepositoryToken(Order, 'reports').description).toBe(
      "Repository<Order>: import CowModule.forFeature([Order], 'reports') in this module",
    );
  });

  it('differs between two classes of one name', () => {
    expect(Twin.name).toBe(Order.name);
    expect(getRepositoryToken(Twin)).not.toBe(getRepositoryToken(Order));
  });

  it('says what is wrong with a class that is not there yet', () => {
    expect(() => getRepositoryToken(undefined as never)).toThrow(/import each other in a circle/);
  });
});

describe('the tokens of a connection', () => {
  it('are told apart by name and kind', () => {
    const tokens = [getClientToken, getDatabaseToken].flatMap((token) => [token(), token('reports')]);
    expect(new Set(tokens).size).toBe(4);
    expect(tokens.map((token) => token.description)).toEqual([
      'MongoClient',
      'MongoClient (reports)',
      'Db',
      'Db (reports)',
    ]);
    expect(getClientToken('reports')).toBe(getClientToken('reports'));
  });

  it('of the default connection is its class', () => {
    expect(getConnectionToken()).toBe(Connection);
    expect(String(getConnectionToken('reports'))).toBe('Symbol(Connection (reports))');
  });
});

it('the decorators inject these tokens', () => {
  class Service {
    constructor(
      @InjectRepository(Order, 'reports') readonly orders: unknown,
      @InjectClient() readonly client: unknown,
      @InjectDatabase('reports') readonly db: unknown,
      @InjectConnection() readonly connection: unknown,
      @Inject('plain') readonly plain: unknown,
    ) {}
  }
  const declared = Reflect.getMetadata('self:paramtypes', Service) as { index: number; param: unknown }[];
  expect(declared.sort((a, b) => a.index - b.index).map(({ param }) => param)).toEqual([
    getRepositoryToken(Order, 'reports'),
    getClientToken(),
    getDatabaseToken('reports'),
    Connection,
    'plain',
  ]);
});
