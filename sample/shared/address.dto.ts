import { ApiProperty, PartialType } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';

export class AddressDto {
  @ApiProperty({ example: '12 Station Road' })
  @IsString()
  @Length(1, 100)
  street!: string;

  @ApiProperty({ example: '04109' })
  @IsString()
  @Length(1, 20)
  zip!: string;

  @ApiProperty({ example: 'Leipzig' })
  @IsString()
  @Length(1, 100)
  city!: string;

  @ApiProperty({ example: 'Germany' })
  @IsString()
  @Length(1, 100)
  country!: string;
}

/** Some of an address: what is left out stays as it is. */
export class AddressChangesDto extends PartialType(AddressDto, { skipNullProperties: false }) {}
