import { beforeEach, describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsEmail, IsInt, IsOptional, Min, ValidateNested } from 'class-validator';
import { ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop, Version } from '../../../lib/mapping/index.js';
import { errorOf, useWorld } from '../support/world.js';

@Embedded({ key: 'sku' })
class Line {
  @Prop() sku!: string;
  @Prop() @IsInt() @Min(1) qty!: number;
}

@Entity({ collection: 'accounts' })
class Account {
  @Id() id!: ObjectId;
  @Prop() @IsEmail() email!: string;
  @Prop() @IsInt() @Min(0) age!: number;
  @Prop() plain?: string;
  @Prop(() => [Line]) @IsOptional() @ValidateNested({ each: true }) @ArrayMaxSize(3) @Type(() => Line) lines?: Line[];
  @Version() version!: number;
}

const world = useWorld();
const accounts = () => world.repository(Account);
let id: ObjectId;

beforeEach(async () => {
  // What is stored already is not valid: it is not looked at.
  id = await world.stored(Account, { email: 'broken', age: -1, lines: [{ sku: 'x', qty: 1 }], version: 1 });
});

const change = (mutate: (account: Account) => unknown) =>
  world.uow.run(async () => {
    const account = await accounts().getById(id);
    world.commands.clear();
    await mutate(account);
  });

describe('a flush validates', () => {
  it('new entities whole', async () => {
    const error = await errorOf(world.uow.run(() => void accounts().create({ email: 'x', age: 1.5 })));
    expect(error).toMatchObject({ code: 'ValidationFailed', status: 400, entity: 'Account' });
    expect(error.issues).toMatchObject([
      { entity: 'Account', field: 'email', constraints: { isEmail: expect.any(String) } },
      { entity: 'Account', field: 'age', constraints: { isInt: expect.any(String) } },
    ]);
    expect(error.message).toContain('email');
    expect(world.commands.all()).toEqual([]);
  });

  it('changed fields of loaded ones only', async () => {
    await change((account) => (account.plain = 'x'));
    expect(await world.read(Account, id)).toMatchObject({ plain: 'x', email: 'broken' });
    const error = await errorOf(change((account) => (account.age = -5)));
    expect(error.issues).toMatchObject([
      { field: 'age', id: id.toHexString(), constraints: { min: expect.any(String) } },
    ]);
    expect(error.issues).toHaveLength(1);
    expect(world.commands.all()).toEqual([]);
  });

  it('nested values, by their path', async () => {
    const error = await errorOf(change((account) => account.lines!.push({ sku: 'y', qty: 0 })));
    expect(error.issues).toMatchObject([{ field: 'lines.1.qty', constraints: { min: expect.any(String) } }]);
    expect((await errorOf(change((account) => (account.lines![0]!.qty = 1.5)))).issues).toMatchObject([
      { field: 'lines.0.qty' },
    ]);
    expect(world.commands.all()).toEqual([]);
  });

  it('all entities before it sends any', async () => {
    const error = await errorOf(
      change((account) => {
        account.email = 'ada@example.org';
        accounts().create({ email: 'x', age: 1 });
        accounts().create({ email: 'y', age: 1 });
      }),
    );
    expect(error.issues).toHaveLength(2);
    expect(await world.read(Account, id)).toMatchObject({ email: 'broken' });
  });

  it('nothing that is removed', async () => {
    await change((account) => {
      account.age = -9;
      accounts().remove(account);
    });
    expect(await world.read(Account, id)).toBeNull();
  });

  it('and touches nothing by it: the changes of the next flush are the application’s', async () => {
    await change(async (account) => {
      account.age = 5;
      await world.uow.flush();
      world.commands.clear();
    });
    expect(world.commands.all()).toEqual([]);
  });

  it('leaves the unit of work usable', async () => {
    await change(async (account) => {
      account.email = 'x';
      account.age = 7;
      expect((await errorOf(world.uow.flush())).code).toBe('ValidationFailed');
      expect(account).toMatchObject({ email: 'x', age: 7 });
      account.email = 'ada@example.org';
    });
    expect(await world.read(Account, id)).toMatchObject({ email: 'ada@example.org', age: 7, version: 2 });
  });

  it('does not mention values', async () => {
    const error = await errorOf(change((account) => (account.email = 'secret-value')));
    expect(JSON.stringify(error.issues) + error.message).not.toContain('secret-value');
  });
});

describe('a flush of a connection with validate: false', () => {
  const lax = useWorld({ validate: false });

  it('validates nothing', async () => {
    const made = await lax.uow.run(() => lax.repository(Account).create({ email: 'x', age: 1.5 }));
    expect(await lax.read(Account, made.id)).toMatchObject({ email: 'x', age: 1.5 });
  });
});

describe('a DTO pushed into a list', () => {
  class LineDto {
    sku = 'y';
    qty = 2;
    evil = true;
    nested = { deep: 1 };
  }

  it('brings nothing extra, and comes back as its class', async () => {
    await change(async (account) => {
      account.lines!.push(new LineDto(), { sku: 'z', qty: 3, evil: 1 } as never);
      await world.uow.flush();
      const again = await world.uow.run(() => accounts().find({ id }, { readonly: true }));
      expect(again[0]!.lines!.map((line) => line.constructor)).toEqual([Line, Line, Line]);
      world.commands.clear();
    });
    expect(world.commands.all()).toEqual([]); // the DTO itself, still in the list, is no change
    expect((await world.read(Account, id))!.lines).toEqual([
      { sku: 'x', qty: 1 },
      { sku: 'y', qty: 2 },
      { sku: 'z', qty: 3 },
    ]);
  });
});
