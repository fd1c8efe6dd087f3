import { Controller, Get, Param } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { ObjectId } from 'mongodb';
import { InjectRepository, ParseObjectIdPipe, ReadOnly, Repository } from '../../lib/index.js';
import { ErrorDto } from '../shared/error.dto.js';
import { Customer } from './customer.entity.js';
import { CustomerDto } from './dto/customer.dto.js';

@ApiTags('customers')
@ReadOnly()
@Controller('customers')
export class CustomersController {
  constructor(@InjectRepository(Customer) private readonly customers: Repository<Customer>) {}

  @Get(':id')
  @ApiOperation({ summary: 'Answers a customer' })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: CustomerDto })
  @ApiBadRequestResponse({ type: ErrorDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  get(@Param('id', ParseObjectIdPipe) id: ObjectId): Promise<Customer> {
    return this.customers.getById(id);
  }
}
