import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Param, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ERROR_TABLE, CowError, type ErrorCode, type ErrorDetails } from '../../../lib/errors/index.js';
import { outside, PLATFORMS, RunningApp } from '../nest/support/app.js';

const CODES = Object.keys(ERROR_TABLE) as ErrorCode[];

/** Every detail that a row can take; what the issue holds beyond names must not get out. */
const DETAILS: ErrorDetails = {
  entity: 'Order',
  field: 'note',
  id: '65f0c0ffee65f0c0ffee65f0',
  flushId: '4bd1',
  option: 'flush()',
  reason: 'it is so',
  issues: [{ entity: 'Order', field: 'note', message: 'note is too long', theirs: 'a stored value' } as never],
};

const errorOf = (code: string) => new CowError(code as ErrorCode, DETAILS);

class ThrowingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    throw errorOf(context.switchToHttp().getRequest<{ params: { code: string } }>().params.code);
  }
}

@Controller()
class ThrowingController {
  @Get('handler/:code')
  handler(@Param('code') code: string): never {
    throw errorOf(code);
  }

  @Get('guard/:code')
  @UseGuards(ThrowingGuard)
  guard(): void {
    // never reached
  }
}

describe.each(PLATFORMS)('error bodies on %s', (platform) => {
  const at = outside();
  let app: RunningApp;
  beforeAll(async () => (app = await RunningApp.start(at, { platform, controllers: [ThrowingController] })));
  afterAll(async () => {
    await app.stop();
    await at.end();
  });

  it.each(CODES)('%s has the shape of all others, whoever threw it', async (code) => {
    const { status, remedy } = errorOf(code);
    for (const thrower of ['handler', 'guard']) {
      const response = await app.http.get(`/${thrower}/${code}`).expect(status);
      expect(response.headers['content-type']).toMatch(/^application\/json/);
      const body = response.body as Record<string, unknown>;
      expect(body).toEqual({
        statusCode: status,
        code,
        message: expect.stringMatching(/\S/) as unknown,
        entity: 'Order',
        id: DETAILS.id,
        field: 'note',
        issues: [{ entity: 'Order', field: 'note', message: 'note is too long' }],
        flushId: '4bd1',
        remedy,
      });
      expect(body.message).not.toContain(remedy); // said once
      expect(response.text).not.toContain('stored value');
      expect(response.headers['retry-after']).toBe(code === 'StoreUnavailable' ? '1' : undefined);
    }
  });
});
