import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsString, Length, Max, Min } from 'class-validator';

/** How many pieces of a product. */
export class OrderLineDto {
  @ApiProperty({ example: 'P-00001' })
  @IsString()
  @Length(1, 40)
  sku!: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 1_000, example: 2 })
  @IsInt()
  @Min(1)
  @Max(1_000)
  quantity!: number;
}
