import { Module } from '@nestjs/common';
import { CowModule } from '../../lib/index.js';
import { Customer } from './customer.entity.js';
import { CustomersController } from './customers.controller.js';

@Module({
  imports: [CowModule.forFeature([Customer])],
  controllers: [CustomersController],
})
export class CustomersModule {}
