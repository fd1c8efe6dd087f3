import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Module,
  UseGuards,
  VersioningType,
  type CanActivate,
  type INestApplication,
  type MiddlewareConsumer,
} from '@nestjs/common';
import { currentScope } from '../../../lib/unit-of-work/context.js';
import type { Scope } from '../../../lib/unit-of-work/scope.js';
import { outside, PLATFORMS, RunningApp } from './support/app.js';

/** The units of work that middleware, guard and handler were in. */
let seen: (Scope | undefined)[] = [];

@Injectable()
class Noting implements CanActivate {
  canActivate() {
    seen.push(currentScope());
    return true;
  }
}

@Controller()
@UseGuards(Noting)
class Health {
  @Get('health')
  health() {
    seen.push(currentScope());
    return {};
  }

  @Get()
  root() {
    return this.health();
  }
}

@Controller({ path: 'versioned', version: '2' })
@UseGuards(Noting)
class Versioned {
  @Get()
  read() {
    seen.push(currentScope());
    return {};
  }
}

@Module({})
class OwnMiddleware {
  configure(consumer: MiddlewareConsumer) {
    consumer
      .apply((_request: unknown, _response: unknown, next: () => void) => {
        seen.push(currentScope());
        next();
      })
      .forRoutes('{*path}');
  }
}

type Routing = [string, (app: INestApplication) => void, string[]];
const routings: Routing[] = [
  ['no prefix', () => undefined, ['/', '/health']],
  ['a prefix', (app) => app.setGlobalPrefix('api'), ['/api', '/api/health']],
  ['a prefix with exceptions', (app) => app.setGlobalPrefix('api', { exclude: ['health'] }), ['/api', '/health']],
  [
    'versions in the path',
    (app) => app.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
    ['/api/v1/health', '/api/v2/versioned'],
  ],
];

describe.each(PLATFORMS)('on %s', (platform) => {
  const at = outside();
  afterAll(() => at.end());
  beforeEach(() => {
    seen = [];
  });

  it.each(routings)(
    '%s: one unit of work from the first middleware to the handler',
    async (_name, configure, paths) => {
      const app = await RunningApp.start(at, {
        platform,
        configure,
        imports: [OwnMiddleware],
        controllers: [Health, Versioned],
        providers: [Noting],
      });
      try {
        for (const path of paths) {
          seen = [];
          await app.http.get(path).expect(200);
          expect([path, seen.length]).toEqual([path, 3]);
          expect(seen[0]).toBeDefined();
          expect(new Set(seen).size).toBe(1);
        }
        expect(app.log.with('LegacyRouteConverter')).toEqual([]);
      } finally {
        await app.stop();
      }
    },
  );
});
