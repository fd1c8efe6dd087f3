import { ApiProperty } from '@nestjs/swagger';
import { AddressDto } from '../../shared/address.dto.js';
import { OrderStatus } from '../order-status.js';

/** A line of an order, as it is answered. */
export class LineItemDto {
  @ApiProperty({ example: 'P-00001' }) sku!: string;
  @ApiProperty({ example: 'Walnut desk lamp' }) name!: string;
  @ApiProperty({ type: 'integer', example: 4_990, description: 'Of one piece, in cents.' }) price!: number;
  @ApiProperty({ type: 'integer', example: 2 }) quantity!: number;
}

/** An order, as it is answered. */
export class OrderDto {
  @ApiProperty({ example: '00000003a0c4f27b5e90d311', description: 'ObjectId as hex.' }) id!: string;
  @ApiProperty({ example: '00000002a0c4f27b5e90d311', description: 'ObjectId as hex.' }) customerId!: string;
  @ApiProperty({ type: [LineItemDto] }) items!: LineItemDto[];
  @ApiProperty({ type: AddressDto }) address!: AddressDto;
  @ApiProperty({ type: [String], example: ['gift'] }) tags!: string[];
  @ApiProperty({ example: 'Ring twice' }) note!: string;
  @ApiProperty({ enum: OrderStatus, enumName: 'OrderStatus' }) status!: OrderStatus;
  @ApiProperty({ format: 'date-time' }) placedAt!: string;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
  @ApiProperty({ format: 'date-time' }) updatedAt!: string;
}
