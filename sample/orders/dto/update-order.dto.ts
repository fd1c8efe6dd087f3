import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsEnum,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { AddressChangesDto } from '../../shared/address.dto.js';
import { OrderStatus } from '../order-status.js';
import { OrderLineDto } from './order-line.dto.js';

class OrderFieldsDto {
  @ApiProperty({ example: 'Ring twice' })
  @IsString()
  @MaxLength(500)
  note!: string;

  @ApiProperty({ enum: OrderStatus, enumName: 'OrderStatus' })
  @IsEnum(OrderStatus)
  status!: OrderStatus;

  @ApiProperty({ type: [String], description: 'All of them.' })
  @IsArray()
  @IsString({ each: true })
  @MaxLength(30, { each: true })
  @ArrayMaxSize(20)
  tags!: string[];

  @ApiProperty({ type: AddressChangesDto, description: 'Parts of the address.' })
  @IsObject()
  @ValidateNested()
  @Type(() => AddressChangesDto)
  address!: AddressChangesDto;

  @ApiProperty({ type: [OrderLineDto], description: 'New quantities, of lines that the order has.' })
  @IsArray()
  @ArrayUnique((line?: OrderLineDto) => line?.sku)
  @ValidateNested({ each: true })
  @Type(() => OrderLineDto)
  items!: OrderLineDto[];
}

/** Some fields of an order: what is left out stays as it is. */
export class OrderChangesDto extends PartialType(OrderFieldsDto, { skipNullProperties: false }) {}

/**
 * What a form sends: the fields that its user changed and, in the same shape, the values that the form showed for them
 * before: `{ "note": "Ring twice", "seen": { "note": "" } }`. When someone else has changed one of them since, nothing
 * is changed, and the answer is 409.
 */
export class UpdateOrderDto extends OrderChangesDto {
  @ApiPropertyOptional({ type: OrderChangesDto, description: 'The values that the client saw before.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => OrderChangesDto)
  seen?: OrderChangesDto;
}
