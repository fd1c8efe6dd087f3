import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Index, Prop } from '../../../lib/mapping/index.js';
import { errorOf, useWorld } from '../support/world.js';

@Embedded()
class Contact {
  @Prop({ name: 'm' }) email!: string;
}

@Entity({ collection: 'users' })
@Index({ login: 1 }, { unique: true, name: 'login_unique' })
@Index({ tenant: 1, number: 1 }, { unique: true, sparse: true })
class User {
  @Id() id!: ObjectId;
  @Prop({ name: 'l' }) login!: string;
  @Prop() tenant?: string;
  @Prop() number?: number;
  @Prop() contact?: Contact;
}

const world = useWorld();
const users = () => world.repository(User);
let ids: ObjectId[];

beforeAll(async () => {
  await world.raw(User).createIndex({ l: 1 }, { unique: true, name: 'login_unique' });
  await world.raw(User).createIndex({ tenant: 1, number: 1 }, { unique: true, sparse: true, name: 'numbers' });
  await world.raw(User).createIndex({ 'contact.m': 1 }, { unique: true, sparse: true, name: 'mails' });
});

beforeEach(async () => {
  await world.raw(User).deleteMany({});
  ids = ['a', 'b', 'c', 'd'].map(() => new ObjectId());
  await world.raw(User).insertMany(['a', 'b', 'c', 'd'].map((l, n) => ({ _id: ids[n]!, l })));
});

const logins = async () =>
  Object.fromEntries(
    (await world.raw(User).find().toArray()).map(({ _id, l }) => [ids.findIndex((id) => id.equals(_id)), l as string]),
  );

describe('one flush', () => {
  it('inserts a value that a delete frees', async () => {
    await world.uow.run(async () => {
      users().create({ login: 'a' });
      users().remove(await users().getById(ids[0]!));
    });
    expect(await world.raw(User).countDocuments({ l: 'a' })).toBe(1);
  });

  it('inserts a value that an update frees', async () => {
    await world.uow.run(async () => {
      users().create({ login: 'a' });
      (await users().getById(ids[0]!)).login = 'z';
    });
    expect(await logins()).toMatchObject({ 0: 'z', [-1]: 'a' });
  });

  it('updates to a value that a delete frees', async () => {
    await world.uow.run(async () => {
      const [a, b] = await users().findByIds(ids);
      b!.login = 'a';
      users().remove(a!);
    });
    expect(await logins()).toEqual({ 1: 'a', 2: 'c', 3: 'd' });
  });

  it('hands values on along a chain, in whatever order they are changed', async () => {
    await world.uow.run(async () => {
      const [a, b, c] = await users().findByIds(ids);
      a!.login = 'b';
      b!.login = 'c';
      c!.login = 'z';
    });
    expect(await logins()).toEqual({ 0: 'b', 1: 'c', 2: 'z', 3: 'd' });
  });

  it('swaps two values', async () => {
    await world.uow.run(async () => {
      const [a, b] = await users().findByIds(ids);
      [a!.login, b!.login] = [b!.login, a!.login];
    });
    expect(await logins()).toEqual({ 0: 'b', 1: 'a', 2: 'c', 3: 'd' });
  });

  it('rotates many', async () => {
    await world.uow.run(async () => {
      const all = await users().findByIds(ids);
      const values = all.map(({ login }) => login);
      all.forEach((user, n) => (user.login = values[(n + 1) % values.length]!));
    });
    expect(await logins()).toEqual({ 0: 'b', 1: 'c', 2: 'd', 3: 'a' });
  });

  it('knows indexes of several fields', async () => {
    await world.raw(User).updateOne({ _id: ids[0] }, { $set: { tenant: 't', number: 1 } });
    await world.raw(User).updateOne({ _id: ids[1] }, { $set: { tenant: 't', number: 2 } });
    await world.uow.run(async () => {
      const [a, b] = await users().findByIds(ids);
      a!.number = 2;
      b!.number = 1;
    });
    expect(await world.read(User, ids[0])).toMatchObject({ tenant: 't', number: 2 });
    expect(await world.read(User, ids[1])).toMatchObject({ tenant: 't', number: 1 });
  });
});

describe('a duplicate key', () => {
  it.each<[string, (login: string) => unknown]>([
    ['of an insert', (login) => users().create({ login })],
    [
      'of an update',
      async (login) => {
        (await users().getById(ids[1]!)).login = login;
      },
    ],
  ])('%s names entity, field and index; alone and in a transaction', async (_, write) => {
    for (const beside of [false, true]) {
      const error = await errorOf(
        world.uow.run(async () => {
          await write('a');
          if (beside) (await users().getById(ids[3]!)).tenant = 'x';
        }),
      );
      expect(error).toMatchObject({ code: 'DuplicateKey', status: 409, entity: 'User', field: 'login' });
      expect(error.message).toContain('login_unique');
      expect(error.message).not.toContain('"a"'); // a stored value
      expect(await logins()).toEqual({ 0: 'a', 1: 'b', 2: 'c', 3: 'd' });
      expect(await world.read(User, ids[3])).not.toHaveProperty('tenant');
    }
  });

  it('of several fields names them all', async () => {
    await world.raw(User).updateOne({ _id: ids[0] }, { $set: { tenant: 't', number: 1 } });
    const error = await errorOf(
      world.uow.run(async () => {
        const user = await users().getById(ids[1]!);
        user.tenant = 't';
        user.number = 1;
      }),
    );
    expect(error).toMatchObject({ code: 'DuplicateKey', field: 'tenant, number' });
  });

  it('of an embedded field names its path', async () => {
    await world.raw(User).updateOne({ _id: ids[0] }, { $set: { contact: { m: 'a@b.c' } } });
    const error = await errorOf(world.uow.run(() => void users().create({ login: 'z', contact: { email: 'a@b.c' } })));
    expect(error).toMatchObject({ code: 'DuplicateKey', field: 'contact.email' });
  });

  it('of an id is one too: an id that the application chose proves nothing', async () => {
    const error = await errorOf(world.uow.run(() => void users().create({ id: ids[0]!, login: 'a' })));
    expect(error).toMatchObject({ code: 'DuplicateKey', field: 'id', entity: 'User', id: ids[0]!.toHexString() });
  });
});
