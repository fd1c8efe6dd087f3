import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Patch, Req, UnauthorizedException, UseGuards } from '@nestjs/common';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-http-bearer';
import { InjectRepository, Repository } from '../../../lib/index.js';
import { outside, PLATFORMS, RunningApp } from './support/app.js';
import { Account } from './support/entities.js';

@Injectable()
class BearerStrategy extends PassportStrategy(Strategy) {
  constructor(@InjectRepository(Account) private readonly accounts: Repository<Account>) {
    super();
  }

  async validate(token: string) {
    const account = await this.accounts.findOne({ email: token });
    if (account === null) throw new UnauthorizedException();
    return account;
  }
}

@Controller('me')
@UseGuards(AuthGuard('bearer'))
class Me {
  constructor(@InjectRepository(Account) private readonly accounts: Repository<Account>) {}

  @Patch()
  async change(@Req() http: { user: Account }) {
    http.user.email = 'new@b.c';
    return { same: http.user === (await this.accounts.getById(http.user.id)) };
  }
}

describe.each(PLATFORMS)('a Passport strategy on %s', (platform) => {
  const at = outside();
  let app: RunningApp;

  beforeAll(async () => {
    app = await RunningApp.start(at, {
      platform,
      entities: [Account],
      imports: [PassportModule],
      controllers: [Me],
      providers: [BearerStrategy],
    });
  });
  afterAll(async () => {
    await app.stop();
    await at.end();
  });
  beforeEach(async () => {
    await at.collection('accounts').deleteMany({});
    await at.insert('accounts', { email: 'a@b.c', version: 1 });
    app.commands.clear();
  });

  it('loads its user in the unit of work of the request', async () => {
    await app.http.patch('/me').set('authorization', 'Bearer a@b.c').send({ x: 1 }).expect(200, { same: true });
    expect(await at.collection('accounts').findOne()).toMatchObject({ email: 'new@b.c', version: 2 });
    expect(app.commands.writes()).toHaveLength(1);
    expect(app.commands.named('find')).toHaveLength(1);
  });

  it('that refuses leaves nothing sent', async () => {
    await app.http.patch('/me').set('authorization', 'Bearer x').expect(401);
    expect(app.commands.writes()).toEqual([]);
  });
});
