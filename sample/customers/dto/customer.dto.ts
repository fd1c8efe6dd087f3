import { ApiProperty } from '@nestjs/swagger';
import { AddressDto } from '../../shared/address.dto.js';

/** A customer, as it is answered. */
export class CustomerDto {
  @ApiProperty({ example: '00000002a0c4f27b5e90d311', description: 'ObjectId as hex.' }) id!: string;
  @ApiProperty({ example: 'Ada Brook' }) name!: string;
  @ApiProperty({ example: 'ada.brook@example.com' }) email!: string;
  @ApiProperty({ type: AddressDto }) address!: AddressDto;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
}
