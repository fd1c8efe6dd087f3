import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ObjectId } from 'mongodb';
import { ParseObjectIdPipe, ReadOnly } from '../../lib/index.js';
import { OrderDto } from '../orders/dto/order.dto.js';
import { Order } from '../orders/order.entity.js';
import { ErrorDto } from '../shared/error.dto.js';
import { ImportDto, RowReportDto } from './dto/import.dto.js';
import { BestPlanAnswerDto, BestPlanDto, LinePriceDto, WhatIfAnswerDto, WhatIfDto } from './dto/what-if.dto.js';
import { EnrichmentService } from './enrichment.service.js';
import { ImportService } from './import.service.js';
import { PricingService } from './pricing.service.js';

@ApiTags('forks')
@ApiBadRequestResponse({ type: ErrorDto })
@Controller()
export class ForksController {
  constructor(
    private readonly pricing: PricingService,
    private readonly imports: ImportService,
    private readonly enrichment: EnrichmentService,
  ) {}

  @Get('orders/:id/prices')
  @ReadOnly()
  @ApiOperation({ summary: 'Answers the prices of an order, beside those of today' })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: [LinePriceDto] })
  @ApiNotFoundResponse({ type: ErrorDto })
  prices(@Param('id', ParseObjectIdPipe) id: ObjectId): Promise<LinePriceDto[]> {
    return this.pricing.prices(id);
  }

  @Post('orders/:id/what-if')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Agrees on a price, tries a campaign in a fork, and unites both' })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: WhatIfAnswerDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  whatIf(@Param('id', ParseObjectIdPipe) id: ObjectId, @Body() terms: WhatIfDto): Promise<WhatIfAnswerDto> {
    return this.pricing.whatIf(id, terms);
  }

  @Post('orders/:id/best-plan')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Tries several plans at once, and keeps the cheapest that brings in enough' })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: BestPlanAnswerDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  best(
    @Param('id', ParseObjectIdPipe) id: ObjectId,
    @Body() { plans, minimum }: BestPlanDto,
  ): Promise<BestPlanAnswerDto> {
    return this.pricing.best(id, plans, minimum);
  }

  @Post('orders/:id/enrichment')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Completes an order from several places at once' })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: OrderDto })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'No such order, or a line of what is not sold any more.' })
  @ApiConflictResponse({ type: ErrorDto })
  enrich(@Param('id', ParseObjectIdPipe) id: ObjectId): Promise<Order> {
    return this.enrichment.enrich(id);
  }

  @Post('products/import')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Takes the good rows of a list, and reports on every row' })
  @ApiOkResponse({ type: [RowReportDto] })
  import(@Body() { rows }: ImportDto): Promise<RowReportDto[]> {
    return this.imports.import(rows);
  }
}
