import { Module } from '@nestjs/common';
import { CowModule } from '../../lib/index.js';
import { Customer } from '../customers/customer.entity.js';
import { Order } from '../orders/order.entity.js';
import { Product } from '../products/product.entity.js';
import { EnrichmentService } from './enrichment.service.js';
import { ForksController } from './forks.controller.js';
import { ImportService } from './import.service.js';
import { PricingService } from './pricing.service.js';

@Module({
  imports: [CowModule.forFeature([Order, Product, Customer])],
  controllers: [ForksController],
  providers: [PricingService, ImportService, EnrichmentService],
})
export class ForksModule {}
