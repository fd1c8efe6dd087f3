import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { CowHealthIndicator } from '../../lib/terminus/index.js';
import { HealthController } from './health.controller.js';

@Module({ imports: [TerminusModule], providers: [CowHealthIndicator], controllers: [HealthController] })
export class HealthModule {}
