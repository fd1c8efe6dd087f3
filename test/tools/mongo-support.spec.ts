import { BSON, Int32, MongoClient } from 'mongodb';

import { testDatabase } from '../support/mongo.js';
import { observeCommands } from '../support/mongo-commands.js';

describe('the tests’ own support', () => {
  const database = testDatabase();
  const client = new MongoClient(database.uri, { monitorCommands: true });
  const documents = client.db(database.name).collection<{ _id: number; n?: unknown }>('documents');

  afterAll(async () => {
    await client.close();
    await database.drop();
  });

  it('gives each suite a database of its own', () => {
    expect(database.name).toMatch(/^cow_test_[0-9a-f]{16}$/);
    expect(testDatabase().name).not.toBe(database.name);
  });

  it('observes commands as they were sent, and tells writes from reads', async () => {
    const commands = observeCommands(client);
    const nested = { text: 'sent' };
    await documents.insertOne({ _id: 1, n: nested });
    nested.text = 'changed afterwards';
    await documents.findOne({ _id: 1 });
    await documents.updateOne({ _id: 1 }, { $set: { n: new Int32(2) } });
    await documents.insertOne({ _id: 1 }).catch(() => undefined);

    expect(commands.all().map(({ name }) => name)).toEqual(['insert', 'find', 'update', 'insert']);
    const [insert, update, duplicate] = commands.writes();
    expect(insert).toMatchObject({ database: database.name, outcome: 'succeeded', reply: { n: 1 } });
    expect(insert!.command.documents).toEqual([{ _id: 1, n: { text: 'sent' } }]);
    expect(update!.command.updates[0].u).toEqual({ $set: { n: 2 } });
    expect(BSON.deserialize(update!.bson, { promoteValues: false }).updates[0].u.$set.n).toBeInstanceOf(Int32);
    expect(duplicate!.reply!.writeErrors[0].code).toBe(11_000);

    commands.clear();
    expect(commands.all()).toEqual([]);
    commands.stop();
    await documents.findOne({ _id: 1 });
    expect(commands.all()).toEqual([]);
  });

  it('counts a commit as a write, and an abort not', async () => {
    const commands = observeCommands(client);
    await client.withSession(async (session) => {
      for (const end of ['commitTransaction', 'abortTransaction'] as const) {
        session.startTransaction();
        await documents.updateOne({ _id: 1 }, { $set: { n: end } }, { session });
        await session[end]();
      }
    });
    expect(commands.writes().map(({ name }) => name)).toEqual(['update', 'commitTransaction', 'update']);
    expect(commands.named('abortTransaction')).toHaveLength(1);
    commands.stop();
  });

  it('refuses a client that reports no commands', () => {
    expect(() => observeCommands(new MongoClient(database.uri))).toThrow('monitorCommands: true');
  });
});
