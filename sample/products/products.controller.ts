import { Body, Controller, Get, Headers, HttpCode, HttpStatus, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiHeader,
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
import { ListDto } from '../shared/list.dto.js';
import { ProductDto } from './dto/product.dto.js';
import { UpdateProductDto } from './dto/update-product.dto.js';
import { Product } from './product.entity.js';
import { ProductsService } from './products.service.js';

@ApiTags('products')
@ApiBadRequestResponse({ type: ErrorDto })
@Controller('products')
export class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  @ReadOnly()
  @ApiOperation({ summary: 'Lists products by SKU' })
  @ApiOkResponse({ type: [ProductDto] })
  list(@Query() { limit }: ListDto): Promise<Product[]> {
    return this.products.list(limit);
  }

  @Get(':id')
  @ReadOnly()
  @ApiOperation({ summary: 'Answers a product, its version as ETag' })
  @ApiParam({ name: 'id', type: String })
  @ApiOkResponse({ type: ProductDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  get(@Param('id', ParseObjectIdPipe) id: ObjectId): Promise<Product> {
    return this.products.get(id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes a product, if it still has the version that If-Match names' })
  @ApiParam({ name: 'id', type: String })
  @ApiHeader({ name: 'If-Match', required: false, example: '"3"' })
  @ApiOkResponse({ type: ProductDto })
  @ApiNotFoundResponse({ type: ErrorDto })
  @ApiConflictResponse({ type: ErrorDto })
  update(
    @Param('id', ParseObjectIdPipe) id: ObjectId,
    @Body() changes: UpdateProductDto,
    @Headers('if-match') version?: string,
  ): Promise<Product> {
    return this.products.update(id, changes, version);
  }

  @Post(':id/views')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Counts a view' })
  @ApiParam({ name: 'id', type: String })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ type: ErrorDto })
  view(@Param('id', ParseObjectIdPipe) id: ObjectId): Promise<void> {
    return this.products.countView(id);
  }
}
