import { ApiProperty } from '@nestjs/swagger';

/** A product, as it is answered. */
export class ProductDto {
  @ApiProperty({ example: '00000001a0c4f27b5e90d311', description: 'ObjectId as hex.' }) id!: string;
  @ApiProperty({ example: 'P-00001' }) sku!: string;
  @ApiProperty({ example: 'Walnut desk lamp' }) name!: string;
  @ApiProperty() description!: string;
  @ApiProperty({ type: 'integer', example: 4_990, description: 'In cents.' }) price!: number;
  @ApiProperty({ type: 'integer', example: 12 }) stock!: number;
  @ApiProperty({ type: 'integer', example: 311 }) views!: number;
  @ApiProperty({ type: 'integer', example: 1 }) version!: number;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
  @ApiProperty({ format: 'date-time' }) updatedAt!: string;
}
