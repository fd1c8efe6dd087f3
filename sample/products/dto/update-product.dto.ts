import { ApiProperty, PartialType } from '@nestjs/swagger';
import { IsInt, IsString, Length, MaxLength, Min } from 'class-validator';

class ProductFieldsDto {
  @ApiProperty({ example: 'Walnut desk lamp' })
  @IsString()
  @Length(1, 200)
  name!: string;

  @ApiProperty()
  @IsString()
  @MaxLength(2_000)
  description!: string;

  @ApiProperty({ type: 'integer', minimum: 0, example: 4_990, description: 'In cents.' })
  @IsInt()
  @Min(0)
  price!: number;

  @ApiProperty({ type: 'integer', minimum: 0, example: 12 })
  @IsInt()
  @Min(0)
  stock!: number;
}

/** Some of a product: what is left out stays as it is. */
export class UpdateProductDto extends PartialType(ProductFieldsDto, { skipNullProperties: false }) {}
