import { Body, Controller, Get, Inject, Param, Patch } from '@nestjs/common';

/** What each participant brings: the same handlers run on all. */
export interface Orders {
  list(): Promise<unknown>;
  get(id: string): Promise<unknown>;
  change(id: string, status: string): Promise<unknown>;
}

export const ORDERS = 'ORDERS';

@Controller('orders')
export class OrdersController {
  constructor(@Inject(ORDERS) private readonly orders: Orders) {}

  @Get()
  list(): Promise<unknown> {
    return this.orders.list();
  }

  @Get(':id')
  get(@Param('id') id: string): Promise<unknown> {
    return this.orders.get(id);
  }

  @Patch(':id')
  change(@Param('id') id: string, @Body('status') status: string): Promise<unknown> {
    return this.orders.change(id, status);
  }
}
