import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import { Db } from 'mongodb';
import { InjectDatabase } from '../../lib/index.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    @InjectDatabase() private readonly database: Db,
  ) {}

  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([
      async () =>
        this.indicators
          .check('mongodb')
          .attempt(() => this.ping())
          .withTimeout(2_000),
    ]);
  }

  private async ping(): Promise<void> {
    await this.database.command({ ping: 1 });
  }
}
