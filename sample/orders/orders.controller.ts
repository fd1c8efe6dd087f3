import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ObjectId } from 'mongodb';
import { ParseObjectIdPipe, ReadOnly } from '../../lib/index.js';
import { ErrorDto } from '../shared/error.dto.js';
import { ListOrdersDto } from './dto/list-orders.dto.js';
import { OrderDto } from './dto/order.dto.js';
import { PlaceOrderDto } from './dto/place-order.dto.js';
import { RehearsalDto } from './dto/rehearsal.dto.js';
import { UpdateOrderDto } from './dto/update-order.dto.js';
import { Order } from './order.entity.js';
import { OrdersService } from './orders.service.js';

@ApiTags('orders')
@ApiBadRequestResponse({ type: ErrorDto })
@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Get()
  @ReadOnly()
  @ApiOperation({ summary: 'Lists orders, the latest first' })
  @ApiOkResponse({ type: [OrderDto] })
  list(@Query() query: ListOrdersDto): Promise<Order[]> {
    return this.orders.list(query);
  }

  @Get(':id')
  @ReadOnly()
  @ApiOperation({ summary: 'Answers an order' })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: OrderDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  get(@Param('id', ParseObjectIdPipe) id: ObjectId): Promise<Order> {
    return this.orders.get(id);
  }

  @Post()
  @ApiOperation({ summary: 'Places an order, and takes its pieces from the stock of each product' })
  @ApiCreatedResponse({ type: OrderDto })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'No such customer or product.' })
  @ApiConflictResponse({ type: ErrorDto, description: 'Not enough in stock.' })
  place(@Body() order: PlaceOrderDto): Promise<Order> {
    return this.orders.place(order);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes some fields of an order, if they still are as the client saw them' })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: OrderDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'Someone else changed one of the fields.' })
  update(@Param('id', ParseObjectIdPipe) id: ObjectId, @Body() changes: UpdateOrderDto): Promise<Order> {
    return this.orders.update(id, changes);
  }

  @Post(':id/change-and-revert')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Changes an order, and takes every change back: nothing is sent' })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: RehearsalDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  changeAndRevert(@Param('id', ParseObjectIdPipe) id: ObjectId): Promise<RehearsalDto> {
    return this.orders.changeAndRevert(id);
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Removes an order' })
  @ApiParam({ name: 'id', type: String })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: ErrorDto })
  remove(@Param('id', ParseObjectIdPipe) id: ObjectId): Promise<void> {
    return this.orders.remove(id);
  }
}
