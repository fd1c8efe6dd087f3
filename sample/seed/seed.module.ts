import { Module } from '@nestjs/common';
import { CowModule } from '../../lib/index.js';
import { Customer } from '../customers/customer.entity.js';
import { Order } from '../orders/order.entity.js';
import { Product } from '../products/product.entity.js';
import { SeedMarker } from './seed-marker.entity.js';
import { Seeder } from './seeder.service.js';

@Module({
  imports: [CowModule.forFeature([Product, Customer, Order, SeedMarker])],
  providers: [Seeder],
})
export class SeedModule {}
