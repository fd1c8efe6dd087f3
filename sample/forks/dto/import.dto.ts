import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsObject } from 'class-validator';

export class ImportDto {
  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: [{ sku: 'P-90001', name: 'Oak shelf', price: 12_900, stock: 4 }],
    description: 'As the supplier sent them: each is checked by itself, and has its line in the report.',
  })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(5_000)
  @IsObject({ each: true })
  rows!: Record<string, unknown>[];
}

/** What became of one row. */
export class RowReportDto {
  @ApiProperty({ type: 'integer', example: 1, description: 'Counted from 1.' }) row!: number;
  @ApiProperty({ enum: ['added', 'changed', 'unchanged', 'rejected'] })
  outcome!: 'added' | 'changed' | 'unchanged' | 'rejected';
  @ApiPropertyOptional({ example: 'Product.price: price must not be less than 0' }) reason?: string;
}
