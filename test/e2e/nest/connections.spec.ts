import { afterAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Injectable, Module, Patch } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  CowModule,
  Entity,
  getRepositoryToken,
  Id,
  InjectClient,
  InjectConnection,
  InjectDatabase,
  InjectRepository,
  Prop,
  Repository,
  UnitOfWork,
} from '../../../lib/index.js';
import { ObjectId, type Db, type MongoClient } from 'mongodb';
import { Connection } from '../../../lib/unit-of-work/connection.js';
import { observeCommands } from '../../support/mongo-commands.js';
import { outside, PLATFORMS, RunningApp } from './support/app.js';
import { Account, Order } from './support/entities.js';
import { Log } from './support/log.js';

const [main, reports] = [outside(), outside()];
afterAll(() => Promise.all([main.end(), reports.end()]));

@Injectable()
@Controller('both')
class Both {
  constructor(
    @InjectRepository(Order) readonly orders: Repository<Order>,
    @InjectRepository(Order, 'reports') readonly reported: Repository<Order>,
    @InjectClient('reports') readonly client: MongoClient,
    @InjectDatabase('reports') readonly db: Db,
    @InjectConnection('reports') readonly connection: Connection,
    @InjectConnection() readonly main: Connection,
    @Inject(UnitOfWork) readonly unitOfWork: UnitOfWork,
  ) {}

  @Patch('one')
  async one() {
    const [order] = await this.reported.find();
    order!.note = 'reported';
    const [unchanged] = await this.orders.find();
    return { same: order === unchanged };
  }

  @Patch('two')
  async two() {
    for (const order of [...(await this.orders.find()), ...(await this.reported.find())]) order.note = 'both';
  }

  @Get()
  count() {
    return this.reported.count();
  }
}

describe.each(PLATFORMS)('two connections on %s', (platform) => {
  it('share one unit of work, which is flushed once', async () => {
    for (const at of [main, reports]) {
      await at.collection('orders').deleteMany({});
      await at.insert('orders', { note: 'old' });
    }
    const app = await RunningApp.start(main, {
      platform,
      entities: [Order],
      imports: [
        CowModule.forRoot({ ...reports.options, connectionName: 'reports' }),
        CowModule.forFeature([Order, Account], 'reports'),
      ],
      controllers: [Both],
    });
    const both = app.nest.get(Both);
    const commands = observeCommands(both.client);
    try {
      expect(both.db.databaseName).toBe(reports.database.name);
      expect(both.connection.name).toBe('reports');
      expect(both.connection.client).toBe(both.client);
      expect(both.main.name).toBe('default');

      await app.http.patch('/both/one').expect(200, { same: false });
      expect(commands.writes()).toHaveLength(1);
      expect(app.commands.writes()).toEqual([]);
      expect(await reports.collection('orders').findOne()).toMatchObject({ note: 'reported' });
      expect(await main.collection('orders').findOne()).toMatchObject({ note: 'old' });
      expect(app.log.with('PATCH /both/one → orders.updateOne')).toHaveLength(1);

      const { body } = await app.http.patch('/both/two').expect(500);
      expect(body).toMatchObject({ code: 'CrossConnectionFlush' });
      expect(commands.writes()).toHaveLength(1);
      expect(app.commands.writes()).toEqual([]);
      expect(await reports.collection('accounts').indexes()).toHaveLength(2);
      expect(await main.db.listCollections({ name: 'accounts' }).toArray()).toEqual([]);
    } finally {
      await app.stop();
    }
  });
});

describe('connections must agree', () => {
  const compile = (...options: object[]) =>
    Test.createTestingModule({ imports: options.map((each) => CowModule.forRoot({ ...main.options, ...each })) })
      .setLogger(new Log())
      .compile();

  it.each([
    ['two without a name', [{}, {}], /"connectionName".*two connections have none/],
    ['two of one name', [{ connectionName: 'a' }, { connectionName: 'a' }], /'a'/],
    [
      'when to flush',
      [{ flush: 'manual' }, { connectionName: 'b' }],
      /"flush".*'request' for "b", 'manual' for "default"/,
    ],
    ['the middleware', [{}, { connectionName: 'b', middleware: false }], /"middleware"/],
  ])('%s', async (_what, options, message) => {
    await expect(compile(...options)).rejects.toThrow(message);
  });
});

@Entity({ collection: 'orders' })
class Report {
  @Id() id!: ObjectId;
  @Prop() note!: string;
}

it('two classes may have one collection name, each on a connection of its own', async () => {
  const [mine, theirs] = [await main.insert('orders', { note: 'mine' }), await reports.insert('orders', { note: 'r' })];
  const app = await Test.createTestingModule({
    imports: [
      CowModule.forRoot(main.options),
      CowModule.forRoot({ ...reports.options, connectionName: 'reports' }),
      CowModule.forFeature([Order]),
      CowModule.forFeature([Report], 'reports'),
    ],
  })
    .setLogger(new Log())
    .compile();
  try {
    await app.init();
    const orders = app.get<Repository<Order>>(getRepositoryToken(Order), { strict: false });
    const noted = app.get<Repository<Report>>(getRepositoryToken(Report, 'reports'), { strict: false });
    await app.get(UnitOfWork).run(async () => {
      expect(await orders.getById(mine)).toBeInstanceOf(Order);
      expect(await noted.getById(theirs)).toBeInstanceOf(Report);
      expect(await orders.findById(theirs)).toBeNull();
    });
  } finally {
    await app.close();
  }
});

describe('forFeature()', () => {
  it('in several modules provides repositories that work on one unit of work', async () => {
    @Module({ imports: [CowModule.forFeature([Order])], exports: [CowModule] })
    class First {}
    @Module({ imports: [CowModule.forFeature([Order])], exports: [CowModule] })
    class Second {}
    const app = await Test.createTestingModule({ imports: [CowModule.forRoot(main.options), First, Second] })
      .setLogger(new Log())
      .compile();
    await app.init();
    const id = await main.insert('orders', { note: 'shared' });
    const [a, b] = [First, Second].map((module) =>
      app.select(module).get<Repository<Order>>(getRepositoryToken(Order), { strict: false }),
    );
    await app.get(UnitOfWork).run(async () => {
      expect(await a!.getById(id)).toBe(await b!.getById(id));
    });
    await app.close();
  });

  it('that is missing is named by what was to be injected', async () => {
    @Injectable()
    class Orders {
      constructor(@InjectRepository(Order) readonly orders: Repository<Order>) {}
    }
    // A client of our own would stay open: Nest runs no hook when the start fails.
    const { client } = main;
    const compiling = Test.createTestingModule({ imports: [CowModule.forRoot({ client })], providers: [Orders] })
      .setLogger(new Log())
      .compile();
    await expect(compiling).rejects.toThrow(/Repository<Order>/);
  });

  it('of a module that is loaded later is prepared then', async () => {
    const at = outside();
    @Module({ imports: [CowModule.forFeature([Order])] })
    class Later {}
    const app = await Test.createTestingModule({ imports: [CowModule.forRoot(at.options)] })
      .setLogger(new Log())
      .compile();
    await app.init();
    expect(await at.db.listCollections().toArray()).toEqual([]);
    await app.get(LazyModuleLoader).load(() => Later);
    expect(await at.collection('orders').indexes()).toHaveLength(2);
    await app.close();
    await at.end();
  });
});
