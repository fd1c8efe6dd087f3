import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ObjectId } from 'mongodb';
import { CowModule, Entity, Id, Index, Prop, type ClassType, type CowModuleOptions } from '../../../lib/index.js';
import { outside, type Outside } from './support/app.js';
import { Account, Order } from './support/entities.js';
import { Log } from './support/log.js';

@Entity({ collection: 'orders' })
class Invoice {
  @Id() id!: ObjectId;
}

@Entity({ collection: 'animals', discriminator: 'kind' })
@Index({ name: 1 })
class Animal {
  @Id() id!: ObjectId;
  @Prop() name!: string;
}

@Entity()
@Index({ lives: 1 })
class Cat extends Animal {
  @Prop() lives!: number;
}

@Entity({ collection: 'articles' })
@Index({ title: 'text', body: 'text' }, { name: 'search', default_language: 'english' })
@Index({ title: 1 }, { collation: { locale: 'de', strength: 2 }, name: 'title_de' })
@Index({ title: 1 })
@Index({ deletedAt: 1 }, { expireAfterSeconds: 60, partialFilterExpression: { title: { $exists: true } } })
class Article {
  @Id() id!: ObjectId;
  @Prop() title!: string;
  @Prop({ name: 'text' }) body!: string;
  @Prop() deletedAt!: Date;
}

@Entity({ collection: 'reports', readonly: true })
class Report {
  @Id() id!: ObjectId;
}

class NoEntity {}

let at: Outside;
beforeEach(() => {
  at = outside();
});
afterEach(() => at.end());

/** Starts and ends an application with these entities; answers its log. */
async function start(entities: ClassType[], options: Partial<CowModuleOptions> = {}): Promise<Log> {
  const log = new Log();
  const app = await Test.createTestingModule({
    imports: [CowModule.forRoot({ ...at.options, ...options }), CowModule.forFeature(entities)],
  })
    .setLogger(log)
    .compile();
  try {
    await app.init();
  } finally {
    await app.close();
  }
  return log;
}

const indexesOf = async (collection: string) =>
  (await at.collection(collection).indexes()).map(({ name }) => name).sort();

describe('at start', () => {
  it('collections and declared indexes are created, by a plan that is logged', async () => {
    const log = await start([Order, Account]);
    expect(await indexesOf('orders')).toEqual(['_id_', 'customer_1_qty_-1']);
    expect(await indexesOf('accounts')).toEqual(['_id_', 'email_1']);
    expect(log.with('Creating in')).toEqual([
      `log CowModule: Creating in ${at.database.name}: collection orders, collection accounts, ` +
        'index orders { customer: 1, qty: -1 }, index accounts { email: 1 } unique',
    ]);
  });

  it('what is there is left alone, and nothing is dropped', async () => {
    await at.collection('orders').createIndex({ note: 1 }, { name: 'by_hand' });
    await at.collection('orders').createIndex({ customer: 1, qty: -1 }, { name: 'under_another_name' });
    await start([Order, Article]);
    expect(await indexesOf('orders')).toEqual(['_id_', 'by_hand', 'under_another_name']);
    expect(await indexesOf('articles')).toHaveLength(5);
    expect((await start([Order, Article])).with('Creating in')).toEqual([]);
  });

  it('nothing is created when that is switched off', async () => {
    await start([Order], { autoCreate: false });
    expect(await at.db.listCollections().toArray()).toEqual([]);
  });

  it('what is only read is not created', async () => {
    expect((await start([Report])).with('Creating in')).toEqual([]);
    expect(await at.db.listCollections().toArray()).toEqual([]);
  });

  it('a view is not indexed', async () => {
    await at.db.createCollection('all');
    await at.db.createCollection('orders', { viewOn: 'all' });
    expect((await start([Order])).with('Creating in')).toEqual([]);
  });

  it('the classes below a discriminator share a collection', async () => {
    await start([Animal]);
    expect(await indexesOf('animals')).toEqual(['_id_', 'lives_1', 'name_1']);
  });

  it('two applications may start at once', async () => {
    await Promise.all([start([Order, Account]), start([Order, Account])]);
    expect(await indexesOf('orders')).toHaveLength(2);
  });
});

describe('a mistake ends the start', () => {
  it('an index with other options, named with its entity', async () => {
    await at.collection('accounts').createIndex({ email: 1 });
    await expect(start([Account])).rejects.toMatchObject({
      code: 'IndexNotCreated',
      entity: 'Account',
      message: expect.stringContaining('{ email: 1 } unique cannot be created: it exists with another value of unique'),
    });
    expect(await indexesOf('accounts')).toEqual(['_id_', 'email_1']);
  });

  it('a name that is taken', async () => {
    await at.collection('articles').createIndex({ body: 1 }, { name: 'search' });
    await expect(start([Article])).rejects.toThrow(/another one has its name, search/);
  });

  it('documents that a unique index does not admit', async () => {
    await at.collection('accounts').insertMany([{ email: 'secret' }, { email: 'secret' }]);
    const error = (await start([Account]).catch((reason: unknown) => reason)) as Error;
    expect(error.message).toMatch(/Account: the index \{ email: 1 \} unique .* equal values/);
    expect(error.message).not.toContain('secret');
  });

  it('two entities on one collection', async () => {
    await expect(start([Order, Invoice], { autoCreate: false })).rejects.toThrow(/Invoice.*"orders" of Order/);
  });

  it('a class that is no entity', async () => {
    // A client of our own would stay open: Nest runs no hook when a provider fails.
    const shared = { client: at.client, uri: undefined, clientOptions: undefined } as object;
    await expect(start([NoEntity], shared)).rejects.toMatchObject({ code: 'NotAnEntity' });
    expect(() => CowModule.forFeature([undefined as never])).toThrow(/circle/);
  });
});

it('Cat is one of the family', () => {
  expect(new Cat()).toBeInstanceOf(Animal);
});
